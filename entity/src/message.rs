//! The ledger of accepted messages.

use lazo_domain::id::{SourceId, TouchpointId};
use sea_orm::entity::prelude::*;

/// A message that was accepted; a second one with the same key is a duplicate, for ever.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "message")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub source_id: SourceId,
    /// The digest of the `message_id`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub digest: Uuid,
    /// The digest of the content, which tells a repetition from another use of the same id.
    pub content: Uuid,
    pub touchpoint_id: TouchpointId,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
