//! The audit log.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::AuditEntryId;
use sea_orm::JsonValue;
use sea_orm::entity::prelude::*;

/// Who did what; each entry carries the hash of the one before it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entry")]
pub struct Model {
    /// The place in the chain.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    pub id: AuditEntryId,
    pub at: Timestamp,
    #[sea_orm(column_type = "Text")]
    pub actor: String,
    #[sea_orm(column_type = "Text")]
    pub action: String,
    /// What it was done to.
    #[sea_orm(column_type = "Text")]
    pub subject: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub details: JsonValue,
    /// Of all of the above.
    #[sea_orm(column_type = "Text")]
    pub payload_hash: String,
    /// Of `payload_hash` and the hash of the entry before it.
    #[sea_orm(column_type = "Text")]
    pub hash: String,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
