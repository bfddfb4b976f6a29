//! Boundaries between the levels of those who buy, measured from what they all spent.

use serde::{Deserialize, Serialize};

use super::{Level, Tiers};

/// Above which spend within the period each level begins, in minor units of the deployment's currency. None: any spend will do.
///
/// Customers of equal spend are always on one level. Where a boundary would part them they are all below it, so that no level, with
/// those above it, is ever larger than its share, rounded up to whole customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SpendBoundaries {
    /// Of the first level.
    pub top: Option<i64>,
    /// Of the second level.
    pub large: Option<i64>,
    /// Of the third level.
    pub medium: Option<i64>,
}

impl SpendBoundaries {
    /// Measures the boundaries, from what each customer who bought within the period spent in it; none if there is no such customer.
    pub fn of(spends: impl IntoIterator<Item = i64>, tiers: &Tiers) -> Option<Self> {
        let mut spends: Vec<_> = spends.into_iter().collect();
        spends.sort_unstable_by(|one, other| other.cmp(one));
        if spends.is_empty() {
            return None;
        }
        let customers = u64::try_from(spends.len()).unwrap_or(u64::MAX);
        let below = |among: u64| spends.get(usize::try_from(among).ok()?).copied();
        let [top, large, medium] = tiers.among(customers).map(below);
        Some(Self { top, large, medium })
    }

    /// The level of a spend, and the boundary it is above.
    pub(super) fn level(&self, spend: i128) -> (Level, Option<i64>) {
        [
            (Level::Top, self.top),
            (Level::Large, self.large),
            (Level::Medium, self.medium),
        ]
        .into_iter()
        .find(|(_, above)| above.is_none_or(|above| spend > i128::from(above)))
        .unwrap_or((Level::Small, None))
    }
}

impl Tiers {
    /// How many of so many customers each of the three levels takes at most, with those above it: its share, rounded up to whole
    /// customers. A level begins above the greatest spend that is not among them.
    #[must_use]
    pub fn among(&self, customers: u64) -> [u64; 3] {
        const ALL: u128 = 100_000_000;
        self.cumulated().map(|share| {
            let share = u128::try_from(share).unwrap_or_default();
            let among = u128::from(customers).saturating_mul(share).div_ceil(ALL);
            u64::try_from(among).unwrap_or(u64::MAX)
        })
    }
}
