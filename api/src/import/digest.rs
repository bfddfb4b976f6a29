//! Names for rows that have none: a digest of what they say, and their place among equal rows.

use std::collections::HashMap;
use std::fmt::Write;

use aws_lc_rs::digest::{Context, SHA256};

/// The first 128 bits of SHA-256 over the fields; equal rows of any file share it.
pub(super) type RowDigest = [u8; 16];

/// The digest of a row's fields. Each is preceded by its length, so that no two different rows read alike.
pub(super) fn digest(fields: &[&str]) -> RowDigest {
    let mut context = Context::new(&SHA256);
    for field in fields {
        context.update(&field.len().to_be_bytes());
        context.update(field.as_bytes());
    }
    let full = context.finish();
    let mut first = RowDigest::default();
    for (to, from) in first.iter_mut().zip(full.as_ref()) {
        *to = *from;
    }
    first
}

/// The digest as 32 hexadecimal digits.
pub(super) fn hex(digest: &RowDigest) -> String {
    digest
        .iter()
        .fold(String::with_capacity(32), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// How often each row was seen so far: all that the import of a file keeps in memory, some 80 bytes for each different row.
#[derive(Default)]
pub(super) struct Occurrences(HashMap<RowDigest, u64>);

impl Occurrences {
    /// Counts one more row with this digest and says the how many-th it is, from 1.
    pub(super) fn count(&mut self, digest: RowDigest) -> u64 {
        let seen = self.0.entry(digest).or_default();
        *seen = seen.saturating_add(1);
        *seen
    }
}
