//! What people decided of the members of segments.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{FragmentId, SegmentId};
use sea_orm::entity::prelude::*;

/// A profile that is a member of a segment, or is none, whatever the condition says.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "segment_pin")]
pub struct Model {
    /// The fragment that gave the profile its id, so that a parting gives each side its own.
    #[sea_orm(primary_key, auto_increment = false)]
    pub fragment_id: FragmentId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub segment_id: SegmentId,
    /// Whether it is a member; if not, nothing makes it one again.
    pub included: bool,
    /// Who decided it.
    #[sea_orm(column_type = "Text")]
    pub actor: String,
    pub created_at: Timestamp,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
