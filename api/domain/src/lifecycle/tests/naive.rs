//! Stage and level decided slowly, straight from what the rules say, for comparison.

use chrono_tz::Tz;

use crate::clock::Timestamp;
use crate::condition::Number;
use crate::lifecycle::{Level, Rules, Stage};

/// When a purchase was placed, and for how much.
pub(super) type Bought = (Timestamp, i64);

fn day(at: Timestamp, zone: Tz) -> chrono::NaiveDate {
    at.to_datetime().with_timezone(&zone).date_naive()
}

/// The gaps between purchases in the order of time.
fn gaps(placed: &[Timestamp], zone: Tz) -> Vec<i128> {
    placed
        .windows(2)
        .filter(|pair| day(pair[0], zone) != day(pair[1], zone))
        .map(|pair| i128::from(pair[1].0 - pair[0].0))
        .collect()
}

/// Whether the time that has passed is more than a factor times the cycle.
fn is_beyond(passed: i64, factor: Number, gaps: &[i128], rules: &Rules) -> bool {
    let mut gaps = gaps.to_vec();
    gaps.sort_unstable();
    let population = i128::from(rules.population_gap.unwrap().millis());
    let count = i128::try_from(gaps.len()).unwrap();
    let (sum, parts) = if gaps.is_empty() {
        (population, 1)
    } else {
        let doubled = gaps[(gaps.len() - 1) / 2] + gaps[gaps.len() / 2];
        let weight = i128::from(rules.shrinkage);
        (
            count * doubled + 2 * weight * population,
            2 * (count + weight),
        )
    };
    let bound = i128::from(factor.micros().unwrap()) * (sum / parts);
    i128::from(passed) * 1_000_000 > bound
}

pub(super) fn stage(
    bought: &[Bought],
    reachable: bool,
    zone: Tz,
    rules: &Rules,
    now: Timestamp,
) -> Stage {
    let mut placed: Vec<_> = bought.iter().map(|(at, _)| *at).collect();
    placed.retain(|at| *at <= now);
    placed.sort_unstable();
    let (Some(first), Some(last)) = (placed.first(), placed.last()) else {
        return if reachable {
            Stage::Lead
        } else {
            Stage::Anonymous
        };
    };
    if now.0 - first.0 < rules.new_customer_period.millis() {
        return Stage::New;
    }
    let (passed, gaps) = (now.0 - last.0, gaps(&placed, zone));
    if is_beyond(passed, rules.second_factor, &gaps, rules) {
        return Stage::Lost;
    }
    if is_beyond(passed, rules.first_factor, &gaps, rules) {
        return Stage::LosingInterest;
    }
    let came_when_lost = placed
        .iter()
        .filter(|at| day(**at, zone) == day(*last, zone))
        .any(|at| stage(bought, reachable, zone, rules, at.plus_millis(-1)) == Stage::Lost);
    if came_when_lost {
        Stage::Recovered
    } else {
        Stage::Active
    }
}

pub(super) fn level(
    bought: &[Bought],
    reachable: bool,
    seen: Option<Timestamp>,
    rules: &Rules,
    now: Timestamp,
) -> Level {
    let period = rules.pyramid_period.millis();
    let past = || bought.iter().filter(|(at, _)| *at <= now);
    let within: Vec<_> = past().filter(|(at, _)| now.0 - at.0 < period).collect();
    let spend: i64 = within.iter().map(|(_, minor)| minor).sum();
    let above = |bound: Option<i64>| bound.is_none_or(|bound| spend > bound);
    match rules.spend_boundaries {
        _ if past().next().is_none() && reachable => Level::Potential,
        _ if past().next().is_none() && seen.is_some_and(|seen| seen <= now) => Level::Probable,
        _ if past().next().is_none() => Level::Rest,
        _ if within.is_empty() => Level::Inactive,
        Some(bounds) if above(bounds.top) => Level::Top,
        Some(bounds) if above(bounds.large) => Level::Large,
        Some(bounds) if above(bounds.medium) => Level::Medium,
        _ => Level::Small,
    }
}
