//! Tests of traits, value by value.

use rstest::rstest;
use serde_json::{Value, json};

use super::sample::{answer, at, hour, of_trait, span};
use crate::clock::Timestamp;

const NOW: &str = "2026-03-01T00:00:00Z";

#[rstest]
#[case::a_text_whatever_its_case(json!("Málaga"), json!({"equal": "MALAGA"}), true)]
#[case::another_text(json!("Málaga"), json!({"equal": "Malagueta"}), false)]
#[case::a_text_is_no_number(json!("5"), json!({"equal": 5}), false)]
#[case::a_number_is_no_text(json!(5), json!({"equal": "5"}), false)]
#[case::a_number(json!(5), json!({"equal": 5.0}), true)]
#[case::a_number_without_sign(json!(-0.0), json!({"equal": 0}), true)]
#[case::a_truth(json!(false), json!({"equal": false}), true)]
#[case::an_element(json!(["a", "b"]), json!({"equal": "B"}), true)]
#[case::no_element(json!(["a", "b"]), json!({"equal": "c"}), false)]
#[case::another_value(json!("a"), json!({"not_equal": "b"}), true)]
#[case::another_type(json!("5"), json!({"not_equal": 5}), true)]
#[case::one_element_is_the_same(json!(["a", "b"]), json!({"not_equal": "b"}), false)]
#[case::one_of_them(json!("b"), json!({"in": ["a", "B"]}), true)]
#[case::one_of_none(json!("b"), json!({"in": []}), false)]
#[case::not_one_of_them(json!("c"), json!({"not_in": ["a", "b"]}), true)]
#[case::not_one_of_none(json!("c"), json!({"not_in": []}), true)]
#[case::in_a_range(json!(5), json!({"number": {"between": [5, 6]}}), true)]
#[case::below_a_range(json!(4.999), json!({"number": {"between": [5, 6]}}), false)]
#[case::some_element_is_great(json!([1, 9]), json!({"number": {"more": 8}}), true)]
#[case::a_part(json!("Calle Álamo"), json!({"text": {"contains": "ala"}}), true)]
#[case::the_beginning(json!("Ávila"), json!({"text": {"starts_with": "AV"}}), true)]
#[case::not_the_beginning(json!("Ávila"), json!({"text": {"starts_with": "vi"}}), false)]
#[case::the_end(json!("Ávila"), json!({"text": {"ends_with": "LA"}}), true)]
#[case::a_number_has_no_end(json!(15), json!({"text": {"ends_with": "5"}}), false)]
#[case::there(json!(false), json!("exists"), true)]
#[case::an_empty_list_is_no_value(json!([]), json!("exists"), false)]
#[case::an_object_is_no_value_of_its_own(json!({"b": 1}), json!("exists"), false)]
#[case::before(json!("2026-02-28"), json!({"time": {"before": at(NOW)}}), true)]
#[case::not_before(json!("2026-03-01"), json!({"time": {"before": at(NOW)}}), false)]
#[case::from(json!("2026-03-01"), json!({"time": {"from": at(NOW)}}), true)]
#[case::no_date(json!("soon"), json!({"time": {"from": Timestamp(0)}}), false)]
fn a_value_passes_or_does_not(#[case] value: Value, #[case] test: Value, #[case] holds: bool) {
    assert_eq!(of_trait(&value, &test, at(NOW)), answer(holds, None));
}

#[rstest]
#[case(json!("exists"))]
#[case(json!({"equal": "a"}))]
#[case(json!({"not_equal": "a"}))]
#[case(json!({"in": ["a"]}))]
#[case(json!({"not_in": ["a"]}))]
#[case(json!({"number": {"not_equal": 1}}))]
#[case(json!({"number": {"less": 1}}))]
#[case(json!({"text": {"contains": ""}}))]
#[case(json!({"time": {"longer_ago": span(1)}}))]
fn a_missing_value_passes_no_test_but_one(#[case] test: Value) {
    for missing in [json!(null), json!([]), json!([null])] {
        assert_eq!(of_trait(&missing, &test, hour(0)), answer(false, None));
        let gone = json!("not_exists");
        assert_eq!(of_trait(&missing, &gone, hour(0)), answer(true, None));
    }
}

#[rstest]
#[case::has_been_within(json!("1970-01-01T05:00:00Z"), json!({"within_past": span(3)}), 5, true, Some(8))]
#[case::will_have_been(json!("1970-01-01T05:00:00Z"), json!({"within_past": span(3)}), 4, false, Some(5))]
#[case::is_over(json!("1970-01-01T05:00:00Z"), json!({"within_past": span(3)}), 8, false, None)]
#[case::is_long_ago(json!("1970-01-01T05:00:00Z"), json!({"longer_ago": span(3)}), 8, true, None)]
#[case::is_not_long_ago(json!("1970-01-01T05:00:00Z"), json!({"longer_ago": span(3)}), 7, false, Some(8))]
#[case::comes_soon(json!("1970-01-01T05:00:00Z"), json!({"within_next": span(3)}), 2, true, Some(5))]
#[case::is_now(json!("1970-01-01T05:00:00Z"), json!({"within_next": span(3)}), 5, false, None)]
#[case::is_far_ahead(json!("1970-01-01T05:00:00Z"), json!({"further_ahead": span(3)}), 1, true, Some(2))]
#[case::the_next_follows_on(
    json!(["1970-01-01T05:00:00Z", "1970-01-01T08:00:00Z"]), json!({"within_past": span(3)}), 6, true, Some(11)
)]
#[case::the_next_comes_later(
    json!(["1970-01-01T05:00:00Z", "1970-01-01T09:00:00Z"]), json!({"within_past": span(3)}), 6, true, Some(8)
)]
fn a_time_passes_until_it_does_not(
    #[case] value: Value,
    #[case] test: Value,
    #[case] now: i64,
    #[case] holds: bool,
    #[case] until: Option<i64>,
) {
    let decision = of_trait(&value, &json!({ "time": test }), hour(now));
    assert_eq!(decision, answer(holds, until.map(hour)));
}

#[test]
fn what_is_longer_than_a_stored_text_is_cut() {
    let long = json!(format!("{}z", "a".repeat(512)));
    let ends = json!({"text": {"ends_with": "z"}});
    assert_eq!(of_trait(&long, &ends, hour(0)), answer(false, None));
}
