//! Entries into segments and exits from them.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{ProfileId, SegmentId, TouchpointId};
use sea_orm::entity::prelude::*;

/// An entry or an exit, which is never changed.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "segment_transition")]
pub struct Model {
    /// The place among all transitions, in the order of commits, without gaps.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    pub segment_id: SegmentId,
    pub profile_id: ProfileId,
    /// Whether it became a member; if not, it was one until then.
    pub entered: bool,
    /// Since when it holds.
    pub at: Timestamp,
    pub recorded_at: Timestamp,
    /// The version of the segment that decided it.
    pub segment_version: i64,
    /// What brought it about, such as a touchpoint or that time passed.
    #[sea_orm(column_type = "Text")]
    pub cause: String,
    /// The touchpoint that brought it about.
    pub touchpoint_id: Option<TouchpointId>,
    /// What each part of the condition found, as JSON that is only ever read whole.
    #[sea_orm(column_type = "Text", nullable)]
    pub because: Option<String>,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
