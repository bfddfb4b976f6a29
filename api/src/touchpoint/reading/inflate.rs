//! Inflating: from the bytes on the wire to the bytes that were meant.

use std::io::Read;

use bytes::Bytes;
use flate2::read::MultiGzDecoder;

use super::BodyProblem;

/// How a gzip member begins (RFC 1952, section 2.3.1).
const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];

/// Inflates a body to at most `cap` bytes. It stops at the cap, however much the body would become.
///
/// `encoding` is the header `Content-Encoding`. A body without it that begins like gzip is inflated too: JSON never begins so.
pub fn inflate(body: Bytes, encoding: Option<&str>, cap: usize) -> Result<Bytes, BodyProblem> {
    let encoding = encoding
        .map(str::trim)
        .filter(|encoding| !encoding.is_empty());
    let compressed = match encoding.map(str::to_ascii_lowercase).as_deref() {
        None | Some("identity") => body.starts_with(GZIP_MAGIC),
        Some("gzip" | "x-gzip") => true,
        Some(_) => return Err(BodyProblem::UnknownEncoding),
    };
    let body = if compressed {
        gunzip(&body, cap)?
    } else {
        body
    };
    if body.len() > cap {
        return Err(BodyProblem::TooLarge);
    }
    Ok(body)
}

fn gunzip(body: &[u8], cap: usize) -> Result<Bytes, BodyProblem> {
    let beyond = u64::try_from(cap).unwrap_or(u64::MAX).saturating_add(1);
    let mut inflated = Vec::new();
    MultiGzDecoder::new(body)
        .take(beyond)
        .read_to_end(&mut inflated)
        .map_err(|_| BodyProblem::NotGzip)?;
    Ok(inflated.into())
}
