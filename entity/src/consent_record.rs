//! Records of decisions about purposes.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{ConsentRecordId, FragmentId};
use sea_orm::JsonValue;
use sea_orm::entity::prelude::*;

/// A decision with its evidence, which is never changed.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "consent_record")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ConsentRecordId,
    /// The fragment it was made in, so that merges and partings give each side its own.
    pub fragment_id: FragmentId,
    #[sea_orm(column_type = "Text")]
    pub purpose: String,
    /// When it was made.
    pub at: Timestamp,
    /// When it was written down.
    pub recorded_at: Timestamp,
    /// What it says.
    #[sea_orm(column_type = "JsonBinary")]
    pub decision: JsonValue,
    /// What shows that it was made.
    #[sea_orm(column_type = "JsonBinary")]
    pub evidence: JsonValue,
    /// Who wrote it down.
    #[sea_orm(column_type = "Text")]
    pub actor: String,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
