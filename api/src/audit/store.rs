//! Queries of the audit log.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::AuditEntryId;
use lazo_entity::audit_entry::{self, ActiveModel, Column, Model};
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, QueryOrder, Set};

use super::Entry;
use super::chain::hash;

/// The end of the chain.
#[derive(Clone, Debug, Default)]
pub(super) struct Last {
    seq: i64,
    hash: String,
}

pub(super) async fn last(connection: &impl ConnectionTrait) -> Result<Last, DbErr> {
    let last = audit_entry::Entity::find()
        .order_by_desc(Column::Seq)
        .one(connection)
        .await?;
    Ok(last.map_or_else(Last::default, |entry| Last {
        seq: entry.seq,
        hash: entry.hash,
    }))
}

pub(super) async fn insert(
    connection: &impl ConnectionTrait,
    before: &Last,
    id: AuditEntryId,
    at: Timestamp,
    entry: &Entry<'_>,
) -> Result<Last, DbErr> {
    let mut row = Model {
        seq: before.seq + 1,
        id,
        at,
        actor: entry.actor.to_owned(),
        action: entry.action.to_owned(),
        subject: entry.subject.clone(),
        details: entry.details.clone(),
        previous_hash: before.hash.clone(),
        hash: String::new(),
    };
    row.hash = hash(&row);
    let last = Last {
        seq: row.seq,
        hash: row.hash.clone(),
    };
    let row = ActiveModel {
        seq: Set(row.seq),
        id: Set(row.id),
        at: Set(row.at),
        actor: Set(row.actor),
        action: Set(row.action),
        subject: Set(row.subject),
        details: Set(row.details),
        previous_hash: Set(row.previous_hash),
        hash: Set(row.hash),
    };
    row.insert(connection).await?;
    Ok(last)
}
