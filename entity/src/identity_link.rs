//! The log of identity.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{FragmentId, IdentityLinkId, ProfileId, TouchpointId};
use sea_orm::entity::prelude::*;

/// A link, merge, refusal or unmerge, and what caused it.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "identity_link")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: IdentityLinkId,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    pub at: Timestamp,
    pub profile_id: ProfileId,
    pub other_profile_id: Option<ProfileId>,
    pub fragment_id: Option<FragmentId>,
    pub other_fragment_id: Option<FragmentId>,
    #[sea_orm(column_type = "Text", nullable)]
    pub namespace: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub value: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub trust: String,
    /// The touchpoint that caused it; none when a person did it.
    pub touchpoint_id: Option<TouchpointId>,
    #[sea_orm(column_type = "Text")]
    pub actor: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub reason: Option<String>,
    /// When an unmerge undid it.
    pub undone_at: Option<Timestamp>,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
