//! Which source a request comes from, by what its client says.

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use lazo_entity::source;

use crate::source::origin;

/// The key of the source in the headers: in `X-Write-Key`, else as the user name of HTTP Basic.
///
/// It goes before one in the body because some clients send a masked key there. A key has no colon, so what follows one is a secret
/// that some clients join to the key, or the empty password of HTTP Basic.
pub(super) fn in_headers(headers: &HeaderMap) -> Option<String> {
    let own = || {
        headers
            .get("x-write-key")?
            .to_str()
            .ok()
            .and_then(before_colon)
    };
    let basic = || before_colon(&basic_credentials(headers)?);
    own().or_else(basic)
}

/// The key of the source in what the body has for it.
pub(super) fn in_body(write_key: Option<&str>) -> Option<String> {
    write_key.and_then(before_colon)
}

fn before_colon(text: &str) -> Option<String> {
    let key = text.split(':').next()?.trim();
    (!key.is_empty()).then(|| key.to_owned())
}

/// The user and password of HTTP Basic (RFC 7617).
fn basic_credentials(headers: &HeaderMap) -> Option<String> {
    let credentials = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = credentials.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = STANDARD_NO_PAD
        .decode(encoded.trim().trim_end_matches('='))
        .ok()?;
    String::from_utf8(decoded).ok()
}

/// Whether a page of the request's origin may use the source's key.
pub(super) fn allows_origin(source: &source::Model, headers: &HeaderMap) -> bool {
    origin::allows(
        source,
        headers.get(header::ORIGIN).map(HeaderValue::as_bytes),
    )
}
