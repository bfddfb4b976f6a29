//! Points, by rule.

use rstest::rstest;
use serde_json::{Value, json};

use super::sample::{DAY, day, happened, id, model, nobody, number, who_did};
use crate::condition::evaluate::{Found, Named};
use crate::score::{Model, Rule, Scored, score};

/// A model of one rule that gives 10 points, with a half-life of ten days.
fn of(when: &Value, fades: bool) -> Model {
    model(json!({
        "kind": {"points": {
            "rules": [{"key": "it", "title": "It", "points": 10, "when": when, "fades": fades}],
            "half_life": 10 * DAY,
        }},
    }))
}

fn scored(when: &Value, fades: bool, things: &[(&str, i64)], now: i64) -> Scored {
    score(&of(when, fades), &who_did(things).facts(), day(now))
}

const VIEWS: [(&str, i64); 5] = [
    ("View", 1),
    ("View", 2),
    ("Cart", 2),
    ("View", 9),
    ("View", 40),
];

#[rstest]
#[case::each(json!({"each": {"filter": {"names": ["View"]}}}), 30.0, Some(40))]
#[case::each_of_any_name(json!({"each": {}}), 40.0, Some(40))]
#[case::each_in_a_window(json!({"each": {"filter": {"names": ["View"]}, "window": {"last": 9 * DAY}}}), 20.0, Some(11))]
#[case::at_most_two_in_ten_days(json!({"each": {"filter": {"names": ["View"]}, "cap": {"most": 2, "per": 10 * DAY}}}), 20.0, Some(40))]
#[case::at_most_one_in_three_days(json!({"each": {"filter": {"names": ["View"]}, "cap": {"most": 1, "per": 3 * DAY}}}), 20.0, Some(40))]
#[case::once(json!({"once": {"filter": {"names": ["View"]}}}), 10.0, Some(40))]
#[case::once_and_never(json!({"once": {"filter": {"names": ["Click"]}}}), 0.0, None)]
#[case::while_it_holds(json!({"holds": {"seen": {"which": "last", "time": {"within_past": 5 * DAY}}}}), 10.0, Some(14))]
#[case::while_it_does_not(json!({"holds": {"identifier": {"namespace": "email"}}}), 0.0, None)]
fn points_are_given(#[case] when: Value, #[case] points: f64, #[case] until: Option<i64>) {
    let mut history = who_did(&VIEWS);
    history.seen = Some((day(1), day(9)));
    let scored = score(&of(&when, false), &history.facts(), day(10));
    assert_eq!(scored.raw(day(10)), number(points));
    assert_eq!(scored.until, until.map(day));
}

#[test]
fn what_nobody_did_gives_no_points() {
    let mut history = who_did(&[("Open", 1), ("Open", 2)]);
    history.touchpoints[0].active = false;
    let each =
        json!({"each": {"filter": {"names": ["Open"]}, "cap": {"most": 1, "per": 30 * DAY}}});
    let scored = score(&of(&each, false), &history.facts(), day(3));
    assert_eq!(scored.raw(day(3)), number(10.0));
    assert_eq!(scored.components[0].touchpoints.ids, [id(1)]);
}

#[test]
fn interest_fades_from_what_was_done() {
    let once = json!({"once": {}});
    let scored = scored(&once, true, &[("View", 0), ("View", 10)], 10);
    let points = [10, 20, 30].map(|now| scored.raw(day(now)));
    assert_eq!(points, [5.0, 2.5, 1.25].map(number));
}

#[test]
fn points_name_the_latest_touchpoints_that_they_are_for() {
    let each = json!({"each": {}});
    let mut history = nobody();
    for at in 0..12 {
        history
            .touchpoints
            .push(happened(at, "View", day(at.into())));
    }
    let scored = score(&of(&each, false), &history.facts(), day(20));
    let component = &scored.components[0];
    assert_eq!(component.found, Found::Count(12));
    let ids = (2..12).map(id).collect();
    assert_eq!(component.touchpoints, Named { ids, total: 12 });
}

#[test]
fn a_condition_that_holds_names_its_touchpoints() {
    let viewed = |name: &str| json!({"touchpoint": {"filter": {"names": [name]}, "measure": {"count": {"at_least": 1}}}});
    let holds = json!({"holds": {"any": [viewed("Cart"), viewed("View"), viewed("Click")]}});
    let scored = scored(&holds, false, &VIEWS, 10);
    let component = &scored.components[0];
    assert_eq!(component.found, Found::Truth(true));
    let ids = [0, 1, 2, 3].map(id).to_vec();
    assert_eq!(component.touchpoints, Named { ids, total: 4 });
}

/// Points 20, 5, 15, 2 and −10, the youngest first, at these ages in days.
fn signals(half_life: i64, scale: Option<f64>) -> Scored {
    let signals = [
        ("buy", 20.0, 0),
        ("click", 5.0, 3),
        ("demo", 15.0, 10),
        ("visit", 2.0, 30),
        ("complain", -10.0, 14),
    ];
    let rules = signals.map(|(name, points, _)| {
        json!({
            "key": name, "title": name, "points": points, "fades": true,
            "when": {"each": {"filter": {"names": [name]}}},
        })
    });
    let model = model(json!({
        "kind": {"points": {"rules": rules, "half_life": half_life * DAY}},
        "scale": scale,
    }));
    let things = signals.map(|(name, _, age)| (name, 100 - age));
    score(&model, &who_did(&things).facts(), day(100))
}

#[test]
fn signals_fade_with_their_age() {
    let scored = signals(14, None);
    assert_eq!(scored.value.unwrap().at(day(100)), number(28.905_328));
    let parts = [20.0, 4.309_864, 9.142_602, 0.452_862, -5.0];
    assert_eq!(scored.points(day(100)), parts.map(number));
    assert_eq!(
        signals(30, None).value.unwrap().at(day(100)),
        number(30.334_327)
    );
}

#[test]
fn a_sum_is_seen_through_its_scale() {
    let scored = signals(14, Some(40.0));
    assert_eq!(scored.raw(day(100)), number(28.905_328));
    assert_eq!(scored.value.unwrap().at(day(100)), number(51.452_778));
    assert_eq!(scored.grade.as_deref(), Some("WARM"));
    let until = scored.until.unwrap();
    let value = |at| scored.value.unwrap().at(at);
    assert!(value(until) < number(40.0), "{}", value(until));
    assert!(value(until.plus_millis(-1)) >= number(40.0));
}

#[rstest]
#[case(json!({"once": {"filter": {"names": ["View"]}, "window": {"last": 30 * DAY}}}), 10.0, true,
    "10 points for the first time: did “View” within the last 30 days; they fade",
    "10 puntos por la primera vez: hizo «View» en los últimos 30 días; se desvanecen con el tiempo")]
#[case(json!({"each": {"filter": {"names": ["View"]}, "cap": {"most": 3, "per": DAY}}}), -1.0, false,
    "-1 point each time: did “View”, at most 3 times in 1 day",
    "-1 punto por cada vez: hizo «View», como mucho 3 veces en 1 día")]
#[case(json!({"holds": {"stage": ["ACTIVE"]}}), 2.5, false,
    "2.5 points as long as this is true: the lifecycle stage is active",
    "2,5 puntos mientras sea cierto: la etapa del ciclo de vida es activo")]
fn a_rule_is_a_sentence(
    #[case] when: Value,
    #[case] points: f64,
    #[case] fades: bool,
    #[case] english: &str,
    #[case] spanish: &str,
) {
    use crate::condition::describe::Language::{English, Spanish};
    let rule = json!({"key": "it", "title": "It", "points": points, "when": when, "fades": fades});
    let rule: Rule = serde_json::from_value(rule).unwrap();
    let described = |language| rule.describe(language, "EUR".parse().unwrap());
    assert_eq!(
        (described(English), described(Spanish)),
        (english.to_owned(), spanish.to_owned())
    );
}
