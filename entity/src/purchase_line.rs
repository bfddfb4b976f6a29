//! Lines of purchases.

use lazo_domain::id::PurchaseId;
use sea_orm::entity::prelude::*;

/// One product of a purchase.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "purchase_line")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub purchase_id: PurchaseId,
    /// The place in the order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    #[sea_orm(column_type = "Text", nullable)]
    pub product_id: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub sku: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub name: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub category: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub brand: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub variant: Option<String>,
    pub quantity: i64,
    /// Of one piece, in minor units of the purchase's currency.
    pub price: Option<i64>,
}

/// None: a capability asks for what it needs by id.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
