//! What is true of every score model and every history.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use super::naive;
use super::sample::{model, number};
use crate::clock::Timestamp;
use crate::condition::Number;
use crate::condition::generate::{
    BEGIN, HOUR, HOURS, condition, filter, happened, history, instant, span, window,
};
use crate::score::{Cap, Grade, Kind, Model, Points, Rule, Scored, When, score};

/// Beyond the last instant at which anything that is generated changes by itself, fading left out.
const END: Timestamp = Timestamp(BEGIN.0 + (2 * HOURS + 200) * HOUR);

fn rule() -> impl Strategy<Value = (Number, When, bool)> {
    let cap = (1_u32..3, span()).prop_map(|(most, per)| Cap { most, per });
    let when = prop_oneof![
        1 => condition().prop_map(When::Holds),
        1 => (filter(), window()).prop_map(|(filter, window)| When::Once { filter, window }),
        3 => (filter(), window(), option::of(cap)).prop_map(|(filter, window, cap)| When::Each { filter, window, cap }),
    ];
    let points = select(vec![-10.0, 0.1, 2.345_678, 5.0, 33.333_333, 80.0]).prop_map(number);
    (points, when, any::<bool>())
}

fn points() -> impl Strategy<Value = Points> {
    (vec(rule(), 1..5), option::of(span())).prop_map(|(rules, half_life)| {
        let rules = rules.into_iter().enumerate();
        let rules = rules.map(|(place, (points, when, fades))| Rule {
            key: format!("rule{place}"),
            title: format!("Rule {place}"),
            points,
            fades: fades && half_life.is_some() && !matches!(when, When::Holds(_)),
            when,
        });
        Points {
            rules: rules.collect(),
            half_life,
        }
    })
}

/// Any model of points, and a similarity that changes day by day.
fn any_model() -> impl Strategy<Value = Model> {
    let feature = |key: &str, value, kind| json!({"key": key, "title": key, "weight": 1.5, "value": value, "kind": kind});
    let similarity = json!({"kind": {"similarity": {"prior": 33, "features": [
        feature("days", json!("days_since_last_order"), json!({"numeric": {"ideal": 2, "range": 7}})),
        feature("mean", json!("mean_spend"), json!({"numeric": {"ideal": 12.5, "range": 30}})),
        feature("age", json!({"trait": "age"}), json!({"numeric": {"ideal": 1, "range": 9}})),
        feature("likes", json!({"trait": "likes"}), json!({"set": {"ideal": ["ropa", "5"]}})),
        feature("city", json!({"trait": "address.city"}), json!({"category": {"ideal": {"malaga": 0.7, "5": 0.3}}})),
    ]}}});
    let kind = prop_oneof![
        3 => points().prop_map(Kind::Points),
        1 => Just(model(similarity).kind),
    ];
    let scale = option::of(select(vec![10.0, 40.0, 500.0]).prop_map(number));
    (kind, scale).prop_map(|(kind, scale)| Model {
        kind,
        grades: Grade::defaults(),
        scale,
    })
}

/// The instants from one on, some hours apart.
fn from(now: Timestamp) -> impl Iterator<Item = Timestamp> {
    std::iter::successors(Some(now), |at| Some(at.plus_millis(7 * HOUR))).take_while(|at| *at < END)
}

fn micros(number: Number) -> i64 {
    number.micros().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn components_add_up_exactly_at_every_instant(model in any_model(), history in history(), now in instant()) {
        let scored = score(&model, &history.facts(), now);
        for at in from(now) {
            let sum: i64 = scored.points(at).into_iter().map(micros).sum();
            prop_assert_eq!(sum, micros(scored.raw(at)));
            if model.scale.is_none() {
                prop_assert_eq!(scored.value.unwrap().at(at), scored.raw(at));
            }
        }
    }

    #[test]
    fn the_order_of_arrival_does_not_matter(model in any_model(), history in history(), now in instant()) {
        let mut turned = history.clone();
        turned.touchpoints.reverse();
        turned.purchases.reverse();
        prop_assert_eq!(score(&model, &history.facts(), now), score(&model, &turned.facts(), now));
    }

    #[test]
    fn a_score_is_what_it_was_stored_as_until_it_says(model in any_model(), history in history(), now in instant()) {
        let facts = history.facts();
        let stored = score(&model, &facts, now);
        prop_assert!(stored.until.is_none_or(|until| until > now));
        let end = stored.until.unwrap_or(END);
        for at in from(now).take_while(|at| *at < end).chain([Timestamp(end.0 - 1)]) {
            let fresh = score(&model, &facts, at);
            prop_assert_eq!((fresh.value, &fresh.grade), (stored.value, &stored.grade));
            prop_assert_eq!(fresh.points(at), stored.points(at));
        }
    }

    #[test]
    fn points_are_what_their_definition_says(points in points(), history in history(), now in instant()) {
        let facts = history.facts();
        let expected = naive::sum(&points, &facts, now);
        let model = Model { kind: Kind::Points(points), grades: Vec::new(), scale: None };
        let value = score(&model, &facts, now).value.unwrap().at(now).get();
        prop_assert!((value - expected).abs() < 1e-4, "{} {}", value, expected);
    }

    #[test]
    fn what_nobody_did_changes_no_points(
        mut points in points(), history in history(), mut others in vec(happened(), 1..4), now in instant(),
    ) {
        points.rules.retain(|rule| !matches!(rule.when, When::Holds(_)));
        for other in &mut others {
            other.active = false;
        }
        let mut more = history.clone();
        more.touchpoints.extend(others);
        let model = Model { kind: Kind::Points(points), grades: Grade::defaults(), scale: None };
        let (one, other) = (score(&model, &history.facts(), now), score(&model, &more.facts(), now));
        prop_assert_eq!((one.value, one.components), (other.value, other.components));
    }

    #[test]
    fn whoever_scores_again_comes_to_an_end(model in any_model(), history in history()) {
        let facts = history.facts();
        let (mut at, mut steps) = (BEGIN, 0);
        while let Some(until) = score(&model, &facts, at).until && until < END {
            prop_assert!(until > at);
            at = until;
            steps += 1;
        }
        prop_assert!(steps < 1_000, "{} steps", steps);
    }

    #[test]
    fn a_score_reads_back(model in any_model(), history in history(), now in instant()) {
        let scored = score(&model, &history.facts(), now);
        let json = serde_json::to_string(&scored).unwrap();
        prop_assert_eq!(serde_json::from_str::<Scored>(&json).unwrap(), scored);
        let json = serde_json::to_string(&model).unwrap();
        prop_assert_eq!(serde_json::from_str::<Model>(&json).unwrap(), model);
    }
}
