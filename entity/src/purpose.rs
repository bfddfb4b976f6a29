//! Purposes.

use lazo_domain::clock::Timestamp;
use sea_orm::JsonValue;
use sea_orm::entity::prelude::*;

/// What data may be used for, and what that takes.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "purpose")]
pub struct Model {
    /// The key by which conditions, decisions and storefronts name it.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub key: String,
    /// All that is said of it.
    #[sea_orm(column_type = "JsonBinary")]
    pub purpose: JsonValue,
    /// Counts its changes.
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Since then nobody decides about it any more.
    pub archived_at: Option<Timestamp>,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
