//! Tests of what is derived or known: segments, scores, consents, stages, levels, identifiers and when the person was seen.

use rstest::rstest;
use serde_json::{Value, json};

use super::sample::{answer, condition, hour, hours, nobody, number, span};
use crate::condition::evaluate::{Decision, Found, Known, Reason, ScoreValue, decide, evaluate};
use crate::condition::generate::{History, Score};
use crate::identity::Namespace;
use crate::lifecycle::{Level, Stage};
use crate::touchpoint::Channel;

fn known<T>(value: T, until: i64) -> Known<T> {
    Known {
        value,
        until: Some(hour(until)),
    }
}

/// Someone of whom all that is derived is known until hour 30.
fn somebody() -> History {
    let fading = ScoreValue::Fading {
        base: number(10.0),
        fading: number(80.0),
        from: hour(0),
        half_life: hours(10),
        scale: None,
    };
    let score = |value, grade: Option<&str>, until: Option<i64>| Score {
        value,
        grade: grade.map(str::to_owned),
        until: until.map(hour),
    };
    History {
        seen: Some((hour(2), hour(8))),
        stage: Some(known(Stage::Active, 30)),
        level: Some(known(Level::Top, 30)),
        segments: [
            ("vip".to_owned(), known(true, 30)),
            ("new".to_owned(), known(false, 30)),
        ]
        .into(),
        scores: [
            (
                "fit".to_owned(),
                score(ScoreValue::Constant(number(70.0)), Some("HOT"), Some(30)),
            ),
            ("interest".to_owned(), score(fading, None, None)),
        ]
        .into(),
        consents: [
            (("news".to_owned(), Some(Channel::Email)), known(true, 30)),
            (("profiling".to_owned(), None), known(false, 30)),
        ]
        .into(),
        namespaces: [Namespace::email()].into(),
        ..nobody("EUR")
    }
}

#[rstest]
#[case::a_member(json!({"segment": {"key": "vip"}}), true, Some(30))]
#[case::no_member(json!({"segment": {"key": "new"}}), false, Some(30))]
#[case::no_segment(json!({"segment": {"key": "none"}}), false, None)]
#[case::a_score(json!({"score": {"key": "fit"}}), true, Some(30))]
#[case::its_value(json!({"score": {"key": "fit", "value": {"at_least": 70}}}), true, Some(30))]
#[case::its_grade(json!({"score": {"key": "fit", "grades": ["WARM", "HOT"]}}), true, Some(30))]
#[case::another_grade(json!({"score": {"key": "fit", "grades": ["WARM"]}}), false, Some(30))]
#[case::not_both(json!({"score": {"key": "fit", "value": {"less": 70}, "grades": ["HOT"]}}), false, Some(30))]
#[case::no_grade(json!({"score": {"key": "interest", "grades": ["HOT"]}}), false, None)]
#[case::no_score(json!({"score": {"key": "none", "value": {"less": 70}}}), false, None)]
#[case::granted(json!({"consent": {"purpose": "news", "channel": "EMAIL", "granted": true}}), true, Some(30))]
#[case::not_refused(json!({"consent": {"purpose": "news", "channel": "EMAIL", "granted": false}}), false, Some(30))]
#[case::on_another_channel(json!({"consent": {"purpose": "news", "channel": "WEB", "granted": true}}), false, None)]
#[case::refused(json!({"consent": {"purpose": "profiling", "granted": false}}), true, Some(30))]
#[case::never_asked(json!({"consent": {"purpose": "none", "granted": false}}), true, None)]
#[case::in_the_stage(json!({"stage": ["NEW", "ACTIVE"]}), true, Some(30))]
#[case::in_another_stage(json!({"stage": ["LOST"]}), false, Some(30))]
#[case::on_the_level(json!({"level": ["TOP"]}), true, Some(30))]
#[case::on_another_level(json!({"level": ["REST"]}), false, Some(30))]
#[case::has_an_email(json!({"identifier": {"namespace": "email"}}), true, None)]
#[case::has_no_phone(json!({"identifier": {"namespace": "phone"}}), false, None)]
#[case::seen_first(json!({"seen": {"which": "first", "time": {"longer_ago": span(8)}}}), true, None)]
#[case::seen_last(json!({"seen": {"which": "last", "time": {"within_past": span(4)}}}), true, Some(12))]
fn what_is_known_is_asked(#[case] test: Value, #[case] holds: bool, #[case] until: Option<i64>) {
    let decision = decide(&condition(test), &somebody().facts(), hour(10));
    assert_eq!(decision, answer(holds, until.map(hour)));
}

#[rstest]
#[case(json!({"segment": {"key": "vip"}}))]
#[case(json!({"score": {"key": "fit"}}))]
#[case(json!({"consent": {"purpose": "news", "channel": "EMAIL", "granted": true}}))]
#[case(json!({"stage": ["ANONYMOUS"]}))]
#[case(json!({"level": ["REST"]}))]
#[case(json!({"identifier": {"namespace": "email"}}))]
#[case(json!({"seen": {"which": "last", "time": {"before": hour(99)}}}))]
fn of_nobody_nothing_is_known(#[case] test: Value) {
    let decision = decide(&condition(test), &nobody("EUR").facts(), hour(10));
    assert_eq!(decision, answer(false, None));
}

#[test]
fn what_was_known_until_the_past_names_no_instant() {
    let test = condition(json!({"stage": ["ACTIVE"]}));
    let decision = decide(&test, &somebody().facts(), hour(30));
    assert_eq!(decision, answer(true, None));
}

#[rstest]
#[case::falls_below(json!({"at_least": 50}), 0, true, Some(hour(10).0 + 1))]
#[case::reaches(json!({"at_most": 50}), 0, false, Some(hour(10).0))]
#[case::leaves_a_range(json!({"between": [30, 60]}), 10, true, Some(hour(20).0 + 1))]
#[case::never_falls_below_what_stays(json!({"at_least": 10}), 0, true, None)]
fn a_score_that_fades_says_when_it_passes(
    #[case] value: Value,
    #[case] now: i64,
    #[case] holds: bool,
    #[case] about: Option<i64>,
) {
    let test = condition(json!({"score": {"key": "interest", "value": value}}));
    let history = somebody();
    let facts = history.facts();
    let Decision { holds: is, until } = decide(&test, &facts, hour(now));
    assert_eq!((is, until.is_some()), (holds, about.is_some()));
    if let (Some(until), Some(about)) = (until, about) {
        // A value is rounded to millionths, which it keeps for some milliseconds.
        assert!((until.0 - about).abs() < 50, "{until}");
        assert_eq!(decide(&test, &facts, until.plus_millis(-1)).holds, holds);
        assert_eq!(decide(&test, &facts, until).holds, !holds);
    }
}

#[test]
fn a_score_fades_by_half_in_a_half_life() {
    let history = somebody();
    let facts = history.facts();
    let value = facts.scores["interest"].value;
    let values = [-5, 0, 10, 20, 30].map(|hours| value.at(hour(hours)));
    assert_eq!(values, [90.0, 90.0, 50.0, 30.0, 20.0].map(number));
}

#[test]
fn an_explanation_has_the_shape_of_the_condition() {
    let test = json!({"any": [{"stage": ["LOST"]}, {"not": {"segment": {"key": "new"}}}]});
    let because = evaluate(&condition(test), &somebody().facts(), hour(10)).because;
    assert!(because.holds);
    let Reason::Any(parts) = because.reason else {
        panic!("not any: {because:?}");
    };
    let Reason::Leaf(stage) = &parts[0].reason else {
        panic!("no leaf: {parts:?}");
    };
    assert_eq!(stage.found, Found::Stage(Stage::Active));
    assert_eq!(
        parts.iter().map(|part| part.holds).collect::<Vec<_>>(),
        [false, true]
    );
}

#[test]
fn an_explanation_shows_no_value_in_logs() {
    let found = Found::Values(vec![crate::condition::Scalar::Text("secret".to_owned())]);
    assert_eq!(format!("{found:?}"), "Values(..)");
}

#[rstest]
#[case::all_hold(json!({"all": [{"segment": {"key": "vip"}}, {"seen": {"which": "last", "time": {"within_past": span(4)}}}]}), true, Some(12))]
#[case::some_do_not(json!({"all": [{"segment": {"key": "new"}}, {"seen": {"which": "last", "time": {"within_past": span(4)}}}]}), false, Some(30))]
#[case::one_never_does(json!({"all": [{"segment": {"key": "none"}}, {"segment": {"key": "new"}}]}), false, None)]
#[case::any_holds_as_long_as_one(json!({"any": [{"segment": {"key": "vip"}}, {"seen": {"which": "last", "time": {"within_past": span(4)}}}]}), true, Some(30))]
#[case::one_always_does(json!({"any": [{"identifier": {"namespace": "email"}}, {"segment": {"key": "vip"}}]}), true, None)]
#[case::none_holds(json!({"any": [{"segment": {"key": "new"}}, {"seen": {"which": "last", "time": {"within_past": span(1)}}}]}), false, Some(30))]
#[case::all_of_nothing(json!({"all": []}), true, None)]
#[case::any_of_nothing(json!({"any": []}), false, None)]
fn parts_join(#[case] test: Value, #[case] holds: bool, #[case] until: Option<i64>) {
    let decision = decide(&condition(test), &somebody().facts(), hour(10));
    assert_eq!(decision, answer(holds, until.map(hour)));
}
