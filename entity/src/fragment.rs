//! Fragments of profiles.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{FragmentId, ProfileId};
use sea_orm::JsonValue;
use sea_orm::entity::prelude::*;

/// What belongs together without any merge.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "fragment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FragmentId,
    /// The profile it belongs to now; a merge moves it.
    pub profile_id: ProfileId,
    pub created_at: Timestamp,
    /// What its own touchpoints add up to; none while it is the only fragment of its profile, which has it then.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub projection: Option<JsonValue>,
    /// From when on its touchpoints are considered where its profile has very many; none where all are.
    pub considered_from: Option<Timestamp>,
    /// From when on those of its touchpoints are considered that came from public sources, if that is later.
    pub public_considered_from: Option<Timestamp>,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
