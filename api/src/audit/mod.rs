//! Who did what: a chain of entries, each bound to the one before by its hash, so that what is altered, removed or moved shows.
//!
//! An entry says by ids and names of fields what was done and to whom, never by a person's values.

mod chain;
pub mod graphql;
mod reads;
pub mod service;
mod store;
#[cfg(test)]
mod tests;
mod verify;

use std::sync::Arc;

use lazo_domain::clock::Timestamp;
use lazo_domain::id::AuditEntryId;
use lazo_domain::privacy::audit::hashable;
use lazo_entity::audit_entry::Model;
use sea_orm::{DatabaseTransaction, DbErr};
use serde_json::Value as Json;

pub use self::reads::{Read, Reads, Recorder};
pub use self::verify::{Verdict, verify};
use crate::ids::IdSource;

/// Something that somebody did.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// Who: a token or the command line.
    pub actor: &'a str,
    /// What, such as `profiles.merge`.
    pub action: &'static str,
    /// To what: an id.
    pub subject: String,
    /// What else matters; ids and settings, never personal data.
    pub details: Json,
}

/// Which entries are asked for; what is not said is any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those of this actor.
    pub actor: Option<String>,
    /// Those of this action.
    pub action: Option<String>,
    /// Those about this.
    pub subject: Option<String>,
}

/// Appends entries to the chain, within the transaction that does what they tell.
///
/// The transaction must come from [`Db::begin`](crate::db::Db::begin): writers take turns, so the chain has one end.
pub async fn append(
    transaction: &DatabaseTransaction,
    ids: &Arc<IdSource>,
    at: Timestamp,
    entries: &[Entry<'_>],
) -> Result<(), DbErr> {
    if entries.is_empty() {
        return Ok(());
    }
    let before = store::head(transaction).await?;
    let (mut head, mut rows) = (before, Vec::with_capacity(entries.len()));
    for entry in entries {
        let id: AuditEntryId = ids.next(at);
        let mut row = Model {
            seq: 0,
            id,
            at,
            actor: entry.actor.to_owned(),
            action: entry.action.to_owned(),
            subject: entry.subject.clone(),
            details: hashable(entry.details.clone()),
            payload_hash: String::new(),
            hash: String::new(),
        };
        head = chain::bind(&mut row, head)?;
        rows.push(row);
    }
    store::insert(transaction, &rows).await?;
    store::move_head(transaction, before, head).await
}
