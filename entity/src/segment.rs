//! Segments.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::SegmentId;
use sea_orm::JsonValue;
use sea_orm::entity::prelude::*;

/// A segment: a named condition, and its members.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "segment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SegmentId,
    /// The key by which conditions and storefronts name it.
    #[sea_orm(column_type = "Text")]
    pub key: String,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub description: Option<String>,
    /// Who is a member; none in a list that people alone put members into.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub condition: Option<JsonValue>,
    /// Counts its changes.
    pub version: i64,
    /// The number that all definitions had when its condition changed last.
    pub defined: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Since then it has no members.
    pub archived_at: Option<Timestamp>,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
