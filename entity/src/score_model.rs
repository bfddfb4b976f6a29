//! Score models.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::ScoreModelId;
use sea_orm::JsonValue;
use sea_orm::entity::prelude::*;

/// What is counted of profiles, and how it is graded.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "score_model")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ScoreModelId,
    /// The key by which conditions and storefronts name it.
    #[sea_orm(column_type = "Text")]
    pub key: String,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub description: Option<String>,
    /// What it counts.
    #[sea_orm(column_type = "JsonBinary")]
    pub model: JsonValue,
    /// Counts its changes.
    pub version: i64,
    /// The number that all definitions had when it changed last.
    pub defined: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Since then nobody has a score by it.
    pub archived_at: Option<Timestamp>,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
