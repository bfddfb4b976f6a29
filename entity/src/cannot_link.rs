//! Pairs that a person has parted.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{CannotLinkId, FragmentId};
use sea_orm::entity::prelude::*;

/// Two fragments that nothing joins again.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "cannot_link")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CannotLinkId,
    pub fragment_id: FragmentId,
    pub other_fragment_id: FragmentId,
    pub created_at: Timestamp,
    #[sea_orm(column_type = "Text")]
    pub actor: String,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
