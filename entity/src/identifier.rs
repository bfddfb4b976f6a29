//! Identifiers.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{FragmentId, IdentifierId, SourceId};
use sea_orm::entity::prelude::*;

/// A value of a namespace that points at a fragment.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identifier")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: IdentifierId,
    #[sea_orm(column_type = "Text")]
    pub namespace: String,
    /// Normalised by the rules of the namespace.
    #[sea_orm(column_type = "Text")]
    pub value: String,
    pub fragment_id: FragmentId,
    #[sea_orm(column_type = "Text")]
    pub trust: String,
    /// Whether several customers use it, as on a shared device.
    pub shared: bool,
    pub first_seen: Timestamp,
    /// To the hour; exact where it was last seen before it was kept so.
    pub last_seen: Timestamp,
    /// The source that brought it first.
    pub source_id: SourceId,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
