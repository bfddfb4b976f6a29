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
use axum::handler::Handler;
use axum::http::StatusCode;

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
    let rates = RateLimits::new(app.config(), app.meters());
    let limits = ingest::Limits {
        body_bytes: app.config().limits.body_bytes,
        items: app.config().limits.batch_items,
        ..ingest::Limits::default()
    };
    let router = Router::new()
        .merge(health::router(app.clone(), options.readiness))
        .merge(well_known::router(app.clone()))
        .merge(metrics::router(app, &rates))
        .merge(ingest::router(
            receiving::Receiving::new(app, &rates),
            limits,
        ))
        .merge(platform::router(app, &rates, options.graphiql));
    #[cfg(feature = "test-door")]
    let router = router.merge(test_door::router(app.clone()));
    // A page whose address for touchpoints is wrong is told so, and does not take it for a failure of the network that passes.
    let not_found = not_found.layer(ingest::cross_origin());
    layers::around(router.fallback(not_found), app)
}

async fn not_found() -> (StatusCode, axum::Json<serde_json::Value>) {
    let error = ApiError::new(Code::NotFound, "There is nothing at this path.");
    let body = serde_json::json!({ "code": error.code().as_str(), "message": error.message() });
    (StatusCode::NOT_FOUND, axum::Json(body))
}
