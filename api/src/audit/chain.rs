//! What binds an entry to the one before it.

use lazo_domain::hash::Hash256;
use lazo_domain::privacy::audit::{Broken, Event, Fault, Head, Link, Verifier};
use lazo_entity::audit_entry::Model;
use sea_orm::DbErr;
use serde_json::Value as Json;

/// An entry as it is hashed.
fn payload(entry: &Model, seq: u64) -> Json {
    let event = Event {
        at: entry.at,
        actor: &entry.actor,
        op: &entry.action,
        subject: &entry.subject,
        details: entry.details.clone(),
    };
    let mut payload = event.payload(seq);
    if let Some(members) = payload.as_object_mut() {
        members.insert("id".to_owned(), entry.id.to_string().into());
    }
    payload
}

/// Makes an entry the next one behind this end. Gives the new end.
pub(super) fn bind(entry: &mut Model, head: Head) -> Result<Head, DbErr> {
    let seq = head.seq.saturating_add(1);
    let link = head
        .link(&payload(entry, seq))
        .map_err(|error| DbErr::Custom(format!("an entry of the audit log: {error}")))?;
    entry.seq = number(seq);
    entry.payload_hash = link.payload.to_string();
    entry.hash = link.hash.to_string();
    Ok(link.into())
}

/// Verifies the next entry.
pub(super) fn check(verifier: &mut Verifier, seq: u64, entry: &Model) -> Result<(), Fault> {
    let hash = |text: &str| text.parse::<Hash256>().map_err(|_| Fault::Altered);
    let stored = Link {
        seq,
        payload: hash(&entry.payload_hash)?,
        hash: hash(&entry.hash)?,
    };
    verifier
        .check(&payload(entry, seq), &stored)
        .map_err(|Broken { fault, .. }| fault)
}

/// A place in the chain as it is stored.
pub(super) fn number(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}
