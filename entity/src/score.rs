//! Scores of profiles.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{ProfileId, ScoreModelId};
use sea_orm::JsonValue;
use sea_orm::entity::prelude::*;

/// The score of a profile by a model, which is right whenever it is read until it is no longer valid.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "score")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub profile_id: ProfileId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub model_id: ScoreModelId,
    /// Its value over time.
    #[sea_orm(column_type = "JsonBinary")]
    pub scored: JsonValue,
    #[sea_orm(column_type = "Text", nullable)]
    pub grade: Option<String>,
    pub computed_at: Timestamp,
    /// The first instant at which time may change it otherwise than its value says.
    pub valid_until: Option<Timestamp>,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
