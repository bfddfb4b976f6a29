//! How scores of profiles changed.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{ProfileId, ScoreModelId, TouchpointId};
use sea_orm::entity::prelude::*;

/// A change, which is never changed itself.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "score_entry")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub profile_id: ProfileId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub model_id: ScoreModelId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: Timestamp,
    /// The value at the instant; none once there is no score.
    pub value: Option<f64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub grade: Option<String>,
    /// What brought it about, such as a touchpoint or that time passed.
    #[sea_orm(column_type = "Text")]
    pub cause: String,
    pub touchpoint_id: Option<TouchpointId>,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
