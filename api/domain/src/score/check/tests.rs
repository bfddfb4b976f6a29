//! Tests of the check: each mistake with its path and its kind.

use rstest::rstest;
use serde_json::{Value, json};

use super::{ProblemCode, check};
use crate::condition::check::{self as conditions, Known};
use crate::score::Model;

const DAY: i64 = 86_400_000;

fn known() -> Known {
    let set = |name: &str| [name.to_owned()].into();
    Known {
        traits: set("city"),
        events: set("View"),
        segments: set("best"),
        ..Known::default()
    }
}

/// A model of points that passes, with a rule of each kind.
fn points() -> Value {
    json!({"kind": {"points": {"half_life": DAY, "rules": [
        {"key": "a", "title": "A", "points": 5, "when": {"holds": {"segment": {"key": "best"}}}},
        {"key": "b", "title": "B", "points": 5, "when": {"once": {"filter": {"names": ["View"]}}}, "fades": true},
        {"key": "c", "title": "C", "points": -5, "when": {"each": {"filter": {"names": ["View"]}, "cap": {"most": 1, "per": DAY}}}},
    ]}}})
}

/// A similarity that passes.
fn similarity() -> Value {
    json!({"kind": {"similarity": {"prior": 50, "features": [
        {"key": "city", "title": "City", "weight": 1, "value": {"trait": "city"}, "kind": {"category": {"ideal": {"malaga": 1}}}},
        {"key": "likes", "title": "Likes", "weight": 1, "value": {"trait": "city"}, "kind": {"set": {"ideal": ["x"]}}},
        {"key": "orders", "title": "Orders", "weight": 1, "value": "orders", "kind": {"numeric": {"ideal": 1, "range": 0}}},
    ]}}})
}

fn rfm() -> Value {
    json!({"kind": {"rfm": {"window": {"last": DAY}}}})
}

/// Puts a value in a place of a model.
fn with(mut model: Value, place: &str, value: Value) -> Model {
    let kind = if place.starts_with("/grades") || place == "/scale" {
        String::new()
    } else {
        let kind = model["kind"].as_object().unwrap().keys().next();
        format!("/kind/{}", kind.unwrap())
    };
    model["grades"] = json!([{"name": "LOW", "at_least": 0}, {"name": "HIGH", "at_least": 5}]);
    model["scale"] = Value::Null;
    let (parent, name) = place.rsplit_once('/').unwrap();
    let parent = model.pointer_mut(&format!("{kind}{parent}")).unwrap();
    match parent {
        Value::Array(elements) => elements[name.parse::<usize>().unwrap()] = value,
        parent => parent[name] = value,
    }
    serde_json::from_value(model).unwrap()
}

#[rstest]
#[case(points())]
#[case(similarity())]
#[case(rfm())]
fn a_model_can_be_used(#[case] model: Value) {
    let model: Model = serde_json::from_value(model).unwrap();
    assert_eq!(check(&model, &known()), Ok(super::Checked::default()));
}

#[rstest]
#[case(points(), "/rules", json!([]), "rules", ProblemCode::Empty)]
#[case(points(), "/rules/0/key", json!("A b"), "rules.0.key", ProblemCode::InvalidKey)]
#[case(points(), "/rules/2/key", json!("a"), "rules.2.key", ProblemCode::Repeated)]
#[case(points(), "/rules/0/title", json!(" "), "rules.0.title", ProblemCode::InvalidText)]
#[case(points(), "/rules/0/points", json!(10_000.5), "rules.0.points", ProblemCode::OutOfRange)]
#[case(points(), "/rules/0/fades", json!(true), "rules.0.fades", ProblemCode::NothingFades)]
#[case(
    points(),
    "/half_life",
    Value::Null,
    "rules.1.fades",
    ProblemCode::NothingFades
)]
#[case(points(), "/rules/0/when/holds", json!({"any": [{"segment": {"key": "best"}}, {"segment": {"key": "bost"}}]}),
    "rules.0.when.holds.any.1.segment.key", ProblemCode::Condition(conditions::ProblemCode::UnknownSegment))]
#[case(points(), "/rules/1/when/once/filter", json!({"names": [""]}),
    "rules.1.when.once.filter.names.0", ProblemCode::Condition(conditions::ProblemCode::Empty))]
#[case(points(), "/rules/2/when/each/window", json!({"between": {"after": 5, "until": 5}}),
    "rules.2.when.each.window.between", ProblemCode::Condition(conditions::ProblemCode::BoundsOutOfOrder))]
#[case(points(), "/rules/2/when/each/cap/most", json!(0), "rules.2.when.each.cap.most", ProblemCode::OutOfRange)]
#[case(similarity(), "/features", json!([]), "features", ProblemCode::Empty)]
#[case(similarity(), "/features/0/key", json!("prior"), "features.0.key", ProblemCode::InvalidKey)]
#[case(similarity(), "/features/1/key", json!("city"), "features.1.key", ProblemCode::Repeated)]
#[case(similarity(), "/features/0/weight", json!(0), "features.0.weight", ProblemCode::OutOfRange)]
#[case(similarity(), "/features/0/value", json!({"trait": ""}),
    "features.0.value.trait", ProblemCode::Condition(conditions::ProblemCode::Empty))]
#[case(similarity(), "/features/0/value", json!("spend"), "features.0.value", ProblemCode::WrongKind)]
#[case(similarity(), "/features/0/kind/category/ideal", json!({}), "features.0.kind.category.ideal", ProblemCode::NoIdeal)]
#[case(similarity(), "/features/0/kind/category/ideal", json!({"a": -1, "b": 1}), "features.0.kind.category.ideal", ProblemCode::OutOfRange)]
#[case(similarity(), "/features/1/kind/set/ideal", json!([]), "features.1.kind.set.ideal", ProblemCode::NoIdeal)]
#[case(similarity(), "/features/2/kind/numeric/range", json!(-1), "features.2.kind.numeric.range", ProblemCode::OutOfRange)]
#[case(similarity(), "/prior", json!(101), "prior", ProblemCode::OutOfRange)]
#[case(similarity(), "/segment", json!("bost"), "segment", ProblemCode::Condition(conditions::ProblemCode::UnknownSegment))]
#[case(rfm(), "/window", json!({"between": {"after": 5, "until": 5}}),
    "window.between", ProblemCode::Condition(conditions::ProblemCode::BoundsOutOfOrder))]
#[case(rfm(), "/grades/1/at_least", json!(0), "grades.1", ProblemCode::OutOfOrder)]
#[case(rfm(), "/grades/1/name", json!("LOW"), "grades.1.name", ProblemCode::Repeated)]
#[case(rfm(), "/scale", json!(0), "scale", ProblemCode::OutOfRange)]
fn a_mistake_is_said_where_it_is(
    #[case] model: Value,
    #[case] place: &str,
    #[case] value: Value,
    #[case] path: &str,
    #[case] code: ProblemCode,
) {
    let problems = check(&with(model, place, value), &known()).unwrap_err();
    let found: Vec<_> = problems
        .iter()
        .map(|problem| {
            let path: Vec<_> = problem.path.iter().map(ToString::to_string).collect();
            (path.join("."), problem.code)
        })
        .collect();
    assert_eq!(found, [(path.to_owned(), code)]);
}

#[test]
fn a_name_that_nobody_sent_is_a_warning_where_it_is() {
    let filter = json!({"names": ["Veiw"]});
    let model = with(points(), "/rules/1/when/once/filter", filter);
    let warnings = check(&model, &known()).unwrap().warnings;
    let path: Vec<_> = warnings[0].path.iter().map(ToString::to_string).collect();
    assert_eq!(path.join("."), "rules.1.when.once.filter.names.0");
    assert_eq!(warnings[0].near, ["View"]);
    let model = with(similarity(), "/features/0/value", json!({"trait": "ctiy"}));
    let warnings = check(&model, &known()).unwrap().warnings;
    let path: Vec<_> = warnings[0].path.iter().map(ToString::to_string).collect();
    assert_eq!(path.join("."), "features.0.value.trait");
}

#[test]
fn a_segment_makes_its_own_ideal() {
    let mut model = similarity();
    model["kind"]["similarity"]["segment"] = json!("best");
    let model = with(model, "/features/1/kind/set/ideal", json!([]));
    assert_eq!(check(&model, &known()), Ok(super::Checked::default()));
}

#[test]
fn a_model_of_too_many_rules_is_refused_whole() {
    let rule = points()["kind"]["points"]["rules"][0].clone();
    let rules: Vec<_> = (0..=super::MAX_RULES)
        .map(|number| {
            let mut rule = rule.clone();
            rule["key"] = json!(format!("rule{number}"));
            rule
        })
        .collect();
    let problems = check(&with(points(), "/rules", json!(rules)), &known()).unwrap_err();
    let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, [ProblemCode::TooMany]);
}
