//! Where consent of profiles stands.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::ProfileId;
use sea_orm::JsonValue;
use sea_orm::entity::prelude::*;

/// What all decisions of a profile about a purpose come to, on a channel.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "consent_state")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub profile_id: ProfileId,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub purpose: String,
    /// The channel; empty where the purpose is decided once.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub channel: String,
    /// The decision that wins, and what was asked after it.
    #[sea_orm(column_type = "JsonBinary")]
    pub state: JsonValue,
    /// Whether that decision is a grant.
    pub granted: bool,
    /// The first instant at which the grant does not count any more.
    pub valid_until: Option<Timestamp>,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
