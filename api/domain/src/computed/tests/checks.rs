//! What the check of computed traits promises.

use rstest::rstest;
use serde_json::{Value, json};

use super::{definition, of_purchases, of_touchpoints};
use crate::computed::{Definition, check};
use crate::condition::check::{Known, PathPart, ProblemCode, WarningCode};

fn known() -> Known {
    Known {
        events: ["Product Viewed".to_owned()].into(),
        sources: ["shop".to_owned()].into(),
        ..Known::default()
    }
}

fn place(path: &[PathPart]) -> String {
    let parts: Vec<_> = path.iter().map(PathPart::to_string).collect();
    parts.join(".")
}

fn named(name: &str) -> Definition {
    Definition {
        name: name.to_owned(),
        ..of_touchpoints(&json!("count"))
    }
}

fn list(cap: u16) -> Value {
    json!({"distinct_values": {"property": "p", "cap": cap}})
}

#[rstest]
#[case::no_name(named(""), "name", ProblemCode::Empty)]
#[case::a_long_name(named(&"x".repeat(201)), "name", ProblemCode::TooLong)]
#[case::a_long_path(named("a.b.c.d.e"), "name", ProblemCode::TooManyNameParts)]
#[case::a_nul(named("a\0"), "name", ProblemCode::NulCharacter)]
#[case::a_trait_that_people_have(named("email"), "name", ProblemCode::ReservedName)]
#[case::a_word_of_conditions(named("orders.count"), "name", ProblemCode::ReservedName)]
#[case::no_property(of_touchpoints(&json!({"sum": ""})), "of.touchpoints.measure.sum", ProblemCode::Empty)]
#[case::a_deep_property(of_touchpoints(&json!({"most_frequent": "a.b.c.d.e"})), "of.touchpoints.measure.most_frequent", ProblemCode::TooManyNameParts)]
#[case::no_property_to_list(of_touchpoints(&json!({"distinct_values": {"property": "", "cap": 1}})), "of.touchpoints.measure.distinct_values.property", ProblemCode::Empty)]
#[case::an_empty_list(of_touchpoints(&list(0)), "of.touchpoints.measure.distinct_values.cap", ProblemCode::CapOutOfRange)]
#[case::a_long_list(of_touchpoints(&list(101)), "of.touchpoints.measure.distinct_values.cap", ProblemCode::CapOutOfRange)]
#[case::a_long_list_of_categories(of_purchases(&json!({"categories": {"cap": 101}})), "of.purchases.measure.categories.cap", ProblemCode::CapOutOfRange)]
#[case::a_nameless_event(
    definition(&json!({"touchpoints": {"filter": {"names": [""]}, "measure": "count"}}), &json!("ever")),
    "of.touchpoints.filter.names.0",
    ProblemCode::Empty
)]
#[case::a_long_category(
    definition(&json!({"purchases": {"lines": {"categories": ["x".repeat(513)]}, "measure": "count"}}), &json!("ever")),
    "of.purchases.lines.categories.0",
    ProblemCode::TooLong
)]
#[case::a_window_out_of_order(
    definition(&json!({"purchases": {"measure": "count"}}), &json!({"between": {"after": 5, "until": 5}})),
    "window.between",
    ProblemCode::BoundsOutOfOrder
)]
fn a_wrong_part_is_named_with_its_path(
    #[case] definition: Definition,
    #[case] path: &str,
    #[case] code: ProblemCode,
) {
    let problems = check(&definition, &known()).unwrap_err();
    let found: Vec<_> = problems
        .iter()
        .map(|one| (place(&one.path), one.code))
        .collect();
    assert_eq!(found, [(path.to_owned(), code)]);
}

#[test]
fn who_mistypes_is_warned_and_told_what_was_meant() {
    let filter = json!({"names": ["Product Viewd"], "source": "shopp"});
    let count = json!({"touchpoints": {"filter": filter, "measure": "count"}});
    let checked = check(&definition(&count, &json!("ever")), &known()).unwrap();
    let found: Vec<_> = checked
        .warnings
        .iter()
        .map(|one| (place(&one.path), one.code, one.near.join(", ")))
        .collect();
    let event = "of.touchpoints.filter.names.0".to_owned();
    let source = "of.touchpoints.filter.source".to_owned();
    assert_eq!(
        found,
        [
            (
                event,
                WarningCode::UnknownEvent,
                "Product Viewed".to_owned()
            ),
            (source, WarningCode::UnknownSource, "shop".to_owned()),
        ]
    );
}

#[test]
fn what_is_right_passes() {
    for definition in [of_touchpoints(&list(100)), of_purchases(&json!("spend"))] {
        assert_eq!(check(&definition, &known()).unwrap().warnings, []);
    }
}
