//! Purchases.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{ProfileId, PurchaseId};
use sea_orm::JsonValue;
use sea_orm::entity::prelude::*;

/// A purchase: the fold of the order touchpoints of one order.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "purchase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PurchaseId,
    pub profile_id: ProfileId,
    #[sea_orm(column_type = "Text")]
    pub shop: String,
    /// As the shop names it.
    #[sea_orm(column_type = "Text")]
    pub order_id: String,
    #[sea_orm(column_type = "Text")]
    pub status: String,
    /// None for a stub: a refund that came before its order.
    pub placed_at: Option<Timestamp>,
    #[sea_orm(column_type = "Text")]
    pub currency: String,
    /// In minor units of `currency`.
    pub amount: i64,
    /// In minor units of `currency`.
    pub refunded: i64,
    /// What remains of the amount after refunds, in minor units of `currency`.
    pub net: i64,
    /// Whether it counts among the orders of its profile.
    pub counted: bool,
    /// Whether the sums of its profile leave it out, as it is in another currency.
    pub left_out: bool,
    /// What each order touchpoint said, from which the row is folded.
    #[sea_orm(column_type = "JsonBinary")]
    pub parts: JsonValue,
    pub updated_at: Timestamp,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
