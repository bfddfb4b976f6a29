//! Instants that lie ahead, and bounds that are themselves enough.

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::generate::History;
use serde_json::{Value, json};

use super::purchases::bought;
use super::{DAY, HOUR, happened, hold, nobody, with_traits};

/// The instant that is asked about.
const THEN: i64 = 20 * DAY;

/// The tests of an instant at another one, and whether it passes.
fn tests() -> Vec<(Value, i64, bool)> {
    vec![
        // In (now, now + span].
        (json!({"within_next": DAY}), THEN - DAY - 1, false),
        (json!({"within_next": DAY}), THEN - DAY, true),
        (json!({"within_next": DAY}), THEN - HOUR, true),
        (json!({"within_next": DAY}), THEN - 1, true),
        (json!({"within_next": DAY}), THEN, false),
        (json!({"within_next": DAY}), THEN + 1, false),
        // Later than now + span.
        (json!({"further_ahead": DAY}), THEN - DAY - 1, true),
        (json!({"further_ahead": DAY}), THEN - DAY, false),
        (json!({"further_ahead": DAY}), THEN - 1, false),
        (json!({"further_ahead": DAY}), THEN, false),
        (json!({"further_ahead": DAY}), THEN + 2 * DAY, false),
        (json!({"within_past": DAY}), THEN - 1, false),
        (json!({"within_past": DAY}), THEN, true),
        (json!({"within_past": DAY}), THEN + DAY, false),
        (json!({"longer_ago": DAY}), THEN + DAY - 1, false),
        (json!({"longer_ago": DAY}), THEN + DAY, true),
    ]
}

#[tokio::test]
async fn a_trait_may_name_an_instant_that_lies_ahead() {
    let of = |name: &str, test: &Value| json!({"trait": {"name": name, "test": {"time": test}}});
    let cases = tests().into_iter().flat_map(|(test, now, holds)| {
        let now = Timestamp(now);
        [
            (of("renewal", &test), now, holds),
            (of("gone", &test), now, false),
            (of("word", &test), now, false),
        ]
    });
    let traits = json!({"renewal": Timestamp(THEN).to_string(), "word": "soon"});
    hold(with_traits(&traits), cases).await;
}

#[tokio::test]
async fn a_property_may_name_an_instant_that_lies_ahead() {
    let of = |test: &Value| {
        let filter = json!({"properties": [{"name": "starts", "test": {"time": test}}]});
        json!({"touchpoint": {"filter": filter, "measure": {"count": {"at_least": 1}}}})
    };
    let starts = json!({"starts": Timestamp(THEN).to_string()});
    let person = History {
        touchpoints: vec![happened(1, "Booked", Timestamp(DAY), &starts)],
        ..nobody()
    };
    let cases = tests().into_iter();
    let cases = cases.map(|(test, now, holds)| (of(&test), Timestamp(now), holds));
    hold(person, cases).await;
}

/// What happened lies behind, at whatever instant it is asked about.
#[tokio::test]
async fn what_happened_never_lies_ahead() {
    let person = History {
        touchpoints: vec![happened(1, "Viewed", Timestamp(THEN), &json!({}))],
        purchases: vec![bought(1, Timestamp(THEN), 1_000, Vec::new())],
        ..nobody()
    };
    let cases = tests().into_iter().flat_map(|(test, now, holds)| {
        let ahead = test.get("within_next").is_some() || test.get("further_ahead").is_some();
        let holds = holds && !ahead;
        let now = Timestamp(now);
        ["first", "last"].into_iter().flat_map(move |which| {
            let measure = json!({ which: test });
            [
                (json!({"touchpoint": {"measure": measure}}), now, holds),
                (json!({"purchase": {"measure": measure}}), now, holds),
            ]
        })
    });
    hold(person, cases).await;
}

#[tokio::test]
async fn at_most_takes_its_bound_in() {
    let now = Timestamp(THEN + DAY);
    let person = History {
        touchpoints: vec![
            happened(1, "Viewed", Timestamp(THEN), &json!({"price": 2.5})),
            happened(2, "Viewed", Timestamp(THEN + 1), &json!({"price": 4})),
        ],
        purchases: vec![
            bought(1, Timestamp(DAY), 1_000, Vec::new()),
            bought(2, Timestamp(THEN), 2_000, Vec::new()),
        ],
        ..with_traits(&json!({"points": 12.5, "text": "12.5"}))
    };
    let points = |name: &str, bound: f64| json!({"trait": {"name": name, "test": {"number": {"at_most": bound}}}});
    let viewed = |measure: Value| json!({"touchpoint": {"filter": {"names": ["Viewed"]}, "measure": measure}});
    let purchase = |measure: Value| json!({"purchase": {"measure": measure}});
    let cases = [
        (points("points", 12.5), true),
        (points("points", 12.4), false),
        (points("text", 100.0), false),
        (points("gone", 100.0), false),
        (viewed(json!({"count": {"at_most": 2}})), true),
        (viewed(json!({"count": {"at_most": 1}})), false),
        (viewed(json!({"sum": ["price", {"at_most": 6.5}]})), true),
        (viewed(json!({"sum": ["price", {"at_most": 6.4}]})), false),
        (viewed(json!({"min": ["price", {"at_most": 2.5}]})), true),
        (viewed(json!({"min": ["price", {"at_most": 2.4}]})), false),
        (viewed(json!({"max": ["price", {"at_most": 4.0}]})), true),
        (viewed(json!({"max": ["price", {"at_most": 3.9}]})), false),
        (viewed(json!({"mean": ["price", {"at_most": 3.25}]})), true),
        (viewed(json!({"mean": ["price", {"at_most": 3.24}]})), false),
        (viewed(json!({"distinct": ["price", {"at_most": 2}]})), true),
        (
            viewed(json!({"distinct": ["price", {"at_most": 1}]})),
            false,
        ),
        (viewed(json!({"mean": ["gone", {"at_most": 3.0}]})), false),
        (viewed(json!({"sum": ["gone", {"at_most": 0.0}]})), true),
        (purchase(json!({"count": {"at_most": 2}})), true),
        (purchase(json!({"count": {"at_most": 1}})), false),
        (purchase(json!({"spend": {"at_most": 30.0}})), true),
        (purchase(json!({"spend": {"at_most": 29.99}})), false),
        (purchase(json!({"mean_spend": {"at_most": 15.0}})), true),
        (purchase(json!({"mean_spend": {"at_most": 14.99}})), false),
        (purchase(json!({"max_spend": {"at_most": 20.0}})), true),
        (purchase(json!({"max_spend": {"at_most": 19.99}})), false),
        (purchase(json!({"products": {"at_most": 0}})), true),
    ];
    hold(person, cases.map(|(json, holds)| (json, now, holds))).await;
}
