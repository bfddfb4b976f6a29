//! Noting for the audit log what is read of many persons.

use async_graphql::Context;

use super::ContextExt;
use crate::audit::{Read, Reads};

/// Notes a read of so many rows, and the object that they are of, such as a segment.
pub fn note_read(ctx: &Context<'_>, read: Read, of: Option<String>, rows: usize) {
    if let Some(reads) = ctx.data_opt::<Reads>() {
        reads.note(ctx.caller(), read, of, rows);
    }
}

/// Notes that one person's data are read.
pub fn note_one(ctx: &Context<'_>) {
    if let Some(reads) = ctx.data_opt::<Reads>() {
        reads.note_one(ctx.caller());
    }
}
