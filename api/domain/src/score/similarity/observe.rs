//! The values of features.

use std::collections::BTreeSet;
use std::fmt;

use super::{Feature, FeatureKind, Folded, Observed, Similarity};
use crate::clock::Timestamp;
use crate::condition::evaluate::{Dated, Facts, Found, MAX_NAMED, PurchaseFact, earliest};
use crate::condition::{Number, Scalar};
use crate::money::Money;

const DAY: i64 = 86_400_000;

/// The value of a feature.
#[derive(Clone, PartialEq, Eq)]
pub enum FeatureValue {
    /// A number.
    Number(Number),
    /// Texts, and truth values as `true` and `false`.
    Texts(BTreeSet<Folded>),
}

impl FeatureValue {
    /// The value as it is shown.
    pub(super) fn found(&self) -> Found {
        match self {
            Self::Number(number) => Found::Number(*number),
            Self::Texts(texts) => {
                let texts = texts.iter().take(MAX_NAMED);
                let scalar = |text: &Folded| Scalar::Text(text.as_str().to_owned());
                Found::Values(texts.map(scalar).collect())
            }
        }
    }
}

/// Shows the kind of the value and nothing of the person.
impl fmt::Debug for FeatureValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Number(_) => "Number(..)",
            Self::Texts(_) => "Texts(..)",
        })
    }
}

impl Similarity {
    /// The values of the features of a profile, in the order of the features; none where there is no value. A sample for
    /// [`centred`](Self::centred).
    pub fn values(&self, facts: &Facts<'_>, now: Timestamp) -> Vec<Option<FeatureValue>> {
        let features = self.features.iter();
        features
            .map(|feature| observe(feature, facts, now))
            .collect()
    }
}

/// The value of a feature; none if it is missing.
pub(super) fn observe(
    feature: &Feature,
    facts: &Facts<'_>,
    now: Timestamp,
) -> Option<FeatureValue> {
    let number = |number: f64| Number::try_from(number).ok();
    let observed = match (&feature.value, &feature.kind) {
        (Observed::Trait(name), FeatureKind::Numeric { .. }) => {
            number(facts.traits.get(name).iter().find_map(|row| row.number)?)
        }
        (Observed::Trait(name), FeatureKind::Category { .. } | FeatureKind::Set { .. }) => {
            let texts: BTreeSet<_> = facts
                .traits
                .get(name)
                .iter()
                .filter_map(|row| {
                    let truth = row.truth.map(|truth| truth.to_string());
                    row.text.clone().or(truth).map(Folded::from)
                })
                .collect();
            return (!texts.is_empty()).then_some(FeatureValue::Texts(texts));
        }
        (Observed::Orders, _) => {
            let orders = placed(facts, now).len();
            Some(u32::try_from(orders).unwrap_or(u32::MAX).into())
        }
        (Observed::Spend, _) => number(spend(placed(facts, now), facts)?.0),
        (Observed::MeanSpend, _) => {
            let (spend, orders) = spend(placed(facts, now), facts)?;
            let mean = spend / f64::from(orders);
            (orders > 0).then(|| number(mean)).flatten()
        }
        (Observed::DaysSinceLastOrder, _) => {
            let last = placed(facts, now).last()?.placed_at;
            let days = (now.0 - last.0) / DAY;
            Some(u32::try_from(days).unwrap_or(u32::MAX).into())
        }
    };
    observed.map(FeatureValue::Number)
}

/// The first instant after `now` at which a feature may have another value, or one that compares in another way.
pub(super) fn changes(feature: &Feature, facts: &Facts<'_>, now: Timestamp) -> Option<Timestamp> {
    if matches!(feature.value, Observed::Trait(_)) {
        return None;
    }
    let next = facts.purchases().get(placed(facts, now).len());
    let next = next.map(Dated::at);
    let FeatureKind::Numeric { ideal, range } = &feature.kind else {
        return next;
    };
    let last = placed(facts, now).last();
    let day = last
        .filter(|_| feature.value == Observed::DaysSinceLastOrder)
        .map(|last| (last.placed_at, (now.0 - last.placed_at.0) / DAY))
        // Once it is too long ago to be like the ideal, it never is again.
        .filter(|(_, days)| {
            let days = f64::from(u32::try_from(*days).unwrap_or(u32::MAX));
            days <= ideal.get() || days - ideal.get() < range.get()
        })
        .map(|(last, days)| last.plus_millis((days + 1) * DAY));
    earliest(next, day)
}

/// The purchases that have been placed.
fn placed<'f, 'a>(facts: &'f Facts<'a>, now: Timestamp) -> &'f [PurchaseFact<'a>] {
    let all = facts.purchases();
    let placed = all.partition_point(|purchase| purchase.placed_at <= now);
    all.get(..placed).unwrap_or_default()
}

/// What purchases in the deployment's currency come to in major units, and how many there are.
fn spend(purchases: &[PurchaseFact<'_>], facts: &Facts<'_>) -> Option<(f64, u32)> {
    let amounts = purchases.iter().filter_map(|purchase| purchase.net_minor);
    let (minor, orders) = amounts.fold((0_i64, 0_u32), |(sum, orders), amount| {
        (sum.saturating_add(amount), orders.saturating_add(1))
    });
    let currency = facts.currency;
    let major = Money { minor, currency }.to_decimal().parse().ok()?;
    Some((major, orders))
}
