//! Similarity to the ideal customer.

use rstest::rstest;
use serde_json::{Value, json};

use super::sample::{bought, day, model, nobody, number};
use crate::condition::Number;
use crate::condition::evaluate::{Found, Values};
use crate::condition::generate::History;
use crate::score::{FeatureKind, FeatureValue, Kind, Scored, Similarity, score};

/// The ideal of the published example.
fn ideal() -> Value {
    let feature = |key: &str, value: Value, weight: u32, kind: Value| json!({"key": key, "title": key, "weight": weight, "value": value, "kind": kind});
    let numeric = |ideal: f64, range: f64| json!({"numeric": {"ideal": ideal, "range": range}});
    let trait_ = |name: &str| json!({ "trait": name });
    json!({"kind": {"similarity": {"prior": 50, "features": [
        feature("age", trait_("age"), 2, numeric(35.0, 60.0)),
        feature("city", trait_("city"), 1, json!({"category": {"ideal": {"Málaga": 1}}})),
        feature("gender", trait_("gender"), 1, json!({"category": {"ideal": {"F": 0.7, "M": 0.3}}})),
        feature("mean_spend", json!("mean_spend"), 3, numeric(80.0, 200.0)),
        feature("interests", trait_("interests"), 3, json!({"set": {"ideal": ["a", "b"]}})),
        feature("days", trait_("days_to_second"), 1, numeric(10.0, 20.0)),
    ]}}})
}

fn scored(model_: Value, traits: &Value, history: &History, now: i64) -> Scored {
    let mut facts = history.facts();
    let traits = traits.as_object().unwrap();
    facts.traits = Values::of(traits.iter().map(|(name, value)| (name.as_str(), value)));
    score(&model(model_), &facts, day(now))
}

fn somebody() -> Value {
    json!({"age": 29, "city": "MALAGA", "interests": ["B", "c"], "days_to_second": 20})
}

fn buyer() -> History {
    History {
        purchases: vec![bought(0, day(1), 6_000), bought(1, day(5), 7_000)],
        ..nobody()
    }
}

#[test]
fn what_is_not_known_draws_to_the_prior() {
    let scored = scored(ideal(), &somebody(), &buyer(), 10);
    let value = scored.value.unwrap().at(day(10));
    assert_eq!(value, number(68.863_636));
    let coverage = scored.coverage.unwrap().get();
    assert!((coverage - 10.0 / 11.0).abs() < 1e-12, "{coverage}");
    let points = scored.points(day(10));
    let sum: i64 = points.iter().filter_map(|points| points.micros()).sum();
    assert_eq!(Some(sum), value.micros());
    let shares = [18.0, 10.0, 0.0, 27.75, 10.0, 5.0].map(|share| share * 10.0 / 11.0);
    let expected = shares.into_iter().chain([50.0 / 11.0]);
    for (points, expected) in points.iter().zip(expected) {
        assert!(
            (points.get() - expected).abs() < 2e-6,
            "{points} {expected}"
        );
    }
    let keys: Vec<_> = scored
        .components
        .iter()
        .map(|one| one.key.as_str())
        .collect();
    assert_eq!(
        keys,
        [
            "age",
            "city",
            "gender",
            "mean_spend",
            "interests",
            "days",
            "prior"
        ]
    );
    assert_eq!(scored.components[2].found, Found::Missing);
    assert_eq!(scored.components[3].found, Found::Number(number(65.0)));
}

#[test]
fn of_all_that_is_known_the_prior_is_no_part() {
    let mut model = ideal();
    let features = model["kind"]["similarity"]["features"].as_array_mut();
    features.unwrap().remove(2);
    let scored = scored(model, &somebody(), &buyer(), 10);
    assert_eq!(scored.coverage, Some(Number::from(1)));
    assert_eq!(
        scored.points(day(10)),
        [18.0, 10.0, 27.75, 10.0, 5.0].map(number)
    );
    assert_eq!(scored.raw(day(10)), number(70.75));
    assert_eq!(scored.grade.as_deref(), Some("HOT"));
}

#[test]
fn nobody_is_as_likely_as_the_prior() {
    let scored = scored(ideal(), &json!({}), &nobody(), 10);
    assert_eq!(scored.raw(day(10)), number(50.0));
    assert_eq!(scored.coverage, Some(Number::ZERO));
}

/// A model of one feature of purchases, like one ideal.
fn purchases(value: &str, ideal: f64, range: f64) -> Value {
    json!({"kind": {"similarity": {"prior": 0, "features": [{
        "key": "it", "title": "It", "weight": 1, "value": value,
        "kind": {"numeric": {"ideal": ideal, "range": range}},
    }]}}})
}

#[rstest]
#[case::orders("orders", 2.0, 1.0, 100.0, None)]
#[case::other_orders("orders", 4.0, 4.0, 50.0, None)]
#[case::spend("spend", 130.0, 0.0, 100.0, None)]
#[case::other_spend("spend", 130.01, 0.0, 0.0, None)]
#[case::days("days_since_last_order", 0.0, 10.0, 50.0, Some(11))]
#[case::too_many_days("days_since_last_order", 0.0, 5.0, 0.0, None)]
fn purchases_are_compared(
    #[case] value: &str,
    #[case] ideal: f64,
    #[case] range: f64,
    #[case] expected: f64,
    #[case] until: Option<i64>,
) {
    let scored = scored(purchases(value, ideal, range), &json!({}), &buyer(), 10);
    assert_eq!(scored.raw(day(10)), number(expected));
    assert_eq!(scored.until, until.map(day));
}

#[test]
fn the_centre_of_members_is_the_ideal() {
    let Kind::Similarity(similarity) = model(ideal()).kind else {
        unreachable!("it is a similarity");
    };
    let texts = |texts: &[&str]| {
        Some(FeatureValue::Texts(
            texts.iter().map(|text| (*text).into()).collect(),
        ))
    };
    let member = |age: u32, city: &str, interests: &[&str]| {
        let age = Some(FeatureValue::Number(age.into()));
        vec![age, texts(&[city]), None, None, texts(interests), None]
    };
    let sample = [
        member(20, "Málaga", &["a"]),
        member(30, "malaga", &["A", "b"]),
        member(40, "Madrid", &["c"]),
        member(50, "MÁLAGA", &["a", "b"]),
        member(60, "madrid", &["a", "c"]),
        vec![None, texts(&["Ronda"]), None, None, None, None],
    ];
    let centre: Similarity = similarity.centred(sample.into_iter());
    let kind = |place: usize| serde_json::to_value(&centre.features[place].kind).unwrap();
    assert_eq!(kind(0), json!({"numeric": {"ideal": 40.0, "range": 36.0}}));
    assert_eq!(
        kind(1),
        json!({"category": {"ideal": {"malaga": 0.5, "madrid": 0.333_333}}})
    );
    assert_eq!(kind(4), json!({"set": {"ideal": ["a"]}}));
    assert_eq!(centre.features[2], similarity.features[2]);
    assert_eq!(centre.features[3], similarity.features[3]);
    assert!(matches!(
        centre.features[5].kind,
        FeatureKind::Numeric { .. }
    ));
}
