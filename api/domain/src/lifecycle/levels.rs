//! The pyramid level of a customer, from what they spent within the period.
//!
//! Who bought in `(now − period, now]` is on one of the four upper levels by what they paid and did not get back for it; who bought
//! before it alone is `INACTIVE`. Who never bought is `POTENTIAL` if there is a way to reach them, `PROBABLE` if they were seen, and
//! else `REST`. Before the boundaries are measured all who bought within the period are `SMALL`.

use super::cause::LevelCause;
use super::timeline::Timeline;
use super::{Level, Rules, Standing, is_reachable};
use crate::clock::Timestamp;
use crate::condition::{Facts, Span, Window};

/// The pyramid level at an instant, with when it began, when time alone ends it, and why.
///
/// The boundaries are those of the rules at every instant.
pub fn level(facts: &Facts<'_>, rules: &Rules, now: Timestamp) -> Standing<Level, LevelCause> {
    timeline(facts, rules).standing(now)
}

/// Every change of the pyramid level up to an instant, by what is known today and by the boundaries of today.
pub fn levels(facts: &Facts<'_>, rules: &Rules, upto: Timestamp) -> Vec<(Timestamp, Level)> {
    timeline(facts, rules).changes(upto)
}

/// What a customer spent in `(now − period, now]`, in minor units; none if they bought nothing in it. What
/// [`SpendBoundaries`](super::SpendBoundaries) are measured from.
pub fn spend(facts: &Facts<'_>, period: Span, now: Timestamp) -> Option<i64> {
    let window = Window::Last(period);
    let mut spend = None;
    for purchase in facts.purchases() {
        if window.contains(purchase.placed_at, now) {
            let net = i128::from(purchase.net_minor.unwrap_or_default());
            spend = Some(spend.unwrap_or_default() + net);
        }
    }
    spend.map(clamp)
}

fn timeline(facts: &Facts<'_>, rules: &Rules) -> Timeline<Level, LevelCause> {
    let mut timeline = without_purchases(facts);
    let mut spent = Spent::default();
    for change in changes(facts, rules.pyramid_period) {
        spent.count(&change);
        let (value, cause) = spent.level(rules);
        timeline.push(change.at, value, cause);
    }
    timeline
}

fn without_purchases(facts: &Facts<'_>) -> Timeline<Level, LevelCause> {
    let (beginning, seen) = if is_reachable(facts) {
        let potential = (Level::Potential, LevelCause::NeverBought);
        (potential, potential)
    } else {
        let rest = (Level::Rest, LevelCause::Unknown);
        (rest, (Level::Probable, LevelCause::Seen))
    };
    let mut timeline = Timeline::new(beginning.0, beginning.1);
    if let Some(at) = facts.first_seen {
        timeline.push(at, seen.0, seen.1);
    }
    timeline
}

/// A purchase that begins or ceases to count.
struct Change {
    at: Timestamp,
    placed_at: Timestamp,
    minor: i128,
    begins: bool,
}

fn changes(facts: &Facts<'_>, period: Span) -> Vec<Change> {
    let both = facts.purchases().iter().flat_map(|purchase| {
        let placed_at = purchase.placed_at;
        let change = |at, begins| Change {
            at,
            placed_at,
            minor: purchase.net_minor.unwrap_or_default().into(),
            begins,
        };
        [
            change(placed_at, true),
            change(placed_at.plus_millis(period.millis()), false),
        ]
    });
    let mut changes: Vec<_> = both.collect();
    changes.sort_by_key(|change| change.at);
    changes
}

/// What was bought within the period, and when last.
#[derive(Default)]
struct Spent {
    minor: i128,
    purchases: u32,
    last: Timestamp,
}

impl Spent {
    fn count(&mut self, change: &Change) {
        if change.begins {
            self.minor += change.minor;
            self.purchases = self.purchases.saturating_add(1);
            self.last = change.placed_at;
        } else {
            self.minor -= change.minor;
            self.purchases = self.purchases.saturating_sub(1);
        }
    }

    fn level(&self, rules: &Rules) -> (Level, LevelCause) {
        let period = rules.pyramid_period;
        if self.purchases == 0 {
            let last = self.last;
            return (Level::Inactive, LevelCause::BoughtBefore { last, period });
        }
        let (level, above_minor) = rules
            .spend_boundaries
            .map_or((Level::Small, None), |measured| measured.level(self.minor));
        let cause = LevelCause::Spend {
            minor: clamp(self.minor),
            purchases: self.purchases,
            period,
            above_minor,
        };
        (level, cause)
    }
}

fn clamp(sum: i128) -> i64 {
    i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX })
}
