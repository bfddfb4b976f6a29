//! Touchpoints, as they were stored and never changed.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{FragmentId, SourceId, TouchpointId};
use sea_orm::JsonValue;
use sea_orm::entity::prelude::*;

/// A touchpoint: one interaction on a channel.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "touchpoint")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TouchpointId,
    /// The place in the order of commits, without gaps.
    pub seq: i64,
    pub source_id: SourceId,
    #[sea_orm(column_type = "Text")]
    pub message_id: String,
    /// The kind of message it came as, such as a track or an identify.
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    #[sea_orm(column_type = "Text")]
    pub channel: String,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// When it happened, corrected by the clocks of client and server.
    pub occurred_at: Timestamp,
    pub received_at: Timestamp,
    /// When it happened by the client's own clock.
    pub original_at: Option<Timestamp>,
    /// When it was sent by the client's own clock.
    pub sent_at: Option<Timestamp>,
    /// The place in its batch.
    pub position: i64,
    /// The home fragment of its strongest identifier.
    pub fragment_id: FragmentId,
    #[sea_orm(column_type = "JsonBinary")]
    pub properties: JsonValue,
    #[sea_orm(column_type = "JsonBinary")]
    pub context: JsonValue,
    #[sea_orm(column_type = "JsonBinary")]
    pub traits: JsonValue,
    /// What the message held beyond the other columns.
    #[sea_orm(column_type = "JsonBinary")]
    pub extra: JsonValue,
    /// Whether the person was there when it happened; where it is missing, `context` says it.
    pub active: Option<bool>,
    /// The shop of the order that it tells of; none if it tells of no order.
    #[sea_orm(column_type = "Text", nullable)]
    pub shop: Option<String>,
    /// Whether a customer declared it of themself; where it is missing, it is worth what its source is.
    pub declared: Option<bool>,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
