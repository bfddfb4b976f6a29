//! GraphiQL, for the demo and for development: the page and its scripts, all of our own origin.

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// Nothing but what this origin serves may run; the editor styles its parts inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      font-src data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A file that is kept compressed.
struct Asset {
    path: &'static str,
    media_type: &'static str,
    gzip: &'static [u8],
}

const SCRIPT: &str = "text/javascript; charset=utf-8";
const ASSETS: [Asset; 4] = [
    Asset {
        path: "/graphiql/graphiql.js",
        media_type: SCRIPT,
        gzip: include_bytes!("../../assets/graphiql/graphiql.min.js.gz"),
    },
    Asset {
        path: "/graphiql/graphiql.css",
        media_type: "text/css; charset=utf-8",
        gzip: include_bytes!("../../assets/graphiql/graphiql.min.css.gz"),
    },
    Asset {
        path: "/graphiql/react.js",
        media_type: SCRIPT,
        gzip: include_bytes!("../../assets/graphiql/react.min.js.gz"),
    },
    Asset {
        path: "/graphiql/react-dom.js",
        media_type: SCRIPT,
        gzip: include_bytes!("../../assets/graphiql/react-dom.min.js.gz"),
    },
];

pub(super) fn router() -> Router {
    let start = include_str!("../../assets/graphiql/start.js");
    let router = Router::new().route("/graphiql", get(page)).route(
        "/graphiql/start.js",
        get(move || async move { ([(header::CONTENT_TYPE, SCRIPT)], start) }),
    );
    ASSETS.iter().fold(router, |router, asset| {
        router.route(asset.path, get(move || async move { serve(asset) }))
    })
}

async fn page() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, include_str!("../../assets/graphiql/index.html")).into_response()
}

/// Every browser takes gzip, so nothing else is offered.
fn serve(asset: &'static Asset) -> Response {
    let headers = [
        (header::CONTENT_TYPE, asset.media_type),
        (header::CONTENT_ENCODING, "gzip"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, asset.gzip).into_response()
}
