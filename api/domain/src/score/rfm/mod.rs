//! RFM: recency, frequency and monetary value of purchases, each as a quintile of all customers.

mod boundaries;

pub use boundaries::{Quintiles, RfmBoundaries};

use serde::{Deserialize, Serialize};

use super::scored::{Component, Raw};
use crate::clock::Timestamp;
use crate::condition::evaluate::{Dated, Facts, Found, Named, ScoreValue, ahead, earliest};
use crate::condition::{Number, Window};
use crate::money::{Currency, Money};

/// Recency, frequency and monetary value: the sum of three quintiles, from 3 to 15. Whoever bought nothing in the window has no
/// score, and nobody has one before there are boundaries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rfm {
    /// When purchases must have been placed to count.
    pub window: Window,
    /// How equal values are ranked.
    pub method: RfmMethod,
    /// Where the quintiles of all customers begin (see [`RfmBoundaries::of`]).
    pub boundaries: RfmBoundaries,
}

/// How equal values are ranked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RfmMethod {
    /// All of them by the least of their ranks, from 1 on: the quintile is `1 + floor(5 × (rank − 1) / n)`, so that equal values are
    /// in the same.
    #[default]
    RankMin,
}

/// What the purchases of one customer come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RfmValues {
    /// When the last of them was placed.
    pub last: Timestamp,
    /// How many there are.
    pub orders: u32,
    /// What was paid and not refunded, in minor units of the deployment's currency; purchases in another are left out.
    pub spend_minor: i64,
}

impl Rfm {
    /// What the purchases in the window come to; none if there are none. A sample for [`RfmBoundaries::of`].
    pub fn values(&self, facts: &Facts<'_>, now: Timestamp) -> Option<RfmValues> {
        let counted = ahead(self.window, facts.purchases(), now)
            .iter()
            .filter(|purchase| self.window.contains(purchase.placed_at, now));
        let mut values = None;
        for purchase in counted {
            let values = values.get_or_insert(RfmValues {
                last: purchase.placed_at,
                orders: 0,
                spend_minor: 0,
            });
            values.last = purchase.placed_at;
            values.orders = values.orders.saturating_add(1);
            let net = purchase.net_minor.unwrap_or_default();
            values.spend_minor = values.spend_minor.saturating_add(net);
        }
        values
    }
}

/// The quintiles of a customer at `now`.
pub(super) fn rank(rfm: &Rfm, facts: &Facts<'_>, now: Timestamp) -> Raw {
    let boundaries = &rfm.boundaries;
    let values = rfm.values(facts, now).filter(|_| !boundaries.is_empty());
    let until = ahead(rfm.window, facts.purchases(), now)
        .iter()
        .fold(None, |until, purchase| {
            earliest(until, rfm.window.changes(purchase.at(), now))
        });
    let components = values.map(|values| {
        let monetary = Found::Number(major(values.spend_minor, facts.currency));
        [
            component(
                "recency",
                boundaries.recency.of(&values.last),
                Found::Instant(values.last),
            ),
            component(
                "frequency",
                boundaries.frequency.of(&values.orders),
                Found::Count(values.orders),
            ),
            component(
                "monetary",
                boundaries.monetary.of(&values.spend_minor),
                monetary,
            ),
        ]
    });
    Raw {
        is_known: components.is_some(),
        until,
        components: components.into_iter().flatten().collect(),
        coverage: None,
    }
}

fn component(key: &str, quintile: u32, found: Found) -> Component {
    Component {
        key: key.to_owned(),
        title: key.to_owned(),
        value: ScoreValue::Constant(quintile.into()),
        found,
        touchpoints: Named::latest(Vec::new()),
    }
}

/// An amount in major units.
fn major(minor: i64, currency: Currency) -> Number {
    let amount = Money { minor, currency }.to_decimal().parse().ok();
    amount
        .and_then(|amount: f64| Number::try_from(amount).ok())
        .unwrap_or(Number::ZERO)
}
