//! Tests of touchpoints and of their order.

use rstest::rstest;
use serde_json::{Value, json};

use super::sample::{answer, condition, happened, hour, nobody, number, span, touchpoint};
use crate::condition::evaluate::{
    Change, Evidence, Found, Lack, Leaf, Named, Needs, Reason, decide, evaluate,
};
use crate::condition::generate::History;

/// Three views, of hours 10, 12 (two at once) and 20, and an order at 13.
fn visitor() -> History {
    History {
        touchpoints: vec![
            happened(
                1,
                "View",
                10,
                &json!({"price": 5, "tags": ["Ropa", "ROPA", 7]}),
            ),
            happened(2, "View", 12, &json!({"price": 0.1, "tags": "sale"})),
            happened(
                3,
                "View",
                12,
                &json!({"price": 0.2, "starts": "1970-01-02T06:00:00Z"}),
            ),
            happened(4, "Order", 13, &json!({"price": "9"})),
            happened(
                5,
                "View",
                20,
                &json!({"price": [1, 2], "sub": {"deep": true}}),
            ),
        ],
        ..nobody("EUR")
    }
}

fn views(window: &Value, measure: &Value) -> Value {
    json!({"touchpoint": {"filter": {"names": ["View"]}, "window": window, "measure": measure}})
}

#[rstest]
#[case::all(json!("ever"), 24, 4, None)]
#[case::what_lies_ahead_not(json!("ever"), 19, 3, Some(20))]
#[case::both_edges(json!({"last": span(8)}), 20, 1, Some(28))]
#[case::inside(json!({"last": span(9)}), 20, 3, Some(21))]
#[case::a_tie_leaves_at_once(json!({"last": span(2)}), 13, 2, Some(14))]
#[case::before(json!({"before": span(2)}), 14, 3, Some(22))]
#[case::just_not_before(json!({"before": span(2)}), 13, 1, Some(14))]
#[case::between(json!({"between": {"after": hour(10), "until": hour(20)}}), 24, 3, None)]
#[case::between_and_not_yet(json!({"between": {"after": hour(10), "until": hour(20)}}), 15, 2, Some(20))]
fn a_window_is_half_open(
    #[case] window: Value,
    #[case] now: i64,
    #[case] count: u32,
    #[case] until: Option<i64>,
) {
    let test = condition(views(&window, &json!({"count": {"equal": count}})));
    let decision = decide(&test, &visitor().facts(), hour(now));
    assert_eq!(decision, answer(true, until.map(hour)));
}

#[rstest]
#[case::a_sum_is_exact(json!({"sum": ["price", {"equal": 8.3}]}), true)]
#[case::a_text_adds_nothing(json!({"sum": ["price", {"more": 8.3}]}), false)]
#[case::the_sum_of_nothing_is_zero(json!({"sum": ["none", {"equal": 0}]}), true)]
#[case::the_least(json!({"min": ["price", {"equal": 0.1}]}), true)]
#[case::the_greatest(json!({"max": ["price", {"equal": 5}]}), true)]
#[case::the_greatest_of_nothing(json!({"max": ["none", {"not_equal": 5}]}), false)]
#[case::a_mean_is_exact(json!({"mean": ["price", {"equal": 1.66}]}), true)]
#[case::the_mean_of_nothing(json!({"mean": ["none", {"less": 1}]}), false)]
#[case::different_values(json!({"distinct": ["tags", {"equal": 3}]}), true)]
#[case::no_different_values(json!({"distinct": ["none", {"equal": 0}]}), true)]
#[case::the_first(json!({"first": {"before": hour(11)}}), true)]
#[case::the_last(json!({"last": {"from": hour(20)}}), true)]
fn touchpoints_come_to_something(#[case] measure: Value, #[case] holds: bool) {
    let test = condition(views(&json!("ever"), &measure));
    let decision = decide(&test, &visitor().facts(), hour(24));
    assert_eq!(decision, answer(holds, None));
}

#[rstest]
#[case(json!({"names": ["view"]}), 0)]
#[case(json!({"names": ["Order", "View"]}), 5)]
#[case(json!({"channel": "WEB"}), 5)]
#[case(json!({"channel": "EMAIL"}), 0)]
#[case(json!({"source": "shop"}), 5)]
#[case(json!({"source": "Shop"}), 0)]
#[case(json!({"properties": [{"name": "tags", "test": {"in": ["SALE", 7]}}]}), 2)]
#[case(json!({"properties": [{"name": "tags", "test": "not_exists"}]}), 3)]
#[case(json!({"properties": [{"name": "sub.deep", "test": {"equal": true}}]}), 1)]
#[case(json!({"properties": [{"name": "price", "test": {"number": {"less": 1}}}, {"name": "tags", "test": "exists"}]}), 1)]
fn a_filter_lets_pass_what_passes_all_of_it(#[case] filter: Value, #[case] count: u32) {
    let test = json!({"touchpoint": {"filter": filter, "measure": {"count": {"equal": count}}}});
    let decision = decide(&condition(test), &visitor().facts(), hour(24));
    assert_eq!(decision, answer(true, None));
}

#[rstest]
#[case::not_yet(20, false, Some(24))]
#[case::soon(24, true, Some(30))]
#[case::over(30, false, None)]
fn a_filter_may_compare_with_the_present(
    #[case] now: i64,
    #[case] holds: bool,
    #[case] until: Option<i64>,
) {
    let soon = json!({"time": {"within_next": span(6)}});
    let filter = json!({"properties": [{"name": "starts", "test": soon}]});
    let test = json!({"touchpoint": {"filter": filter, "measure": {"count": {"at_least": 1}}}});
    let decision = decide(&condition(test), &visitor().facts(), hour(now));
    assert_eq!(decision, answer(holds, until.map(hour)));
}

#[rstest]
#[case::nothing_happened(json!({"last": {"longer_ago": span(1)}}))]
#[case::nothing_happened(json!({"first": {"before": hour(99)}}))]
#[case::nothing_to_compare(json!({"min": ["price", {"less": 9}]}))]
fn of_no_touchpoints_instants_and_extremes_are_missing(#[case] measure: Value) {
    let test = condition(views(&json!("ever"), &measure));
    let decision = decide(&test, &nobody("EUR").facts(), hour(24));
    assert_eq!(decision, answer(false, None));
}

fn sequence(follows: bool, within: i64, window: &Value) -> Value {
    json!({"sequence": {
        "first": {"names": ["View"]},
        "then": {"names": ["Order"]},
        "within": span(within),
        "follows": follows,
        "window": window,
    }})
}

#[rstest]
#[case::in_time(true, 1, json!("ever"), 13, true, None)]
#[case::not_yet(true, 1, json!("ever"), 12, false, Some(13))]
#[case::out_of_the_window(true, 1, json!({"last": span(5)}), 13, true, Some(17))]
#[case::never_again(true, 1, json!({"last": span(5)}), 17, false, None)]
#[case::a_longer_time_helps_no_more(true, 3, json!({"last": span(3)}), 13, true, Some(15))]
#[case::followed(false, 3, json!({"between": {"after": hour(0), "until": hour(12)}}), 24, false, None)]
#[case::one_was_too_early(false, 2, json!("ever"), 12, true, None)]
#[case::the_time_is_not_over(false, 2, json!("ever"), 11, false, Some(12))]
#[case::abandoned(false, 2, json!({"last": span(6)}), 22, true, Some(26))]
#[case::the_time_outlasts_the_window(false, 6, json!({"last": span(6)}), 22, false, None)]
fn one_touchpoint_follows_another(
    #[case] follows: bool,
    #[case] within: i64,
    #[case] window: Value,
    #[case] now: i64,
    #[case] holds: bool,
    #[case] until: Option<i64>,
) {
    let test = condition(sequence(follows, within, &window));
    let decision = decide(&test, &visitor().facts(), hour(now));
    assert_eq!(decision, answer(holds, until.map(hour)));
}

#[test]
fn what_happens_at_the_same_instant_does_not_follow() {
    let history = History {
        touchpoints: vec![
            happened(1, "View", 5, &json!({})),
            happened(2, "Order", 5, &json!({})),
        ],
        ..nobody("EUR")
    };
    let test = condition(sequence(true, 1, &json!("ever")));
    assert!(!decide(&test, &history.facts(), hour(9)).holds);
}

fn explained(test: Value, now: i64) -> Leaf {
    match evaluate(&condition(test), &visitor().facts(), hour(now))
        .because
        .reason
    {
        Reason::Leaf(leaf) => leaf,
        reason => panic!("no leaf: {reason:?}"),
    }
}

fn touchpoints(numbers: &[u32]) -> Evidence {
    Evidence::Touchpoints(Named {
        ids: numbers.iter().map(|number| touchpoint(*number)).collect(),
        total: numbers.len(),
    })
}

#[test]
fn what_holds_says_what_would_keep_it() {
    let test = views(
        &json!({"last": span(9)}),
        &json!({"count": {"at_least": 2}}),
    );
    let leaf = explained(test, 20);
    assert_eq!(leaf.found, Found::Count(3));
    assert_eq!(leaf.evidence, touchpoints(&[2, 3, 5]));
    let change = Change {
        at: Some(hour(21)),
        needs: Some(Needs {
            lack: Lack::Touchpoints(1),
            before: Some(hour(21)),
        }),
    };
    assert_eq!(leaf.change, change);
}

#[rstest]
#[case::a_count(json!({"last": span(9)}), json!({"count": {"more": 4}}), Lack::Touchpoints(2), Some(21))]
#[case::a_sum(json!("ever"), json!({"sum": ["price", {"at_least": 10}]}), Lack::Sum(number(1.7)), None)]
#[case::values(json!("ever"), json!({"distinct": ["tags", {"equal": 5}]}), Lack::DifferentValues(2), None)]
#[case::a_recent_one(json!("ever"), json!({"last": {"within_past": span(1)}}), Lack::Touchpoints(1), None)]
fn what_does_not_hold_says_what_it_lacks(
    #[case] window: Value,
    #[case] measure: Value,
    #[case] lack: Lack,
    #[case] before: Option<i64>,
) {
    let leaf = explained(
        views(&window, &measure),
        if before.is_some() { 20 } else { 24 },
    );
    let before = before.map(hour);
    assert_eq!(leaf.change.needs, Some(Needs { lack, before }));
}

#[rstest]
#[case::too_many(json!("ever"), json!({"count": {"at_most": 1}}))]
#[case::a_window_that_is_over(json!({"between": {"after": hour(0), "until": hour(9)}}), json!({"count": {"at_least": 1}}))]
#[case::the_first_is_past(json!("ever"), json!({"first": {"within_past": span(1)}}))]
fn what_no_touchpoint_mends_lacks_none(#[case] window: Value, #[case] measure: Value) {
    assert_eq!(explained(views(&window, &measure), 24).change.needs, None);
}

#[rstest]
#[case::the_least(json!({"min": ["price", {"less": 1}]}), Found::Number(number(0.1)), &[2])]
#[case::the_greatest(json!({"max": ["price", {"less": 9}]}), Found::Number(number(5.0)), &[1])]
#[case::the_first(json!({"first": {"before": hour(99)}}), Found::Instant(hour(10)), &[1])]
#[case::the_last(json!({"last": {"before": hour(99)}}), Found::Instant(hour(20)), &[5])]
#[case::what_is_added(json!({"sum": ["price", {"less": 99}]}), Found::Number(number(8.3)), &[1, 2, 3, 5])]
#[case::values(json!({"distinct": ["tags", {"less": 9}]}), Found::Count(3), &[1, 2])]
fn what_decided_is_named(#[case] measure: Value, #[case] found: Found, #[case] numbers: &[u32]) {
    let leaf = explained(views(&json!("ever"), &measure), 24);
    assert_eq!(leaf.found, found);
    assert_eq!(leaf.evidence, touchpoints(numbers));
}

#[test]
fn of_many_the_latest_ten_are_named() {
    let many = (1..=30).map(|number| happened(number, "View", number.into(), &json!({})));
    let history = History {
        touchpoints: many.collect(),
        ..nobody("EUR")
    };
    let test = condition(views(&json!("ever"), &json!({"count": {"more": 0}})));
    let because = evaluate(&test, &history.facts(), hour(99)).because;
    let Reason::Leaf(Leaf {
        evidence: Evidence::Touchpoints(named),
        ..
    }) = because.reason
    else {
        panic!("no touchpoints: {because:?}");
    };
    assert_eq!(named.total, 30);
    assert_eq!(named.ids, (21..=30).map(touchpoint).collect::<Vec<_>>());
}

#[rstest]
#[case::the_second_in_time(true, 9, json!({"last": span(5)}), 22, Lack::Then, Some(25))]
#[case::both(true, 1, json!({"last": span(5)}), 22, Lack::First, None)]
fn a_sequence_says_what_it_waits_for(
    #[case] follows: bool,
    #[case] within: i64,
    #[case] window: Value,
    #[case] now: i64,
    #[case] lack: Lack,
    #[case] before: Option<i64>,
) {
    let leaf = explained(sequence(follows, within, &window), now);
    let before = before.map(hour);
    assert_eq!(leaf.change.needs, Some(Needs { lack, before }));
    assert_eq!(leaf.evidence, touchpoints(&[5]));
}

#[test]
fn a_sequence_that_holds_names_both() {
    let window = json!({"between": {"after": hour(9), "until": hour(10)}});
    let leaf = explained(sequence(true, 5, &window), 24);
    assert_eq!(leaf.evidence, touchpoints(&[1, 4]));
}
