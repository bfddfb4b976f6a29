//! Scores: their values, their grades, and both.

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::Number;
use lazo_domain::condition::evaluate::ScoreValue;
use lazo_domain::condition::generate::{History, Score};
use serde_json::{Value, json};

use super::{DAY, hold, nobody};
use crate::condition::sql::tests::world::FADING;

const NOW: Timestamp = Timestamp(10 * DAY);

/// Somebody with this score by the first model, which grades from 0, from 5 and from 40 on.
fn scored(value: f64, until: Option<Timestamp>) -> History {
    let score = Score {
        value: ScoreValue::Constant(Number::try_from(value).unwrap()),
        grade: None,
        until,
    };
    History {
        scores: [("first".to_owned(), score)].into(),
        ..nobody()
    }
}

fn by(test: &Value) -> Value {
    let mut test = test.clone();
    test["key"] = json!("first");
    json!({ "score": test })
}

fn value(test: &Value) -> Value {
    by(&json!({ "value": test }))
}

#[tokio::test]
async fn a_value_passes_each_comparison_at_its_bound_and_beside_it() {
    let cases = [
        (json!({"equal": 12.5}), true),
        (json!({"equal": 12.0}), false),
        (json!({"not_equal": 12.5}), false),
        (json!({"not_equal": 12.0}), true),
        (json!({"less": 12.5}), false),
        (json!({"less": 12.6}), true),
        (json!({"at_most": 12.5}), true),
        (json!({"at_most": 12.4}), false),
        (json!({"more": 12.5}), false),
        (json!({"more": 12.4}), true),
        (json!({"at_least": 12.5}), true),
        (json!({"at_least": 12.6}), false),
        (json!({"between": [12.5, 20.0]}), true),
        (json!({"between": [0.0, 12.5]}), true),
        (json!({"between": [12.6, 20.0]}), false),
        (json!({"between": [0.0, 12.4]}), false),
    ];
    let cases = cases.into_iter().flat_map(|(test, holds)| {
        let test = value(&test);
        [
            (test.clone(), NOW, holds),
            (json!({"not": test}), NOW, !holds),
        ]
    });
    hold(scored(12.5, None), cases).await;
}

#[tokio::test]
async fn a_grade_begins_at_its_bound() {
    for (value, grade) in [
        (0.0, "COLD"),
        (4.999_999, "COLD"),
        (5.0, "WARM"),
        (39.0, "WARM"),
        (40.0, "HOT"),
        (100.0, "HOT"),
    ] {
        let cases = ["COLD", "WARM", "HOT"]
            .map(|asked| (by(&json!({ "grades": [asked] })), NOW, asked == grade));
        hold(scored(value, None), cases).await;
    }
}

#[tokio::test]
async fn a_value_and_grades_must_both_pass() {
    let cases = [
        (json!({"grades": ["WARM", "HOT"]}), true),
        (
            json!({"grades": ["WARM"], "value": {"at_most": 12.5}}),
            true,
        ),
        (json!({"grades": ["WARM"], "value": {"more": 12.5}}), false),
        (
            json!({"grades": ["HOT"], "value": {"at_most": 12.5}}),
            false,
        ),
        (json!({"value": {"between": [5.0, 40.0]}}), true),
        (json!({}), true),
    ];
    let cases = cases.map(|(test, holds)| (by(&test), NOW, holds));
    hold(scored(12.5, None), cases).await;
}

#[tokio::test]
async fn a_score_below_zero_is_compared_like_any_other_and_has_no_grade() {
    let cases = [
        (json!({"value": {"less": 0.0}}), true),
        (json!({"value": {"at_least": -1.5}}), true),
        (json!({"value": {"at_most": 5.0}}), true),
        (json!({"grades": ["COLD", "WARM", "HOT"]}), false),
    ];
    let cases = cases.map(|(test, holds)| (by(&test), NOW, holds));
    hold(scored(-1.5, None), cases).await;
}

#[tokio::test]
async fn who_has_no_score_passes_no_test_of_it() {
    let tests = [
        json!({}),
        json!({"value": {"not_equal": 1.0}}),
        json!({"value": {"at_most": 100.0}}),
        json!({"grades": ["COLD", "WARM", "HOT"]}),
    ];
    let each = |key: &'static str, tests: &[Value]| {
        let mut asked = tests.to_vec();
        for test in &mut asked {
            test["key"] = json!(key);
        }
        asked.into_iter().flat_map(|test| {
            let test = json!({ "score": test });
            [
                (test.clone(), NOW, false),
                (json!({"not": test}), NOW, true),
            ]
        })
    };
    // Nothing was scored by the one, and the other is none.
    let grades_alone = [tests[0].clone(), tests[3].clone()];
    let cases = each("first", &tests)
        .chain(each("none", &tests))
        .chain(each(FADING, &grades_alone));
    hold(nobody(), cases).await;
}

#[tokio::test]
async fn a_score_is_none_from_the_instant_on_at_which_time_changes_it() {
    let any = by(&json!({}));
    let warm = by(&json!({ "grades": ["WARM"] }));
    let more = value(&json!({ "at_most": 12.5 }));
    let until = NOW.plus_millis(1);
    let cases = [any, warm, more]
        .into_iter()
        .flat_map(|test| [(test.clone(), NOW, true), (test, until, false)]);
    hold(scored(12.5, Some(until)), cases).await;
}
