//! The lifecycle stage of a customer, from their purchases and their own purchase cycle.
//!
//! - Without a purchase: `LEAD` if there is a way to reach the person, else `ANONYMOUS`. Who bought is a customer, reachable or not.
//! - From the first purchase, for the period of new customers: `NEW`, whatever else they buy in it.
//! - Then the time since the last purchase is compared with the customer's cycle as of that purchase: up to the first factor times
//!   the cycle `ACTIVE`, up to the second `LOSING_INTEREST`, beyond it `LOST`; a whole number of milliseconds more is beyond.
//! - A purchase while `LOST` makes `RECOVERED` instead of `ACTIVE`, and so do the other purchases of its day. The next purchase on
//!   another day makes `ACTIVE`; without one, interest is lost as ever.

use super::cause::{Rhythm, StageCause};
use super::cycle::{RunningMedian, cycle, gap, times};
use super::timeline::Timeline;
use super::{Rules, Stage, Standing, is_reachable};
use crate::clock::Timestamp;
use crate::condition::{Facts, Number};

/// The lifecycle stage at an instant, with when it began, when time alone ends it, and why.
pub fn stage(facts: &Facts<'_>, rules: &Rules, now: Timestamp) -> Standing<Stage, StageCause> {
    timeline(facts, rules).standing(now)
}

/// Every change of the lifecycle stage up to an instant, by what is known today: so also for purchases that were imported long after
/// they were placed.
///
/// It begins when the person was seen first, or with the first purchase. The stage before that purchase rests on the identifiers
/// that are known today, as facts do not say since when each is known.
pub fn stages(facts: &Facts<'_>, rules: &Rules, upto: Timestamp) -> Vec<(Timestamp, Stage)> {
    timeline(facts, rules).changes(upto)
}

fn timeline(facts: &Facts<'_>, rules: &Rules) -> Timeline<Stage, StageCause> {
    let (value, cause) = if is_reachable(facts) {
        (Stage::Lead, StageCause::NeverBought)
    } else {
        (Stage::Anonymous, StageCause::Unreachable)
    };
    let mut timeline = Timeline::new(value, cause);
    if let Some(seen) = facts.first_seen {
        timeline.push(seen, value, cause);
    }
    let mut placed = facts.purchases().iter().map(|purchase| purchase.placed_at);
    let Some(first) = placed.next() else {
        return timeline;
    };
    let mut buying = Buying {
        timeline,
        rules,
        first,
        gaps: RunningMedian::default(),
        lost_since: None,
    };
    buying.buys(first);
    let mut before = first;
    for at in placed {
        let gap = gap(before, at, facts.time_zone);
        buying.buys_again(at, gap);
        before = at;
    }
    buying.timeline
}

/// The timeline of a customer up to a purchase.
struct Buying<'r> {
    timeline: Timeline<Stage, StageCause>,
    rules: &'r Rules,
    first: Timestamp,
    gaps: RunningMedian,
    /// Since when the customer had been lost when they bought on this day; none if they were not.
    lost_since: Option<Timestamp>,
}

impl Buying<'_> {
    /// A later purchase, with the interval before it unless it is of the same day.
    fn buys_again(&mut self, at: Timestamp, gap: Option<i64>) {
        self.timeline.cut(at);
        let lost_since = match self.timeline.last() {
            Some((since, Stage::Lost, _)) => Some(since),
            _ if gap.is_none() => self.lost_since,
            _ => None,
        };
        if let Some(gap) = gap {
            self.gaps.add(gap);
        }
        self.lost_since = lost_since;
        self.buys(at);
    }

    /// Lays out what follows a purchase if no other one does.
    fn buys(&mut self, at: Timestamp) {
        let (rules, first) = (self.rules, self.first);
        let cycle_millis = cycle(&self.gaps, rules);
        let gaps = self.gaps.count();
        let rhythm = |factor: Number| Rhythm {
            last: at,
            cycle_millis,
            gaps,
            factor,
        };
        let beyond = |factor: Number| {
            let within = times(factor, cycle_millis);
            at.plus_millis(within).plus_millis(1)
        };
        let period = rules.new_customer_period;
        let known = first.plus_millis(period.millis()).max(at);
        let losing = beyond(rules.first_factor).max(known);
        let lost = beyond(rules.second_factor).max(losing);
        self.timeline.cut(at);
        if at < known {
            let cause = StageCause::FirstPurchase { first, period };
            self.timeline.push(at, Stage::New, cause);
        }
        if known < losing {
            let rhythm = rhythm(rules.first_factor);
            let (stage, cause) = match self.lost_since {
                None => (Stage::Active, StageCause::WithinCycle(rhythm)),
                Some(lost_since) => (
                    Stage::Recovered,
                    StageCause::BackAfterLost { lost_since, rhythm },
                ),
            };
            self.timeline.push(known, stage, cause);
        }
        if losing < lost {
            let cause = StageCause::BeyondCycle(rhythm(rules.first_factor));
            self.timeline.push(losing, Stage::LosingInterest, cause);
        }
        let cause = StageCause::BeyondCycle(rhythm(rules.second_factor));
        self.timeline.push(lost, Stage::Lost, cause);
    }
}
