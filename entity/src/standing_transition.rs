//! Changes of lifecycle stages and pyramid levels.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::ProfileId;
use sea_orm::entity::prelude::*;

/// Since when a profile is in a stage or on a level: what its purchases come to, so that it changes with what is known of them.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "standing_transition")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub profile_id: ProfileId,
    /// Whether it is the stage or the level.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub kind: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: Timestamp,
    /// The stage or the level.
    #[sea_orm(column_type = "Text")]
    pub value: String,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
