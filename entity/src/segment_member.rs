//! Members of segments.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{ProfileId, SegmentId};
use sea_orm::entity::prelude::*;

/// A profile that is a member of a segment.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "segment_member")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub profile_id: ProfileId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub segment_id: SegmentId,
    pub since: Timestamp,
    /// The first instant at which time alone may end it; none if it never does.
    pub valid_until: Option<Timestamp>,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
