//! Whether the process lives, and whether it can take requests.

use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::app::App;

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// Whether the process still takes requests; it says no before it stops.
#[derive(Clone, Debug, Default)]
pub struct Readiness(CancellationToken);

impl Readiness {
    /// No more requests are wanted.
    pub fn close(&self) {
        self.0.cancel();
    }

    fn is_open(&self) -> bool {
        !self.0.is_cancelled()
    }

    /// Is cancelled once no more requests are wanted.
    pub(super) fn closing(&self) -> CancellationToken {
        self.0.clone()
    }
}

pub(super) fn router(app: App, readiness: Readiness) -> Router {
    Router::new()
        .route(
            "/health/live",
            get(|| async { Json(json!({ "status": "live" })) }),
        )
        .route("/health/ready", get(ready))
        .with_state((app, readiness))
}

async fn ready(State((app, readiness)): State<(App, Readiness)>) -> Response {
    if !readiness.is_open() {
        return not_ready(&app, "The process is stopping.");
    }
    match tokio::time::timeout(PATIENCE, app.db().ping()).await {
        Ok(Ok(())) => {
            // Without Redis the process serves all the same.
            let redis = app.hearing().as_str();
            Json(json!({ "status": "ready", "redis": redis })).into_response()
        }
        _ => not_ready(&app, "The database does not answer."),
    }
}

fn not_ready(app: &App, reason: &str) -> Response {
    let redis = app.hearing().as_str();
    let body = Json(json!({ "status": "not ready", "reason": reason, "redis": redis }));
    (
        StatusCode::SERVICE_UNAVAILABLE,
        [(header::RETRY_AFTER, "1")],
        body,
    )
        .into_response()
}
