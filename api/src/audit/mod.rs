//! Who did what: a chain of entries, each bound to the one before by its hash, so that a removed or altered one shows.

mod chain;
mod store;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use lazo_domain::clock::Timestamp;
use lazo_domain::id::AuditEntryId;
use sea_orm::{DatabaseTransaction, DbErr};
use serde_json::Value as Json;

pub use self::chain::verify;
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

/// Appends entries to the chain, within the transaction that does what they tell.
///
/// The transaction must come from [`Db::begin`](crate::db::Db::begin): writers take turns, so the chain has one end.
pub async fn append(
    transaction: &DatabaseTransaction,
    ids: &Arc<IdSource>,
    at: Timestamp,
    entries: &[Entry<'_>],
) -> Result<(), DbErr> {
    let mut last = store::last(transaction).await?;
    for entry in entries {
        let id: AuditEntryId = ids.next(at);
        last = store::insert(transaction, &last, id, at, entry).await?;
    }
    Ok(())
}
