//! Windows and sequences once more, straight from their definitions, to compare with.

use proptest::prelude::*;

use crate::clock::Timestamp;
use crate::condition::evaluate::facts::Dated;
use crate::condition::evaluate::matcher::Matcher;
use crate::condition::evaluate::value::number;
use crate::condition::evaluate::{Facts, TouchpointFact, decide};
use crate::condition::generate::{history, instant, leaf};
use crate::condition::{Condition, Filter, Measure, Number, SequenceTest, TouchpointTest, Window};

/// The touchpoints that pass and are in the window, in their order.
fn counted<'f, 'a>(
    filter: &Filter,
    window: Window,
    facts: &'f Facts<'a>,
    now: Timestamp,
) -> Vec<&'f TouchpointFact<'a>> {
    let matcher = Matcher::new(filter, now);
    let all = facts.touchpoints().iter();
    all.filter(|one| window.contains(one.at(), now) && matcher.passes(one))
        .collect()
}

/// Whether what touchpoints come to passes; none for sums and means, which are exact elsewhere.
fn comes_to(test: &TouchpointTest, facts: &Facts<'_>, now: Timestamp) -> Option<bool> {
    let counted = counted(&test.filter, test.window, facts, now);
    let numbers = |name: &str| -> Vec<Number> {
        let rows = counted.iter().flat_map(|one| one.values().get(name));
        rows.filter_map(number).collect()
    };
    let extreme = |name, first: fn(&Number, &Number) -> bool| {
        let pick = |one: Number, other| if first(&one, &other) { one } else { other };
        numbers(name).into_iter().reduce(pick)
    };
    Some(match &test.measure {
        Measure::Count(bound) => bound.passes(&u32::try_from(counted.len()).unwrap()),
        Measure::Min(name, bound) => {
            extreme(name, Number::lt).is_some_and(|least| bound.passes(&least))
        }
        Measure::Max(name, bound) => {
            extreme(name, Number::gt).is_some_and(|greatest| bound.passes(&greatest))
        }
        Measure::First(time) => counted
            .first()
            .is_some_and(|first| time.passes(first.at(), now)),
        Measure::Last(time) => counted
            .last()
            .is_some_and(|last| time.passes(last.at(), now)),
        Measure::Sum(..) | Measure::Mean(..) | Measure::Distinct(..) => return None,
    })
}

fn follows(test: &SequenceTest, facts: &Facts<'_>, now: Timestamp) -> bool {
    let thens = counted(&test.then, Window::Ever, facts, now);
    counted(&test.first, test.window, facts, now)
        .iter()
        .any(|first| {
            let deadline = first.at().plus_millis(test.within.millis());
            let followed = thens
                .iter()
                .any(|then| first.at() < then.at() && then.at() <= deadline);
            if test.follows {
                followed
            } else {
                !followed && deadline <= now
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn an_answer_is_what_the_definition_says(leaf in leaf(), history in history(), now in instant()) {
        let facts = history.facts();
        let expected = match &leaf {
            Condition::Touchpoint(test) => comes_to(test, &facts, now),
            Condition::Sequence(test) => Some(follows(test, &facts, now)),
            _ => None,
        };
        if let Some(expected) = expected {
            prop_assert_eq!(decide(&leaf, &facts, now).holds, expected);
        }
    }
}
