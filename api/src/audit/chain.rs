//! What binds an entry to the one before it.

use aws_lc_rs::digest::{Context, SHA256};
use lazo_entity::audit_entry::Model;

use crate::db::hex;

/// The first entry that is not what it was when it was appended, or does not follow the one before it.
///
/// The entries are those of the whole log, in the order of their numbers. What was cut off at the end leaves no trace in the
/// rest: whoever wants to see that too keeps the hash of the last entry elsewhere.
pub fn verify(entries: &[Model]) -> Option<&Model> {
    let mut before = (0, "");
    entries.iter().find(|entry| {
        let follows = entry.seq == before.0 + 1 && entry.previous_hash == before.1;
        before = (entry.seq, &entry.hash);
        !follows || entry.hash != hash(entry)
    })
}

/// The hash that belongs to an entry: SHA-256 over its other fields, each preceded by its length, so that no two entries have
/// the same bytes.
pub(super) fn hash(entry: &Model) -> String {
    let fields = [
        &entry.previous_hash,
        &entry.seq.to_string(),
        &entry.id.to_string(),
        &entry.at.to_string(),
        &entry.actor,
        &entry.action,
        &entry.subject,
        &entry.details.to_string(),
    ];
    let mut context = Context::new(&SHA256);
    for field in fields {
        context.update(&field.len().to_be_bytes());
        context.update(field.as_bytes());
    }
    hex(context.finish().as_ref())
}
