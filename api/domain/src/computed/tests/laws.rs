//! What is true of every computed trait and every history.

use proptest::prelude::*;

use super::generate::definition;
use super::naive::naive;
use crate::clock::Timestamp;
use crate::computed::{Computed, Definition, Of, value};
use crate::condition::evaluate::{Facts, Known};
use crate::condition::generate::{BEGIN, HOUR, HOURS, Happened, happened, history, instant};
use crate::condition::{Span, Window};
use crate::profile::Order;

/// The last instant at which anything that is generated changes by itself, with some to spare.
const END: Timestamp = Timestamp(BEGIN.0 + (2 * HOURS + 200) * HOUR);

/// Whether two values are the same, whatever decided them.
fn same(one: &Computed, other: &Computed) -> bool {
    (&one.value, one.capped) == (&other.value, other.capped)
}

/// Whether the value is the same from `now` until it says, at each hour and just before the change.
fn stays(definition: &Definition, facts: &Facts<'_>, now: Timestamp) -> bool {
    let Known {
        value: first,
        until,
    } = value(definition, facts, now);
    let end = until.unwrap_or(END);
    let hours = std::iter::successors(Some(now), |at| Some(at.plus_millis(HOUR)));
    until.is_none_or(|until| until > now)
        && hours
            .take_while(|at| *at < end.min(END))
            .chain([Timestamp(end.0 - 1)])
            .all(|at| same(&value(definition, facts, at).value, &first))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn a_value_is_what_the_definition_says(
        definition in definition(), one in history(), other in history(), now in instant(),
    ) {
        // What two profiles did is what the one they were merged into did.
        let mut both = one.clone();
        both.touchpoints.extend(other.touchpoints);
        both.purchases.extend(other.purchases);
        for history in [one, both] {
            let computed = value(&definition, &history.facts(), now).value;
            let (value, capped) = naive(&definition, &history, now);
            prop_assert_eq!(computed.value, value);
            prop_assert_eq!(computed.capped, capped);
        }
    }

    #[test]
    fn a_value_is_known_until_it_says_and_no_longer(
        definition in definition(), history in history(), now in instant(),
    ) {
        let facts = history.facts();
        prop_assert!(stays(&definition, &facts, now));
        let known = value(&definition, &facts, now);
        if let Some(until) = known.until {
            prop_assert!(!same(&value(&definition, &facts, until).value, &known.value));
        }
    }

    #[test]
    fn the_order_of_arrival_does_not_matter(
        definition in definition(), history in history(), now in instant(),
    ) {
        let mut turned = history.clone();
        turned.touchpoints.reverse();
        turned.purchases.reverse();
        prop_assert_eq!(
            value(&definition, &history.facts(), now),
            value(&definition, &turned.facts(), now)
        );
    }

    #[test]
    fn what_happened_before_the_window_changes_nothing(
        definition in definition(), history in history(), late in happened(), now in instant(),
        hours in 1_i64..100, before in 0_i64..50,
    ) {
        let window = Window::Last(Span::try_from(hours * HOUR).unwrap());
        let definition = Definition { window, ..definition };
        let mut more = history.clone();
        let occurred_at = now.plus_millis(-(hours + before) * HOUR);
        let order = Order { occurred_at, ..late.order };
        more.touchpoints.push(Happened { order, ..late });
        prop_assert_eq!(
            value(&definition, &history.facts(), now),
            value(&definition, &more.facts(), now)
        );
    }

    #[test]
    fn a_touchpoint_that_the_filter_does_not_pass_changes_nothing(
        definition in definition(), history in history(), other in happened(), now in instant(),
    ) {
        let all = matches!(&definition.of, Of::Touchpoints { filter, .. } if filter.names.is_empty());
        prop_assume!(!all);
        let mut more = history.clone();
        let name = "Something Else".to_owned();
        more.touchpoints.push(Happened { name, ..other });
        prop_assert_eq!(
            value(&definition, &history.facts(), now),
            value(&definition, &more.facts(), now)
        );
    }

    #[test]
    fn what_was_stored_is_read_back(definition in definition()) {
        let json = serde_json::to_string(&definition).unwrap();
        prop_assert_eq!(serde_json::from_str::<Definition>(&json).unwrap(), definition);
    }
}
