//! How far all profiles are decided anew.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::ProfileId;
use sea_orm::entity::prelude::*;

/// A walk over the profiles that are to be decided after a change of what is defined.
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
    /// How many there are to be decided; none while nobody has counted them.
    pub total: Option<i64>,
    /// The segments whose changes began it, where only those are to be decided who are or would be members of one; none for all profiles.
    pub segments: Option<Json>,
    pub started_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
