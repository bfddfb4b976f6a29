use std::collections::BTreeSet;

use rstest::rstest;
use uuid::Uuid;

use super::*;
use crate::clock::Timestamp;
use crate::condition::{Condition, Facts, text};
use crate::id::SegmentId;
use crate::lifecycle::Rules;

fn condition(text: &str) -> Condition {
    text::parse(text).unwrap()
}

fn segment(number: u128, key: &str, condition: Option<Condition>) -> Segment {
    Segment {
        id: SegmentId(Uuid::from_u128(number)),
        key: key.to_owned(),
        version: 1,
        condition,
    }
}

fn defined(segments: Vec<Segment>) -> Definitions {
    let segments = segments.into_iter().map(Defined::Segment);
    Definitions::new(1, Vec::new(), Rules::default(), segments.collect())
}

fn nobody<'a>() -> Facts<'a> {
    Facts::new(chrono_tz::UTC, "EUR".parse().unwrap())
}

fn members(definitions: &Definitions, pins: &Pins) -> Vec<(String, bool)> {
    let standing = Standing::decide(
        definitions,
        &mut nobody(),
        pins,
        &BTreeSet::new(),
        Timestamp(0),
    );
    let keys = definitions.segments().map(|one| one.key.clone());
    let holds = standing.memberships.iter().map(|one| one.decision.holds);
    keys.zip(holds).collect()
}

#[test]
fn a_segment_is_decided_after_those_it_asks_for() {
    let asks = |key: &str| Some(condition(&format!("NOT segment('{key}')")));
    let definitions = defined(vec![
        segment(1, "a", asks("b")),
        segment(2, "b", asks("c")),
        segment(3, "c", asks("gone")),
    ]);
    let expected = [("c", true), ("b", false), ("a", true)];
    let expected = expected.map(|(key, holds)| (key.to_owned(), holds));
    assert_eq!(members(&definitions, &Pins::new()), expected);
}

#[test]
fn definitions_in_a_circle_are_decided_all_the_same() {
    let asks = |key: &str| Some(condition(&format!("segment('{key}')")));
    let definitions = defined(vec![segment(1, "a", asks("b")), segment(2, "b", asks("a"))]);
    assert_eq!(definitions.segments().count(), 2);
    let members = members(&definitions, &Pins::new());
    assert!(members.iter().all(|(_, holds)| !holds));
}

#[rstest]
#[case::a_list(None, true, true)]
#[case::taken_out(Some("NOT segment('gone')"), false, false)]
#[case::put_in(Some("segment('gone')"), true, true)]
fn what_a_person_decided_counts_whatever_the_condition_says(
    #[case] text: Option<&str>,
    #[case] pin: bool,
    #[case] holds: bool,
) {
    let own = segment(1, "list", text.map(condition));
    let pins = Pins::from([(own.id, pin)]);
    let definitions = defined(vec![own]);
    assert_eq!(members(&definitions, &pins), [("list".to_owned(), holds)]);
}

#[rstest]
#[case("country = 'ES'", &[], false)]
#[case("performed('A') >= 1", &["A"], false)]
#[case("performed('A', p = 1) >= 1", &["A"], true)]
fn conditions_need_what_they_look_at(
    #[case] text: &str,
    #[case] names: &[&str],
    #[case] properties: bool,
) {
    let condition = condition(text);
    let mut needs = Needs::default();
    needs.add([&condition]);
    assert_eq!(needs.touchpoints.ever(), Some(names.to_vec()));
    assert_eq!(needs.touchpoints.at_properties(), properties);
    assert!(!needs.purchases);
}
