//! Until when a value is known, case by case.

use rstest::rstest;
use serde_json::{Value, json};

use super::{computed, definition, shown};
use crate::condition::evaluate::tests::sample::{happened, hour, nobody, span};
use crate::condition::generate::History;

/// Touchpoints at hours 1, 2, 3 and 20 with values of `p`.
fn history() -> History {
    let mut history = nobody("EUR");
    history.touchpoints = [(1, 1, 5), (2, 2, 9), (3, 3, 5), (4, 20, 1)]
        .map(|(number, hours, value)| happened(number, "Viewed", hours, &json!({ "p": value })))
        .into();
    history
}

#[rstest]
#[case::one_leaves(json!("count"), 4, json!(3), Some(11))]
#[case::the_beginning_is_outside(json!("count"), 11, json!(2), Some(12))]
#[case::another_first_follows(json!("first_at"), 4, json!("1970-01-01T01:00:00.000Z"), Some(11))]
#[case::the_last_stays_the_longest(json!("last_at"), 4, json!("1970-01-01T03:00:00.000Z"), Some(13))]
#[case::the_greatest_leaves(json!({"max": "p"}), 4, json!(9), Some(12))]
#[case::the_smallest_is_there_twice(json!({"min": "p"}), 4, json!(5), Some(13))]
#[case::fewer_of_two(json!({"most_frequent": "p"}), 4, json!(5), Some(13))]
#[case::both_values_stay(json!({"distinct_count": "p"}), 4, json!(2), Some(12))]
#[case::the_same_mean(json!({"mean": "p"}), 11, json!(7), Some(12))]
#[case::it_comes_yet(json!("count"), 14, json!(0), Some(20))]
#[case::nothing_is_left(json!("count"), 30, json!(0), None)]
fn a_value_in_a_window_is_known_until_it_changes(
    #[case] measure: Value,
    #[case] now: i64,
    #[case] expected: Value,
    #[case] until: Option<i64>,
) {
    let of = json!({"touchpoints": {"measure": measure}});
    let last = definition(&of, &json!({"last": span(10)}));
    let found = computed(&last, &history(), hour(now));
    assert_eq!(shown(&found.value), expected);
    assert_eq!(found.until, until.map(hour));
}

#[test]
fn what_is_longer_ago_than_the_span_counts_from_then_on() {
    let of = json!({"touchpoints": {"measure": "count"}});
    let before = definition(&of, &json!({"before": span(10)}));
    let found = computed(&before, &history(), hour(12));
    assert_eq!(
        (shown(&found.value), found.until),
        (json!(2), Some(hour(13)))
    );
}

#[test]
fn a_filter_against_the_present_lets_others_pass_later() {
    let mut history = nobody("EUR");
    let starts = json!({"starts": "1970-01-01T08:00:00Z"});
    history.touchpoints = vec![happened(1, "Booked", 1, &starts)];
    let filter =
        json!({"properties": [{"name": "starts", "test": {"time": {"within_past": span(3)}}}]});
    let count = json!({"touchpoints": {"filter": filter, "measure": "count"}});
    let count = definition(&count, &json!("ever"));
    let at = |now| {
        let found = computed(&count, &history, hour(now));
        (shown(&found.value), found.until)
    };
    assert_eq!(at(2), (json!(0), Some(hour(8))));
    assert_eq!(at(8), (json!(1), Some(hour(11))));
    assert_eq!(at(11), (json!(0), None));
}
