//! A door that moves the clock. It exists only in the program that the tests start.

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;

use crate::app::App;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Move {
    /// How far the clock is ahead of the machine's, in milliseconds.
    offset_ms: i64,
}

pub(super) fn router(app: App) -> Router {
    Router::new()
        .route("/test/clock", post(move_clock))
        .with_state(app)
}

async fn move_clock(State(app): State<App>, Json(wanted): Json<Move>) -> Json<serde_json::Value> {
    app.move_clock(wanted.offset_ms);
    Json(serde_json::json!({ "now": app.now().to_string() }))
}
