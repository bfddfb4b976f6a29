//! What a visitor sees of identifiers, traits, touchpoints and purchases: no ids, no sources, no clocks of others.

use async_graphql::Object;
use lazo_domain::clock::Timestamp;
use lazo_domain::money::Money as Amount;
use lazo_domain::profile::{Projection, TraitState};
use lazo_entity::touchpoint;

use crate::graphql::{AtHand, Channel, DateTime, JsonRef, Money};
use crate::identity::IdentifierRow;
use crate::purchase::PurchaseRow;
use crate::purchase::graphql::{PurchaseLine, PurchaseStatus};
use crate::score::Held;

/// An identifier as a visitor sees it.
pub struct VisitorIdentifier<'a>(pub &'a IdentifierRow);

impl AtHand for VisitorIdentifier<'_> {}

/// A value of a namespace, such as an email address, by which the visitor is known.
#[Object(name = "Identifier")]
impl VisitorIdentifier<'_> {
    /// The kind of identifier, such as `email` or `customer_id`.
    async fn namespace(&self) -> &str {
        self.0.namespace.as_str()
    }

    /// The value, in the form under which it is stored and compared.
    async fn value(&self) -> &str {
        &self.0.value
    }
}

/// A trait as a visitor sees it.
pub struct VisitorTrait<'a> {
    name: &'a str,
    state: &'a TraitState,
}

impl AtHand for VisitorTrait<'_> {}

impl<'a> VisitorTrait<'a> {
    /// The trait of this name, if it has a value.
    pub(super) fn of(projection: &'a Projection, name: &str) -> Option<Self> {
        let (name, state) = projection.traits.0.get_key_value(name)?;
        (!state.value.is_null()).then_some(Self { name, state })
    }

    /// The traits that have a value, by name; of them those that are named, if any are.
    pub(super) fn all(projection: &'a Projection, names: Option<&[String]>) -> Vec<Self> {
        let asked = |name: &str| names.is_none_or(|names| names.iter().any(|asked| asked == name));
        projection
            .traits
            .current()
            .filter(|(name, _)| asked(name))
            .map(|(name, state)| Self { name, state })
            .collect()
    }
}

/// An attribute of the visitor.
#[Object(name = "Trait")]
impl VisitorTrait<'_> {
    /// The name of the trait.
    async fn name(&self) -> &str {
        self.name
    }

    /// The value.
    async fn value(&self) -> JsonRef<'_> {
        JsonRef(&self.state.value)
    }

    /// When the touchpoint happened that set the value.
    async fn occurred_at(&self) -> DateTime {
        self.state.stamp.order.occurred_at.into()
    }
}

/// A score as a visitor sees it, as of an instant.
pub struct VisitorScore<'a> {
    /// The score.
    pub held: &'a Held,
    /// The instant.
    pub now: Timestamp,
}

impl AtHand for VisitorScore<'_> {}

/// A number on the visitor by a score model, with its grade.
#[Object(name = "Score")]
impl VisitorScore<'_> {
    /// The key of the score model.
    async fn key(&self) -> &str {
        &self.held.key
    }

    /// The value at the time of the answer.
    async fn value(&self) -> f64 {
        self.held.value.at(self.now).get()
    }

    /// The grade. Null means that it has none.
    async fn grade(&self) -> Option<&str> {
        self.held.grade.as_deref()
    }
}

/// A touchpoint as a visitor sees it.
pub struct VisitorTouchpoint(pub touchpoint::Model);

/// One interaction of the visitor.
#[Object(name = "Touchpoint")]
impl VisitorTouchpoint {
    /// Where it happened.
    async fn channel(&self) -> Channel {
        Channel::stored(&self.0.channel)
    }

    /// What happened, such as `Product Viewed`.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// When it happened.
    async fn occurred_at(&self) -> DateTime {
        self.0.occurred_at.into()
    }

    /// What is said about what happened.
    async fn properties(&self) -> JsonRef<'_> {
        JsonRef(&self.0.properties)
    }
}

/// A purchase as a visitor sees it.
pub struct VisitorPurchase(pub PurchaseRow);

impl VisitorPurchase {
    fn money(&self, minor: i64) -> Money {
        Money(Amount {
            minor,
            currency: self.0.view.currency,
        })
    }
}

/// An order of the visitor.
#[Object(name = "Purchase")]
impl VisitorPurchase {
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

    /// The products, in the order of the shop, at most 500.
    async fn lines(&self) -> Vec<PurchaseLine<'_>> {
        self.0.view.lines.iter().map(PurchaseLine).collect()
    }
}
