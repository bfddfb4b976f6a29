//! Sources of touchpoints.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::SourceId;
use sea_orm::JsonValue;
use sea_orm::entity::prelude::*;

/// A source: where touchpoints come from, and what they may do.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "source")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SourceId,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub channel: String,
    /// Whether what it claims about identity is verified; the key of a source that is not is
    /// public.
    pub trusted: bool,
    /// Whether its touchpoints reach profiles; those of a test source never do.
    pub live: bool,
    /// The shop whose order ids it carries.
    #[sea_orm(column_type = "Text")]
    pub shop: String,
    /// The region by which phone numbers without a country code are read.
    #[sea_orm(column_type = "Text", nullable)]
    pub region: Option<String>,
    /// Whether its claims may merge two known profiles, though it is not trusted.
    pub links_known: bool,
    /// The origins from which browsers may use its key.
    #[sea_orm(column_type = "JsonBinary")]
    pub allowed_origins: JsonValue,
    #[sea_orm(column_type = "Text")]
    pub key_hash: String,
    /// The few characters of the key that let a person recognise it.
    #[sea_orm(column_type = "Text")]
    pub key_hint: String,
    /// The other key, while one replaces the other.
    #[sea_orm(column_type = "Text", nullable)]
    pub second_key_hash: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub second_key_hint: Option<String>,
    pub created_at: Timestamp,
    /// From when its keys are refused; a source is never deleted.
    pub archived_at: Option<Timestamp>,
    /// Counts the changes, so that an update can say which state it expects.
    pub version: i64,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
