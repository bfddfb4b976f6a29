//! How far all profiles are decided anew.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::ProfileId;
use sea_orm::entity::prelude::*;

/// A walk over all profiles after a change of what is defined.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sweep")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub name: String,
    /// The number of the definitions by which profiles are decided.
    pub target: i64,
    /// The number of the definitions by which all profiles were decided last.
    pub completed: i64,
    /// The last profile that was decided.
    pub position: Option<ProfileId>,
    /// How many were.
    pub done: i64,
    /// About how many there are.
    pub total: i64,
    pub started_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
