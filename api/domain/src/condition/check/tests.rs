//! What the check promises.

use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::condition::text::tests::generate::{condition, known};

fn read(value: Value) -> Condition {
    serde_json::from_value(value).unwrap()
}

fn place(path: &[PathPart]) -> String {
    let parts: Vec<_> = path.iter().map(PathPart::to_string).collect();
    parts.join(".")
}

/// A test of a trait, as stored.
fn of_trait(test: &Value) -> Value {
    json!({"trait": {"name": "a", "test": test}})
}

fn of_touchpoints(measure: &Value) -> Value {
    json!({"touchpoint": {"measure": measure}})
}

fn of_purchases(measure: &Value) -> Value {
    json!({"purchase": {"measure": measure}})
}

#[rstest]
#[case::nothing_to_hold(json!({"all": []}), "all", ProblemCode::NoConditions)]
#[case::nothing_inside(json!({"any": [{"not": {"any": []}}]}), "any.0.not.any", ProblemCode::NoConditions)]
#[case::no_values(of_trait(&json!({"in": []})), "trait.test.in", ProblemCode::Empty)]
#[case::no_stage(json!({"stage": []}), "stage", ProblemCode::Empty)]
#[case::no_level(json!({"level": []}), "level", ProblemCode::Empty)]
#[case::nothing_to_contain(of_trait(&json!({"text": {"contains": ""}})), "trait.test.text.contains", ProblemCode::Empty)]
#[case::no_name(json!({"trait": {"name": "", "test": "exists"}}), "trait.name", ProblemCode::Empty)]
#[case::a_nameless_event(json!({"sequence": {"first": {"names": [""]}, "then": {}, "within": 1000, "follows": true}}), "sequence.first.names.0", ProblemCode::Empty)]
#[case::many_values(of_trait(&json!({"not_in": vec![1; 501]})), "trait.test.not_in", ProblemCode::TooManyValues)]
#[case::a_long_text(of_trait(&json!({"in": [1, "é".repeat(513)]})), "trait.test.in.1", ProblemCode::TooLong)]
#[case::a_long_name(json!({"anniversary": {"trait": "x".repeat(201), "within_days": 1}}), "anniversary.trait", ProblemCode::TooLong)]
#[case::a_nul(of_trait(&json!({"equal": "a\0"})), "trait.test.equal", ProblemCode::NulCharacter)]
#[case::a_long_path(json!({"trait": {"name": "a.b.c.d.e", "test": "exists"}}), "trait.name", ProblemCode::TooManyNameParts)]
#[case::a_long_path_to_a_property(of_touchpoints(&json!({"max": ["a.b.c.d.e", {"less": 1}]})), "touchpoint.measure.max.0", ProblemCode::TooManyNameParts)]
#[case::numbers_out_of_order(of_trait(&json!({"number": {"between": [2, 1]}})), "trait.test.number.between", ProblemCode::BoundsOutOfOrder)]
#[case::counts_out_of_order(of_purchases(&json!({"count": {"between": [2, 1]}})), "purchase.measure.count.between", ProblemCode::BoundsOutOfOrder)]
#[case::a_window_out_of_order(json!({"purchase": {"window": {"between": {"after": 5, "until": 5}}, "measure": {"count": {"less": 1}}}}), "purchase.window.between", ProblemCode::BoundsOutOfOrder)]
#[case::an_inexact_sum(of_touchpoints(&json!({"sum": ["a", {"at_least": 1e10}]})), "touchpoint.measure.sum.1.at_least", ProblemCode::InexactBound)]
#[case::an_inexact_mean(of_touchpoints(&json!({"mean": ["a", {"between": [1, 1e10]}]})), "touchpoint.measure.mean.1.between", ProblemCode::InexactBound)]
#[case::an_inexact_spend(of_purchases(&json!({"spend": {"more": -1e10}})), "purchase.measure.spend.more", ProblemCode::InexactBound)]
#[case::a_far_instant(json!({"seen": {"which": "last", "time": {"before": 300_000_000_000_000_i64}}}), "seen.time.before", ProblemCode::InstantOutOfRange)]
#[case::a_far_anniversary(json!({"anniversary": {"trait": "a", "within_days": 367}}), "anniversary.within_days", ProblemCode::TooManyDays)]
#[case::nothing_of_a_score(json!({"score": {"key": "fit"}}), "score", ProblemCode::NothingTested)]
#[case::a_key_with_capitals(json!({"segment": {"key": "VIP"}}), "segment.key", ProblemCode::InvalidKey)]
#[case::a_key_that_begins_with_a_dash(json!({"segment": {"key": "-vip"}}), "segment.key", ProblemCode::InvalidKey)]
#[case::a_long_key(json!({"segment": {"key": "v".repeat(65)}}), "segment.key", ProblemCode::InvalidKey)]
#[case::an_unknown_segment(json!({"segment": {"key": "vips"}}), "segment.key", ProblemCode::UnknownSegment)]
#[case::an_unknown_score(json!({"score": {"key": "fits", "grades": ["A"]}}), "score.key", ProblemCode::UnknownScore)]
#[case::an_unknown_grade(json!({"score": {"key": "fit", "grades": ["A", "B"]}}), "score.grades.1", ProblemCode::UnknownGrade)]
#[case::an_unknown_purpose(json!({"consent": {"purpose": "offer", "granted": true}}), "consent.purpose", ProblemCode::UnknownPurpose)]
fn what_is_wrong_is_named_with_its_place(
    #[case] stored: Value,
    #[case] path: &str,
    #[case] code: ProblemCode,
) {
    let problems = check(&read(stored), &known()).unwrap_err();
    let found: Vec<_> = problems
        .iter()
        .map(|problem| (place(&problem.path), problem.code))
        .collect();
    assert_eq!(found, [(path.to_owned(), code)]);
    assert!(!problems[0].message.is_empty());
}

#[rstest]
#[case::bounds_that_are_equal(of_trait(&json!({"number": {"between": [1, 1]}})))]
#[case::the_largest_exact_bound(of_purchases(&json!({"spend": {"more": 9_007_199_254.0}})))]
#[case::a_large_number_that_is_not_added_up(of_touchpoints(&json!({"max": ["a", {"more": 1e300}]})))]
#[case::the_longest_key(json!({"consent": {"purpose": "it's", "granted": true}}))]
#[case::every_touchpoint(of_touchpoints(&json!({"count": {"at_least": 1}})))]
#[case::the_longest_list(of_trait(&json!({"in": vec![1; 500]})))]
#[case::the_longest_text(of_trait(&json!({"equal": "é".repeat(512)})))]
fn what_is_just_within_the_limits_is_used(#[case] stored: Value) {
    assert!(check(&read(stored), &known()).is_ok());
}

#[test]
fn unknown_names_are_a_warning_with_what_may_have_been_meant() {
    let known = Known {
        traits: ["country".to_owned(), "city".to_owned()].into(),
        events: ["Order Completed".to_owned()].into(),
        sources: ["shop".to_owned()].into(),
        ..Known::default()
    };
    let condition = read(json!({"all": [
        {"trait": {"name": "contry", "test": "exists"}},
        {"trait": {"name": "country", "test": "exists"}},
        {"touchpoint": {
            "filter": {"names": ["order completed"], "source": "web"},
            "measure": {"count": {"at_least": 1}},
        }},
    ]}));
    let warnings = check(&condition, &known).unwrap().warnings;
    let found: Vec<_> = warnings
        .iter()
        .map(|warning| (place(&warning.path), warning.code, warning.near.join(", ")))
        .collect();
    let expected = [
        ("all.0.trait.name", WarningCode::UnknownTrait, "country"),
        (
            "all.2.touchpoint.filter.names.0",
            WarningCode::UnknownEvent,
            "Order Completed",
        ),
        (
            "all.2.touchpoint.filter.source",
            WarningCode::UnknownSource,
            "",
        ),
    ];
    assert_eq!(
        found,
        expected.map(|(path, code, near)| (path.to_owned(), code, near.to_owned()))
    );
    assert!(warnings[0].message.ends_with("did you mean “country”?"));
}

#[test]
fn all_problems_are_named_in_the_order_of_the_condition() {
    let condition = read(json!({"any": [
        {"not": {"segment": {"key": "A"}}},
        {"stage": []},
        {"all": [{"level": []}]},
    ]}));
    let problems = check(&condition, &known()).unwrap_err();
    let places: Vec<_> = problems
        .iter()
        .map(|problem| place(&problem.path))
        .collect();
    assert_eq!(
        places,
        ["any.0.not.segment.key", "any.1.stage", "any.2.all.0.level"]
    );
}

#[test]
fn a_check_names_a_hundred_findings_and_no_more() {
    let names = vec!["a.b.c.d.e"; 150];
    let tests: Vec<_> = names
        .iter()
        .map(|name| json!({"trait": {"name": name, "test": "exists"}}))
        .collect();
    let problems = check(&read(json!({ "all": tests })), &known()).unwrap_err();
    assert_eq!(problems.len(), MAX_FINDINGS);
    let events =
        json!({"touchpoint": {"filter": {"names": names}, "measure": {"count": {"less": 1}}}});
    let warnings = check(&read(events), &known()).unwrap().warnings;
    assert_eq!(warnings.len(), MAX_FINDINGS);
}

/// So many negations of a test.
fn nested(levels: usize) -> Condition {
    (0..levels).fold(read(json!({"segment": {"key": "vip"}})), |inside, _| {
        Condition::Not(Box::new(inside))
    })
}

/// Takes a condition apart from outside in: dropping it whole would go into its depth.
fn take_apart(mut condition: Condition) {
    while let Condition::Not(inside) = condition {
        condition = *inside;
    }
}

#[rstest]
#[case(15, true)]
#[case(16, false)]
#[case(1_000, false)]
#[case(100_000, false)]
fn depth_is_limited_and_does_not_harm(#[case] levels: usize, #[case] usable: bool) {
    let condition = nested(levels);
    let checked = check(&condition, &known());
    assert_eq!(references(&condition).len(), 1);
    take_apart(condition);
    assert_eq!(checked.is_ok(), usable);
    if let Err(problems) = checked {
        let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, [ProblemCode::TooDeep]);
    }
}

#[test]
fn stored_conditions_are_not_read_beyond_128_levels() {
    let stored = format!(
        "{}\"x\"{}",
        "{\"not\":".repeat(100_000),
        "}".repeat(100_000)
    );
    let error = serde_json::from_str::<Condition>(&stored).unwrap_err();
    assert!(error.to_string().contains("recursion limit"));
}

#[rstest]
#[case::the_most_tests(200, 0, None)]
#[case::too_many_tests(201, 0, Some(ProblemCode::TooManyLeaves))]
#[case::the_most_parts(100, 2, None)]
#[case::too_many_parts(180, 2, Some(ProblemCode::TooManyNodes))]
#[case::far_too_many_parts(1_000_000, 0, Some(ProblemCode::TooManyNodes))]
fn size_is_limited(
    #[case] tests: usize,
    #[case] negations: usize,
    #[case] problem: Option<ProblemCode>,
) {
    let condition = Condition::All(vec![nested(negations); tests]);
    let found = check(&condition, &known())
        .err()
        .map(|problems| problems[0].code);
    assert_eq!(found, problem);
}

fn segment(key: &str) -> Condition {
    read(json!({"segment": {"key": key}}))
}

/// Checks the references of segment `s0` among segments that each refer to others by number; -1 is a score, which refers to `s0`.
fn follow(segments: &[&[i32]]) -> Result<(), ReferenceError> {
    let refer = |to: i32| match to {
        -1 => read(json!({"score": {"key": "fit", "grades": ["A"]}})),
        number => segment(&format!("s{number}")),
    };
    let conditions: Vec<Condition> = segments
        .iter()
        .map(|others| Condition::All(others.iter().copied().map(refer).collect()))
        .collect();
    let of_score = Condition::Not(Box::new(segment("s0")));
    let start = Reference::Segment("s0".to_owned());
    check_references(&start, [&conditions[0]], |reference| match reference {
        Reference::Score(_) => Some(&of_score),
        Reference::Segment(key) => conditions.get(key[1..].parse::<usize>().unwrap()),
    })
}

#[rstest]
#[case::itself(&[&[0][..]], "it refers to itself: segment “s0” → segment “s0”")]
#[case::round_about(&[&[1][..], &[2], &[0]], "it refers to itself: segment “s0” → segment “s1” → segment “s2” → segment “s0”")]
#[case::by_a_score(&[&[-1][..]], "it refers to itself: segment “s0” → score “fit” → segment “s0”")]
#[case::others_among_them(&[&[1][..], &[2], &[1]], "it refers to itself: segment “s0” → segment “s1” → segment “s2” → segment “s1”")]
fn references_that_come_back_are_refused(#[case] segments: &[&[i32]], #[case] message: &str) {
    assert_eq!(follow(segments).unwrap_err().to_string(), message);
}

#[test]
fn references_follow_one_another_eight_times_at_most() {
    let chain: [&[i32]; 10] = [&[1], &[2], &[3], &[4], &[5], &[6], &[7], &[8], &[9], &[]];
    assert!(matches!(follow(&chain), Err(ReferenceError::TooDeep(path)) if path.len() == 10));
    let mut shorter = chain;
    shorter[8] = &[];
    assert_eq!(follow(&shorter), Ok(()));
    // The long way to s8 comes after a short one, on which it was done with.
    let mut both = chain;
    both[0] = &[1, 8];
    assert!(matches!(follow(&both), Err(ReferenceError::TooDeep(_))));
}

#[test]
fn references_that_meet_again_are_looked_up_once_and_are_no_cycle() {
    let all = [1, 2, 3, 4, 5, 6, 7, 8];
    let segments: Vec<&[i32]> = (0..=8).map(|from| &all[from..]).collect();
    assert_eq!(follow(&segments), Ok(()));
    assert_eq!(follow(&[&[1, 1, 99], &[]]), Ok(()));
}

proptest! {
    #[test]
    fn what_passes_still_passes_once_stored(condition in condition()) {
        prop_assert!(check(&condition, &known()).is_ok());
        let stored = serde_json::to_string(&condition).unwrap();
        let read: Condition = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(read, condition);
    }
}
