//! What is true of every condition and every history.

use proptest::prelude::*;

use crate::clock::Timestamp;
use crate::condition::Condition;
use crate::condition::evaluate::{Because, Decision, Facts, decide, evaluate};
use crate::condition::generate::{
    BEGIN, HOUR, HOURS, Happened, condition, happened, history, instant, leaf,
};

/// The last instant at which anything that is generated changes by itself, with some to spare.
const END: Timestamp = Timestamp(BEGIN.0 + (2 * HOURS + 200) * HOUR);

fn not(condition: Condition) -> Condition {
    Condition::Not(Box::new(condition))
}

/// Whether the answer is the same from `now` until it says, at each hour and just before the change.
fn stays(condition: &Condition, facts: &Facts<'_>, now: Timestamp) -> bool {
    let Decision { holds, until } = decide(condition, facts, now);
    let end = until.unwrap_or(END);
    let hours = std::iter::successors(Some(now), |at| Some(at.plus_millis(HOUR)));
    until.is_none_or(|until| until > now)
        && hours
            .take_while(|at| *at < end.min(END))
            .chain([Timestamp(end.0 - 1)])
            .all(|at| decide(condition, facts, at).holds == holds)
}

/// Whether the facts of a leaf say themselves until when they are known.
fn asks_what_was_derived(leaf: &Condition) -> bool {
    matches!(
        leaf,
        Condition::Segment(_)
            | Condition::Score(_)
            | Condition::Consent(_)
            | Condition::Stage(_)
            | Condition::Level(_)
    )
}

/// Whether each filter of touchpoints names those it lets pass.
fn names_what_it_filters(condition: &Condition) -> bool {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().all(names_what_it_filters),
        Condition::Not(part) => names_what_it_filters(part),
        Condition::Touchpoint(test) => !test.filter.names.is_empty(),
        Condition::Sequence(test) => !test.first.names.is_empty() && !test.then.names.is_empty(),
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn an_answer_holds_until_it_says(condition in condition(), history in history(), now in instant()) {
        prop_assert!(stays(&condition, &history.facts(), now));
    }

    #[test]
    fn a_leaf_holds_until_it_says_and_no_longer(leaf in leaf(), history in history(), now in instant()) {
        let facts = history.facts();
        prop_assert!(stays(&leaf, &facts, now));
        let decision = decide(&leaf, &facts, now);
        if let Some(until) = decision.until && !asks_what_was_derived(&leaf) {
            prop_assert_ne!(decide(&leaf, &facts, until).holds, decision.holds);
        }
    }

    #[test]
    fn an_explanation_gives_the_same_answer(condition in condition(), history in history(), now in instant()) {
        let facts = history.facts();
        let evaluation = evaluate(&condition, &facts, now);
        let decision = Decision { holds: evaluation.holds, until: evaluation.until };
        prop_assert_eq!(decision, decide(&condition, &facts, now));
        let json = serde_json::to_string(&evaluation.because).unwrap();
        prop_assert_eq!(serde_json::from_str::<Because>(&json).unwrap(), evaluation.because);
    }

    #[test]
    fn the_order_of_arrival_does_not_matter(condition in condition(), history in history(), now in instant()) {
        let mut turned = history.clone();
        turned.touchpoints.reverse();
        turned.purchases.reverse();
        prop_assert_eq!(
            evaluate(&condition, &history.facts(), now),
            evaluate(&condition, &turned.facts(), now)
        );
    }

    #[test]
    fn a_touchpoint_that_no_filter_passes_changes_nothing(
        condition in condition(), history in history(), other in happened(), now in instant(),
    ) {
        prop_assume!(names_what_it_filters(&condition));
        let mut more = history.clone();
        let name = "Something Else".to_owned();
        more.touchpoints.push(Happened { name, ..other });
        prop_assert_eq!(
            evaluate(&condition, &history.facts(), now),
            evaluate(&condition, &more.facts(), now)
        );
    }

    #[test]
    fn what_lies_ahead_does_not_count_yet(condition in leaf(), history in history(), now in instant()) {
        let mut past = history.clone();
        past.touchpoints.retain(|one| one.order.occurred_at <= now);
        past.purchases.retain(|(_, view)| view.placed_at <= Some(now));
        prop_assert_eq!(
            decide(&condition, &history.facts(), now).holds,
            decide(&condition, &past.facts(), now).holds
        );
    }

    #[test]
    fn twice_not_is_nothing(condition in condition(), history in history(), now in instant()) {
        let facts = history.facts();
        let twice = not(not(condition.clone()));
        prop_assert_eq!(decide(&twice, &facts, now), decide(&condition, &facts, now));
    }

    #[test]
    fn de_morgan_is_right(one in condition(), other in condition(), history in history(), now in instant()) {
        let facts = history.facts();
        let neither = not(Condition::Any(vec![one.clone(), other.clone()]));
        let both_not = Condition::All(vec![not(one), not(other)]);
        prop_assert_eq!(decide(&neither, &facts, now), decide(&both_not, &facts, now));
    }

    #[test]
    fn whoever_decides_again_comes_to_an_end(condition in condition(), history in history()) {
        let facts = history.facts();
        let mut at = BEGIN;
        let mut steps = 0;
        while let Some(until) = decide(&condition, &facts, at).until && until < END {
            prop_assert!(until > at);
            at = until;
            steps += 1;
        }
        prop_assert!(steps < 2_000, "{} steps", steps);
    }
}
