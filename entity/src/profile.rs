//! Profiles.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::ProfileId;
use sea_orm::JsonValue;
use sea_orm::entity::prelude::*;

/// The one record of a customer: the join of its fragments, which can be rebuilt.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "profile")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ProfileId,
    pub created_at: Timestamp,
    /// The profile that absorbed it.
    pub merged_into: Option<ProfileId>,
    /// Its traits with their provenance and its counts.
    #[sea_orm(column_type = "JsonBinary")]
    pub projection: JsonValue,
    pub first_seen: Option<Timestamp>,
    pub last_seen: Option<Timestamp>,
    /// The day of `last_seen`, in days since 1970: it changes seldom and so can be in an index.
    pub last_seen_day: Option<i64>,
    /// How many it has.
    pub touchpoints: i64,
    /// How many purchases count.
    pub orders: i64,
    /// In minor units of the deployment's currency.
    pub spend: i64,
    /// In minor units of the deployment's currency.
    pub refunded: i64,
    /// How many purchases the sums leave out, as they are in another currency.
    pub left_out: i64,
    pub first_order_at: Option<Timestamp>,
    pub last_order_at: Option<Timestamp>,
    /// The mean time between purchases, in milliseconds.
    pub mean_interval: Option<i64>,
    /// The lifecycle stage.
    #[sea_orm(column_type = "Text", nullable)]
    pub stage: Option<String>,
    /// The pyramid level.
    #[sea_orm(column_type = "Text", nullable)]
    pub level: Option<String>,
    /// Whether it is stored and shown to nobody but the privacy role.
    pub restricted: bool,
    /// The first instant at which time alone may change its segments, scores or stage.
    pub next_evaluation_at: Option<Timestamp>,
    /// Counts the changes, so that an older copy is told from a newer one.
    pub version: i64,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
