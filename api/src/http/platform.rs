//! The two GraphQL doors: the platform's, and the storefront's for browsers.

use std::sync::Arc;
use std::time::Duration;

use async_graphql::Executor;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::Response;
use axum::routing::any;
use tower_http::cors::{Any, CorsLayer};

use super::graphql::{Endpoint, Limits, refuse};
use crate::app::App;
use crate::auth::AuthError;
use crate::auth::caller::Caller;
use crate::auth::service::Door;
use crate::error::{ApiError, Code};
use crate::graphql;

/// What callers without a valid token are to try again after.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// One of the doors.
struct Entrance<E> {
    app: App,
    door: Door,
    endpoint: Endpoint<E>,
    introspection: bool,
}

pub(super) fn router(app: &App, graphiql: bool) -> Router {
    let platform = Arc::new(Entrance {
        app: app.clone(),
        door: Door::Platform,
        endpoint: Endpoint::new(graphql::platform(app), Limits::default()),
        introspection: true,
    });
    let storefront = Arc::new(Entrance {
        app: app.clone(),
        door: Door::Storefront,
        endpoint: Endpoint::new(graphql::storefront(app), Limits::storefront()),
        introspection: graphiql,
    });
    let router = Router::new()
        .route("/graphql", any(serve).with_state(platform))
        .merge(
            Router::new()
                .route("/storefront/graphql", any(serve).with_state(storefront))
                .layer(cross_origin()),
        );
    if graphiql {
        router.merge(super::graphiql::router())
    } else {
        router
    }
}

/// Any page may ask: a token in a header is needed, and nothing is taken from cookies.
fn cross_origin() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT])
        .expose_headers([header::RETRY_AFTER])
        .max_age(Duration::from_hours(24))
}

async fn serve<E: Executor>(
    State(entrance): State<Arc<Entrance<E>>>,
    request: Request,
) -> Response {
    match entrance.caller(request.headers()).await {
        Ok(caller) => {
            let data = graphql::request_data(&entrance.app, Some(caller));
            entrance
                .endpoint
                .handle(request, data, entrance.introspection)
                .await
        }
        Err(refused) => refused,
    }
}

impl<E: Executor> Entrance<E> {
    async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Response> {
        let authorization = headers.get(header::AUTHORIZATION).map(HeaderValue::to_str);
        let Ok(authorization) = authorization.transpose() else {
            return Err(unauthenticated(headers, "The token is not valid."));
        };
        self.app
            .authenticator()
            .authenticate(self.door, authorization)
            .await
            .map_err(|error| match error {
                AuthError::Missing => {
                    unauthenticated(headers, "A token is needed: `Authorization: Bearer …`.")
                }
                AuthError::Invalid => unauthenticated(headers, "The token is not valid."),
                AuthError::Unavailable => refuse(headers, &ApiError::unavailable(RETRY_AFTER)),
            })
    }
}

fn unauthenticated(headers: &HeaderMap, message: &'static str) -> Response {
    let mut response = refuse(headers, &ApiError::new(Code::Unauthenticated, message));
    response
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}
