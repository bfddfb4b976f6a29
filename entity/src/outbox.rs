//! Notices of changes, written with the changes.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{OutboxId, ProfileId};
use sea_orm::JsonValue;
use sea_orm::entity::prelude::*;

/// A notice that is owed to those outside, until it is delivered.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OutboxId,
    /// The place in the order of commits.
    pub seq: i64,
    #[sea_orm(column_type = "Text")]
    pub topic: String,
    /// The profile it tells of, so that an erasure finds it.
    pub profile_id: Option<ProfileId>,
    #[sea_orm(column_type = "JsonBinary")]
    pub payload: JsonValue,
    pub created_at: Timestamp,
    pub delivered_at: Option<Timestamp>,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
