//! What is true of every customer and all rules.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use uuid::Uuid;

use super::naive;
use crate::clock::Timestamp;
use crate::condition::evaluate::Facts;
use crate::condition::generate::{BEGIN, HOUR, HOURS, History, history, instant};
use crate::condition::{Number, Span};
use crate::id::PurchaseId;
use crate::lifecycle::{
    LevelCause, Rules, SpendBoundaries, Standing, is_reachable, level, levels, spend, stage, stages,
};

/// After all that is generated has come to its end.
const END: Timestamp = Timestamp(BEGIN.0 + 4 * HOURS * HOUR);

fn hours(range: std::ops::Range<i64>) -> impl Strategy<Value = Span> {
    range.prop_map(|hours| Span::try_from(hours * HOUR).unwrap())
}

fn boundaries() -> impl Strategy<Value = SpendBoundaries> {
    (0_i64..9_000, 0_i64..9_000, option::of(0_i64..9_000)).prop_map(|(one, other, medium)| {
        SpendBoundaries {
            top: Some(one.max(other)),
            large: Some(one.min(other)),
            medium: medium.map(|medium| medium.min(one).min(other)),
        }
    })
}

/// Rules under which much happens in a few days.
fn rules() -> impl Strategy<Value = Rules> {
    let factors = select(vec![
        (0.5, 0.75),
        (1.0, 1.000_001),
        (1.5, 3.0),
        (0.333_333, 7.0),
    ]);
    (
        hours(1..60),
        factors,
        0_u32..4,
        hours(1..40),
        hours(1..200),
        option::of(boundaries()),
    )
        .prop_map(
            |(new, (first, second), shrinkage, gap, period, boundaries)| Rules {
                new_customer_period: new,
                first_factor: Number::try_from(first).unwrap(),
                second_factor: Number::try_from(second).unwrap(),
                shrinkage,
                population_gap: Some(gap),
                pyramid_period: period,
                spend_boundaries: boundaries,
                ..Rules::default()
            },
        )
}

/// Any history, with some purchases at the instant of another one or within hours of it.
fn customer() -> impl Strategy<Value = History> {
    let more = vec((any::<Index>(), any::<u128>(), 0_i64..15), 0..5);
    (history(), more).prop_map(|(mut history, more)| {
        for (which, bits, hours) in more {
            let Some((_, view)) = history
                .purchases
                .get(which.index(history.purchases.len().max(1)))
            else {
                continue;
            };
            let mut view = view.clone();
            view.placed_at = view.placed_at.map(|at| at.plus_millis(hours / 3 * HOUR));
            history
                .purchases
                .push((PurchaseId(Uuid::from_u128(bits)), view));
        }
        history
    })
}

fn bought(facts: &Facts<'_>) -> Vec<naive::Bought> {
    let purchases = facts.purchases().iter();
    purchases
        .map(|purchase| (purchase.placed_at, purchase.net_minor.unwrap_or_default()))
        .collect()
}

/// Hours throughout, and the instants beside each change.
fn instants(changes: impl IntoIterator<Item = Timestamp>) -> Vec<Timestamp> {
    let hours = (-1..=4 * HOURS)
        .step_by(11)
        .map(|hours| BEGIN.plus_millis(hours * HOUR));
    let beside = changes
        .into_iter()
        .flat_map(|at| [at.plus_millis(-1), at, at.plus_millis(1)]);
    hours.chain(beside).filter(|at| *at <= END).collect()
}

/// Whether a standing is as it says from now until its end, and another one at its end.
fn keeps_its_word<T: Copy + PartialEq, C>(
    at: impl Fn(Timestamp) -> Standing<T, C>,
    now: Timestamp,
) -> bool {
    let standing = at(now);
    let end = standing.until.unwrap_or(END);
    let hours = std::iter::successors(Some(now), |at| Some(at.plus_millis(5 * HOUR)));
    let same = |other: Standing<T, C>| {
        // Before the person is seen first it is not known since when what holds of them does.
        let since = standing.since.is_none() || other.since == standing.since;
        since && (other.value, other.until) == (standing.value, standing.until)
    };
    end > now
        && hours
            .take_while(|at| *at < end.min(END))
            .chain([end.plus_millis(-1)])
            .all(|time| same(at(time)))
        && standing
            .until
            .is_none_or(|until| at(until).value != standing.value)
        && standing.since.is_none_or(|since| {
            let began = at(since);
            began.value == standing.value && began.since == Some(since) && since <= now
        })
}

fn past(history: &History, now: Timestamp) -> History {
    let mut past = history.clone();
    past.purchases
        .retain(|(_, view)| view.placed_at <= Some(now));
    past
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn a_standing_holds_until_it_says_and_no_longer(history in customer(), rules in rules(), now in instant()) {
        let facts = history.facts();
        prop_assert!(keeps_its_word(|at| stage(&facts, &rules, at), now));
        prop_assert!(keeps_its_word(|at| level(&facts, &rules, at), now));
    }

    #[test]
    fn the_stage_is_what_the_rules_say(history in customer(), rules in rules()) {
        let facts = history.facts();
        let (bought, reachable) = (bought(&facts), is_reachable(&facts));
        let changes = stages(&facts, &rules, END);
        for at in instants(changes.into_iter().map(|(at, _)| at)) {
            let naive = naive::stage(&bought, reachable, facts.time_zone, &rules, at);
            prop_assert_eq!(stage(&facts, &rules, at).value, naive, "at {}", at);
        }
    }

    #[test]
    fn the_level_is_what_the_rules_say(history in customer(), rules in rules()) {
        let facts = history.facts();
        let (bought, reachable) = (bought(&facts), is_reachable(&facts));
        let changes = levels(&facts, &rules, END);
        for at in instants(changes.into_iter().map(|(at, _)| at)) {
            let naive = naive::level(&bought, reachable, facts.first_seen, &rules, at);
            prop_assert_eq!(level(&facts, &rules, at).value, naive, "at {}", at);
        }
    }

    #[test]
    fn the_history_ends_with_what_holds(history in customer(), rules in rules()) {
        let facts = history.facts();
        let all = stages(&facts, &rules, END);
        for at in instants(all.iter().map(|(at, _)| *at)) {
            let so_far = stages(&facts, &rules, at);
            prop_assert!(all.starts_with(&so_far));
            let standing = stage(&facts, &rules, at);
            let last = standing.since.map(|since| (since, standing.value));
            prop_assert_eq!(so_far.last().copied(), last);
            let standing = level(&facts, &rules, at);
            let last = standing.since.map(|since| (since, standing.value));
            prop_assert_eq!(levels(&facts, &rules, at).last().copied(), last);
        }
        prop_assert!(all.is_sorted_by(|one, next| one.0 < next.0 && one.1 != next.1));
    }

    #[test]
    fn the_order_of_arrival_does_not_matter(history in customer(), rules in rules(), now in instant()) {
        let mut turned = history.clone();
        turned.purchases.reverse();
        let (facts, turned) = (history.facts(), turned.facts());
        prop_assert_eq!(stage(&facts, &rules, now), stage(&turned, &rules, now));
        prop_assert_eq!(level(&facts, &rules, now), level(&turned, &rules, now));
    }

    #[test]
    fn what_lies_ahead_does_not_count_yet(history in customer(), rules in rules(), now in instant()) {
        let past = past(&history, now);
        let (facts, past) = (history.facts(), past.facts());
        let (all, so_far) = (stage(&facts, &rules, now), stage(&past, &rules, now));
        prop_assert_eq!((all.value, all.since, all.cause), (so_far.value, so_far.since, so_far.cause));
        let (all, so_far) = (level(&facts, &rules, now), level(&past, &rules, now));
        prop_assert_eq!((all.value, all.since, all.cause), (so_far.value, so_far.since, so_far.cause));
    }

    #[test]
    fn the_spend_that_is_measured_is_the_one_that_decides(history in customer(), rules in rules(), now in instant()) {
        let facts = history.facts();
        let by_cause = match level(&facts, &rules, now).cause {
            LevelCause::Spend { minor, .. } => Some(minor),
            _ => None,
        };
        prop_assert_eq!(spend(&facts, rules.pyramid_period, now), by_cause);
    }
}
