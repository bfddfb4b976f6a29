//! Models and scores as they are stored.

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::{Value, json};

use super::sample::{DAY, model};
use crate::condition::check::{Reference, references};
use crate::condition::evaluate::ScoreValue;
use crate::score::{Grade, Kind, Model, Needs, conditions, needs};

fn rule(when: &Value) -> Value {
    json!({"key": "it", "title": "It", "points": 5.0, "when": when, "fades": false})
}

fn points() -> Value {
    json!({"points": {"rules": [
        rule(&json!({"holds": {"all": [{"segment": {"key": "vip"}}, {"trait": {"name": "city", "test": "exists"}}]}})),
        rule(&json!({"once": {"filter": {"names": ["View"]}, "window": "ever"}})),
        rule(&json!({"each": {"filter": {"names": ["View", "Click"]}, "window": {"last": DAY}, "cap": {"most": 2, "per": DAY}}})),
    ], "half_life": DAY}})
}

fn similarity() -> Value {
    json!({"similarity": {"features": [{
        "key": "city", "title": "City", "weight": 1.0, "value": {"trait": "city"},
        "kind": {"category": {"ideal": {"malaga": 0.5}}},
    }, {
        "key": "orders", "title": "Orders", "weight": 1.0, "value": "orders",
        "kind": {"numeric": {"ideal": 3.0, "range": 2.0}},
    }], "prior": 50.0, "segment": "best"}})
}

fn rfm() -> Value {
    json!({"rfm": {"window": "ever", "method": "rank_min", "boundaries": {
        "recency": {"least": 1, "from": [1, 2, 3, 4]},
        "frequency": {"least": 1, "from": [3]},
        "monetary": {"least": -5, "from": []},
    }}})
}

#[rstest]
#[case(points())]
#[case(similarity())]
#[case(rfm())]
fn a_model_reads_back(#[case] kind: Value) {
    let json = json!({"kind": kind, "grades": [{"name": "A", "at_least": 1.0}], "scale": 40.0});
    let model = model(json.clone());
    assert_eq!(serde_json::to_value(&model).unwrap(), json);
}

#[test]
fn a_model_grades_by_default() {
    assert_eq!(model(json!({"kind": rfm()})).grades, Grade::defaults());
    let default: Kind = model(json!({"kind": {"rfm": {}}})).kind;
    assert_eq!(default, Kind::Rfm(crate::score::Rfm::default()));
}

#[rstest]
#[case(json!({"constant": 5.0}))]
#[case(json!({"fading": {"base": 1.0, "fading": 2.0, "from": 3, "half_life": DAY}}))]
#[case(json!({"fading": {"base": 1.0, "fading": 2.0, "from": 3, "half_life": DAY, "scale": 40.0}}))]
fn a_value_reads_back(#[case] json: Value) {
    let value: ScoreValue = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(serde_json::to_value(value).unwrap(), json);
}

fn of(kind: &Value) -> Model {
    model(json!({ "kind": kind }))
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[rstest]
#[case(points(), &["vip"])]
#[case(similarity(), &["best"])]
#[case(rfm(), &[])]
fn a_model_refers_to_segments(#[case] kind: Value, #[case] segments: &[&str]) {
    let conditions = conditions(&of(&kind));
    let found: BTreeSet<_> = conditions.iter().flat_map(references).collect();
    let expected = set(segments).into_iter().map(Reference::Segment).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_model_says_what_it_depends_on() {
    let expected = Needs {
        events: set(&["View", "Click"]),
        traits: set(&["city"]),
        ..Needs::default()
    };
    assert_eq!(needs(&of(&points())), expected);
    let expected = Needs {
        traits: set(&["city"]),
        purchases: true,
        ..Needs::default()
    };
    assert_eq!(needs(&of(&similarity())), expected);
    let any = of(&json!({"points": {"rules": [rule(&json!({"each": {}}))]}}));
    let expected = Needs {
        any_event: true,
        ..Needs::default()
    };
    assert_eq!(needs(&any), expected);
}
