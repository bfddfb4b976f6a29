//! Items that could not be accepted.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{QuarantineId, SourceId, TouchpointId};
use sea_orm::JsonValue;
use sea_orm::entity::prelude::*;

/// An item kept as it came, to be seen, mended and replayed.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "quarantine")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: QuarantineId,
    pub source_id: SourceId,
    /// The digest of the `message_id`, or of the item where it has none.
    pub digest: Uuid,
    #[sea_orm(column_type = "Text", nullable)]
    pub message_id: Option<String>,
    /// The kind of fault, for programs.
    #[sea_orm(column_type = "Text")]
    pub code: String,
    /// The fault in words, for people.
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    /// The item as it was received.
    #[sea_orm(column_type = "Blob")]
    pub raw: Vec<u8>,
    pub received_at: Timestamp,
    /// What its batch said of it, which a replay needs.
    #[sea_orm(column_type = "JsonBinary")]
    pub envelope: JsonValue,
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub resolved_at: Option<Timestamp>,
    /// What it became when it was replayed.
    pub touchpoint_id: Option<TouchpointId>,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
