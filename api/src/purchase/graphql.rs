//! Purchases in the schema.

use async_graphql::{Enum, ID, Object};
use lazo_domain::money::Money as Amount;
use lazo_domain::purchase::{Line, PurchaseStatus as Status};

use super::store::PurchaseRow;
use crate::graphql::{DateTime, Money};

/// Where a purchase stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Status")]
pub enum PurchaseStatus {
    /// It was placed.
    Placed,
    /// It was placed, and a part of it was paid back.
    PartiallyRefunded,
    /// It was placed, and all of it was paid back.
    Refunded,
    /// It was placed and called off.
    Cancelled,
    /// Only a refund or a cancellation of it is known yet.
    Stub,
}

/// A purchase as the schema shows it.
pub struct Purchase(pub PurchaseRow);

impl Purchase {
    fn money(&self, minor: i64) -> Money {
        Money(Amount {
            minor,
            currency: self.0.view.currency,
        })
    }
}

/// An order of a customer, folded from all touchpoints about it.
#[Object]
impl Purchase {
    /// The global id of the purchase. It is opaque.
    pub async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The shop that sold it; order ids of two shops may be equal.
    async fn shop(&self) -> &str {
        &self.0.shop
    }

    /// The shop's own id of the order.
    async fn order_id(&self) -> &str {
        &self.0.order_id
    }

    /// Where the purchase stands.
    async fn status(&self) -> PurchaseStatus {
        self.0.view.status.into()
    }

    /// When it was placed. Null while only a refund or a cancellation of it is known.
    async fn placed_at(&self) -> Option<DateTime> {
        self.0.view.placed_at.map(Into::into)
    }

    /// The amount of the order; zero if none is known.
    async fn amount(&self) -> Money {
        self.money(self.0.view.amount_minor)
    }

    /// What was paid back, at most the amount.
    async fn refunded(&self) -> Money {
        self.money(self.0.view.refunded_minor)
    }

    /// What the purchase adds to spend: the amount less refunds; zero if it was called off or not placed yet.
    async fn net(&self) -> Money {
        self.money(self.0.view.net_minor)
    }

    /// Whether it counts among the orders: it was placed and not called off.
    async fn counted(&self) -> bool {
        self.0.view.counted
    }

    /// Whether the sums leave it out, since it is in another currency than the deployment's.
    async fn left_out(&self) -> bool {
        self.0.view.left_out
    }

    /// The products, in the order of the shop, at most 500.
    async fn lines(&self) -> Vec<PurchaseLine<'_>> {
        self.0.view.lines.iter().map(PurchaseLine).collect()
    }
}

/// A product of a purchase as the schema shows it.
pub struct PurchaseLine<'a>(pub &'a Line);

/// One product of a purchase.
#[Object]
impl PurchaseLine<'_> {
    /// The shop's id of the product. Null if the shop did not say.
    async fn product_id(&self) -> Option<&str> {
        self.0.product_id.as_deref()
    }

    /// The stock-keeping unit. Null if the shop did not say.
    async fn sku(&self) -> Option<&str> {
        self.0.sku.as_deref()
    }

    /// The name of the product. Null if the shop did not say.
    async fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// The category of the product. Null if the shop did not say.
    async fn category(&self) -> Option<&str> {
        self.0.category.as_deref()
    }

    /// The brand of the product. Null if the shop did not say.
    async fn brand(&self) -> Option<&str> {
        self.0.brand.as_deref()
    }

    /// Which variant of the product, such as a size or a colour. Null if the shop did not say.
    async fn variant(&self) -> Option<&str> {
        self.0.variant.as_deref()
    }

    /// How many, at least one.
    async fn quantity(&self) -> i64 {
        self.0.quantity
    }

    /// The price of one piece. Null if the shop did not say.
    async fn price(&self) -> Option<Money> {
        self.0.price.map(Money)
    }
}
