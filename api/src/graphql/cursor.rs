//! Cursors: places in a list or a stream, opaque to clients and bound to their kind.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{ApiError, Code};

/// The cursor of a place that two values name. `kind` names the list and its order.
pub fn write_cursor(kind: &str, place: &(impl Serialize, impl Serialize)) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::json!([kind, place.0, place.1]).to_string())
}

/// The place that a cursor names. One of another kind is refused.
pub fn read_cursor<A: DeserializeOwned, B: DeserializeOwned>(
    kind: &str,
    cursor: &str,
) -> Result<(A, B), ApiError> {
    decode(kind, cursor)
        .ok_or_else(|| ApiError::new(Code::BadUserInput, "The cursor is not one of this list."))
}

fn decode<A: DeserializeOwned, B: DeserializeOwned>(kind: &str, cursor: &str) -> Option<(A, B)> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (named, a, b): (String, A, B) = serde_json::from_slice(&bytes).ok()?;
    (named == kind).then_some((a, b))
}
