//! The summary of a profile in the schema.

use async_graphql::{Object, SimpleObject};
use lazo_domain::money::{Currency, Money as Amount};
use lazo_domain::profile::{Projection, PurchaseSummary};

use crate::graphql::{AtHand, Channel, DateTime, Money, Written};

/// A summary as the schema shows it.
pub struct Summary<'a> {
    /// What the touchpoints add up to.
    pub projection: &'a Projection,
    /// What the purchases add up to.
    pub purchases: PurchaseSummary,
    /// The deployment's currency.
    pub currency: Currency,
}

/// How many touchpoints there are of a channel.
#[derive(SimpleObject)]
pub struct ChannelCount {
    /// The channel.
    channel: Channel,
    /// How many touchpoints it has, at least one.
    touchpoints: u64,
}

impl AtHand for Summary<'_> {}

impl Summary<'_> {
    fn money(&self, minor: i64) -> Written<Money> {
        Written(Money(Amount {
            minor,
            currency: self.currency,
        }))
    }
}

/// What the touchpoints and purchases of a profile add up to. Sums are in the deployment's currency.
#[Object]
impl Summary<'_> {
    /// When the person was there for the first time. Null if they never were, as when all is known from imports.
    async fn first_seen(&self) -> Option<DateTime> {
        self.projection.first_seen.map(Into::into)
    }

    /// When the person was there for the last time. Null if they never were.
    async fn last_seen(&self) -> Option<DateTime> {
        self.projection.last_seen.map(Into::into)
    }

    /// How many touchpoints there are.
    async fn touchpoints(&self) -> u64 {
        self.projection.touchpoints
    }

    /// How many touchpoints there are of each channel that has any.
    async fn channels(&self) -> Vec<ChannelCount> {
        let count = |(name, touchpoints): (&String, &u64)| ChannelCount {
            channel: Channel::stored(name),
            touchpoints: *touchpoints,
        };
        self.projection.channels.iter().map(count).collect()
    }

    /// How many purchases count: those that were placed and not called off, in any currency.
    async fn orders(&self) -> u64 {
        self.purchases.orders
    }

    /// What was paid and not paid back.
    async fn spend(&self) -> Written<Money> {
        self.money(self.purchases.spend_minor)
    }

    /// What was paid back.
    async fn refunded(&self) -> Written<Money> {
        self.money(self.purchases.refunded_minor)
    }

    /// How many of the purchases the sums leave out, since they are in another currency.
    async fn orders_left_out(&self) -> u64 {
        self.purchases.left_out
    }

    /// When the first purchase was placed. Null if there is none.
    async fn first_order_at(&self) -> Option<DateTime> {
        self.purchases.first_order_at.map(Into::into)
    }

    /// When the last purchase was placed. Null if there is none.
    async fn last_order_at(&self) -> Option<DateTime> {
        self.purchases.last_order_at.map(Into::into)
    }

    /// The mean time between two purchases, in days. Null with fewer than two purchases.
    async fn mean_order_interval_days(&self) -> Option<f64> {
        const DAY: f64 = 86_400.0;
        let millis = u64::try_from(self.purchases.mean_interval_millis?).ok()?;
        Some(std::time::Duration::from_millis(millis).as_secs_f64() / DAY)
    }
}
