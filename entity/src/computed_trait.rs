//! Computed traits.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::ComputedTraitId;
use sea_orm::JsonValue;
use sea_orm::entity::prelude::*;

/// What is computed of what a person did and bought.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "computed_trait")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ComputedTraitId,
    /// The name of the trait.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub description: Option<String>,
    /// What it is computed from.
    #[sea_orm(column_type = "JsonBinary")]
    pub definition: JsonValue,
    /// Counts its changes.
    pub version: i64,
    /// The number that all definitions had when it changed last.
    pub defined: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Since then it has no values.
    pub archived_at: Option<Timestamp>,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
