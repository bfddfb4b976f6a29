//! What others may know of us: the public keys that our tokens are verified with (RFC 7517).

use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;

use super::RateLimits;
use super::limits::Stranger;
use crate::app::App;

/// How long others may keep the keys. The next key is published for hours before it signs.
const KEPT_FOR: Duration = Duration::from_mins(15);
/// The type of a set of keys (RFC 7517, section 8.5.2).
const JWK_SET: &str = "application/jwk-set+json";

pub(super) fn router(app: &App, rates: &RateLimits) -> Router {
    Router::new()
        .route("/.well-known/jwks.json", get(keys))
        .with_state((app.clone(), rates.clone()))
}

async fn keys(State((app, rates)): State<(App, RateLimits)>, request: Request) -> Response {
    let (headers, extensions) = (request.headers(), request.extensions());
    if let Err(throttled) = rates.admit(extensions, headers, Stranger::Public) {
        return super::refuse(&throttled);
    }
    drop(request);
    let Ok(keyring) = app.authenticator().keyring().await else {
        let retry = [(header::RETRY_AFTER, "1")];
        return (StatusCode::SERVICE_UNAVAILABLE, retry).into_response();
    };
    let keys: Vec<_> = keyring
        .published(app.now())
        .into_iter()
        .map(|key| {
            json!({
                "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA",
                "kid": key.kid, "x": key.x,
            })
        })
        .collect();
    let kept = if keys.is_empty() {
        "no-store".to_owned()
    } else {
        format!("public, max-age={}", KEPT_FOR.as_secs())
    };
    let headers = [
        (header::CONTENT_TYPE, JWK_SET.to_owned()),
        (header::CACHE_CONTROL, kept),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*".to_owned()),
    ];
    (headers, json!({ "keys": keys }).to_string()).into_response()
}
