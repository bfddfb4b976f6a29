//! The HTTP doors: which paths there are, and what every request passes.

pub mod connections;
mod graphiql;
pub mod graphql;
mod health;
pub mod ingest;
mod layers;
pub mod limits;
mod metrics;
mod platform;
mod receiving;
#[cfg(feature = "test-door")]
mod test_door;
mod unread;
mod well_known;

use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use self::limits::Stranger;
use crate::app::App;
use crate::error::{ApiError, Code};
pub use connections::Connections;
pub use health::Readiness;
pub use limits::RateLimits;
pub use metrics::router_of_its_own as metrics_router;

/// What the router serves besides the doors that are always open.
#[derive(Clone, Debug)]
pub struct Options {
    /// GraphiQL, for development and the demo.
    pub graphiql: bool,
    /// Whether requests are still taken.
    pub readiness: Readiness,
}

/// Everything that is served.
pub fn router(app: &App, options: Options) -> Router {
    let Options {
        graphiql,
        readiness,
    } = options;
    let closing = readiness.closing();
    let rates = RateLimits::new(app.config(), app.meters());
    let limits = ingest::Limits {
        body_bytes: app.config().limits.body_bytes,
        items: app.config().limits.batch_items,
        ..ingest::Limits::default()
    };
    let router = Router::new()
        .merge(health::router(app.clone(), readiness))
        .merge(well_known::router(app, &rates))
        .merge(metrics::router(app, &rates))
        .merge(ingest::router(
            receiving::Receiving::new(app, &rates),
            limits,
        ))
        .merge(platform::router(app, &rates, graphiql, closing));
    #[cfg(feature = "test-door")]
    let router = router.merge(test_door::router(app.clone()));
    let nothing = move |request: Request| nothing_here(rates, request);
    // A page whose address for touchpoints is wrong is told so, and does not take it for a failure of the network that passes.
    let nothing = nothing.layer(ingest::cross_origin());
    layers::around(router.fallback(nothing), app)
}

/// The answer at any other path, within the limit of an address.
async fn nothing_here(rates: RateLimits, request: Request) -> Response {
    match rates.admit(request.extensions(), request.headers(), Stranger::Public) {
        Ok(()) => not_found().await,
        Err(throttled) => refuse(&throttled),
    }
}

/// An error, as the doors without a protocol of their own tell it.
fn refuse(error: &ApiError) -> Response {
    let body = serde_json::json!({ "code": error.code().as_str(), "message": error.message() });
    let mut response = (error.code().http_status(), axum::Json(body)).into_response();
    if let Some(seconds) = error.retry_after_seconds() {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

async fn not_found() -> Response {
    refuse(&ApiError::new(
        Code::NotFound,
        "There is nothing at this path.",
    ))
}
