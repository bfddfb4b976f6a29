//! What touchpoints come to, case by case.

use rstest::rstest;
use serde_json::{Value, json};

use super::{computed, decided, definition, of_touchpoints, shown};
use crate::condition::evaluate::tests::sample::{happened, hour, nobody};
use crate::condition::generate::History;

/// A history of touchpoints with these values of `p`, one an hour from hour 1 on, that arrive in the opposite order.
fn with(values: &Value) -> History {
    let mut history = nobody("EUR");
    let values = values.as_array().unwrap();
    history.touchpoints = (1..)
        .zip(values)
        .map(|(number, value)| happened(number, "Viewed", number.into(), &json!({ "p": value })))
        .collect();
    history.touchpoints.reverse();
    history
}

#[rstest]
#[case::the_number(json!("count"), json!([1, null, "a"]), json!(3))]
#[case::the_sum_is_exact(json!({"sum": "p"}), json!([0.1, 0.2, "7", true, 0.3]), json!(0.6))]
#[case::a_whole_sum_is_a_whole_number(json!({"sum": "p"}), json!([0.5, 1.5]), json!(2))]
#[case::lists_are_summed(json!({"sum": "p"}), json!([[1, 2], 3]), json!(6))]
#[case::what_is_too_great_is_left_out(json!({"sum": "p"}), json!([1e18, 1]), json!(1))]
#[case::the_mean(json!({"mean": "p"}), json!([1, [2, 2]]), json!(1.666_667))]
#[case::the_smallest(json!({"min": "p"}), json!([3, -2.5, "-9", 4]), json!(-2.5))]
#[case::the_greatest(json!({"max": "p"}), json!([3, 10, 9, "99", [4, 10.5]]), json!(10.5))]
#[case::beyond_what_is_summed(json!({"max": "p"}), json!([1, 1e300]), json!(1e300))]
#[case::the_first_value(json!({"first": "p"}), json!([null, [], "Zapatos", "ropa"]), json!("Zapatos"))]
#[case::the_last_value(json!({"last": "p"}), json!(["a", "Ropa", 5.0, {"q": 1}, null]), json!(5))]
#[case::all_values_of_the_last(json!({"last": "p"}), json!(["a", ["B", null, 2, [3], true]]), json!(["B", 2, true]))]
#[case::the_most_frequent(json!({"most_frequent": "p"}), json!(["a", "b", "b"]), json!("b"))]
#[case::texts_are_folded_and_shown_as_last_written(json!({"most_frequent": "p"}), json!(["Málaga", "x", "MALAGA", "málaga", "x"]), json!("málaga"))]
#[case::a_tie_goes_to_the_first_by_name(json!({"most_frequent": "p"}), json!(["ropa", "Bolsos", "Zapatos"]), json!("Bolsos"))]
#[case::a_tie_goes_to_the_folded_name(json!({"most_frequent": "p"}), json!(["b", "Á", "Z"]), json!("Á"))]
#[case::a_tie_goes_to_numbers_before_texts(json!({"most_frequent": "p"}), json!(["5", 10, 9]), json!(9))]
#[case::a_tie_goes_to_truths_before_numbers(json!({"most_frequent": "p"}), json!([-1, true, false]), json!(false))]
#[case::a_number_is_no_text(json!({"most_frequent": "p"}), json!([5, "5", 5.0]), json!(5))]
#[case::a_list_counts_each_value_once(json!({"most_frequent": "p"}), json!([["b", "B", "b"], "a", "a"]), json!("a"))]
#[case::the_number_of_different(json!({"distinct_count": "p"}), json!([5, "5", 5.0, "a", "Á", [true, "a"]]), json!(4))]
#[case::the_different_in_order(
    json!({"distinct_values": {"property": "p", "cap": 10}}),
    json!(["ropa", 10, "Ropa", 9, "bolsos", true, 9]),
    json!([true, 9, 10, "bolsos", "Ropa"])
)]
#[case::when_the_first_was(json!("first_at"), json!([1, 2]), json!("1970-01-01T01:00:00.000Z"))]
#[case::when_the_last_was(json!("last_at"), json!([1, 2]), json!("1970-01-01T02:00:00.000Z"))]
fn touchpoints_come_to_a_value(
    #[case] measure: Value,
    #[case] values: Value,
    #[case] expected: Value,
) {
    let computed = computed(&of_touchpoints(&measure), &with(&values), hour(100));
    assert_eq!(shown(&computed.value), expected);
    assert_eq!((computed.until, computed.value.capped), (None, false));
}

#[rstest]
#[case(json!("count"), json!(0))]
#[case(json!({"sum": "p"}), json!(0))]
#[case(json!({"distinct_count": "p"}), json!(0))]
#[case(json!({"min": "p"}), json!(null))]
#[case(json!({"max": "p"}), json!(null))]
#[case(json!({"mean": "p"}), json!(null))]
#[case(json!({"first": "p"}), json!(null))]
#[case(json!({"last": "p"}), json!(null))]
#[case(json!({"most_frequent": "p"}), json!(null))]
#[case(json!({"distinct_values": {"property": "p", "cap": 3}}), json!(null))]
#[case(json!("first_at"), json!(null))]
#[case(json!("last_at"), json!(null))]
fn of_none_numbers_are_zero_and_the_rest_is_missing(
    #[case] measure: Value,
    #[case] expected: Value,
) {
    let computed = computed(&of_touchpoints(&measure), &nobody("EUR"), hour(100));
    assert_eq!(shown(&computed.value), expected);
    assert_eq!(decided(&computed.value), (vec![], 0));
}

#[rstest]
#[case(4, false, json!(["a", "b", "c", "d"]))]
#[case(3, true, json!(["a", "b", "c"]))]
#[case(1, true, json!(["a"]))]
fn a_capped_list_keeps_the_first_and_says_so(
    #[case] cap: u16,
    #[case] capped: bool,
    #[case] expected: Value,
) {
    let list = json!({"distinct_values": {"property": "p", "cap": cap}});
    let history = with(&json!(["d", "b", ["a", "c"]]));
    let computed = computed(&of_touchpoints(&list), &history, hour(100));
    assert_eq!(shown(&computed.value), expected);
    assert_eq!(computed.value.capped, capped);
}

#[rstest]
#[case::all_that_count(json!("count"), &[1, 2, 3, 4, 5])]
#[case::those_with_a_number(json!({"sum": "p"}), &[1, 2, 4])]
#[case::those_with_the_greatest(json!({"max": "p"}), &[2, 4])]
#[case::those_with_the_smallest(json!({"min": "p"}), &[1])]
#[case::the_first(json!({"first": "p"}), &[1])]
#[case::the_last_with_a_value(json!({"last": "p"}), &[4])]
#[case::the_last_of_all(json!("last_at"), &[5])]
#[case::those_with_the_most_frequent(json!({"most_frequent": "p"}), &[2, 4])]
#[case::those_with_any(json!({"distinct_count": "p"}), &[1, 2, 3, 4])]
fn what_decided_is_named(#[case] measure: Value, #[case] ids: &[u128]) {
    let history = with(&json!([3, 7, "a", [7, "b"], null]));
    let computed = computed(&of_touchpoints(&measure), &history, hour(100));
    assert_eq!(decided(&computed.value), (ids.to_vec(), ids.len()));
}

#[test]
fn the_latest_ten_are_named() {
    let history = with(&json!(vec![1; 12]));
    let computed = computed(&of_touchpoints(&json!("count")), &history, hour(100));
    assert_eq!(decided(&computed.value), ((3..=12).collect(), 12));
}

#[test]
fn only_what_passes_the_filter_counts() {
    let mut history = with(&json!([1, 2, 4, 8]));
    history.touchpoints[0].name = "Bought".to_owned();
    let filter = json!({"names": ["Viewed"], "properties": [
        {"name": "p", "test": {"number": {"at_least": 2}}}
    ]});
    let sum = json!({"touchpoints": {"filter": filter, "measure": {"sum": "p"}}});
    let sum = definition(&sum, &json!("ever"));
    assert_eq!(shown(&computed(&sum, &history, hour(100)).value), json!(6));
}

#[test]
fn a_value_inside_an_object_is_reached_by_its_path() {
    let mut history = nobody("EUR");
    let place = json!({"place": {"city": "Cádiz"}, "place.city": "Jaén"});
    history.touchpoints = vec![happened(1, "Viewed", 1, &place)];
    let last = of_touchpoints(&json!({"last": "place.city"}));
    let computed = computed(&last, &history, hour(2));
    assert_eq!(shown(&computed.value), json!(["Cádiz", "Jaén"]));
}

#[test]
fn a_long_text_is_cut() {
    let history = with(&json!(["é".repeat(600)]));
    let computed = computed(&of_touchpoints(&json!({"first": "p"})), &history, hour(2));
    assert_eq!(shown(&computed.value), json!("é".repeat(512)));
}

#[test]
fn neither_values_nor_texts_are_shown_to_those_who_debug() {
    let history = with(&json!(["secret"]));
    let computed = computed(&of_touchpoints(&json!({"first": "p"})), &history, hour(2));
    assert!(!format!("{computed:?}").contains("secret"));
}
