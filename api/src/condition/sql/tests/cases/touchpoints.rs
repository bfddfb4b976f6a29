//! What touchpoints come to, and their order.

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::generate::History;
use serde_json::Value;
use serde_json::json;

use super::{HOUR, happened, hold, nobody};

#[tokio::test]
async fn touchpoints_come_to_what_they_come_to() {
    let hour = |hour: i64| Timestamp(hour * HOUR);
    let person = History {
        touchpoints: vec![
            happened(1, "View", hour(1), &json!({"price": 0.1, "tag": "Ropa"})),
            happened(2, "View", hour(2), &json!({"price": 0.2, "tag": "RÓPA"})),
            happened(
                3,
                "View",
                hour(2),
                &json!({"price": [1e300, -0.000_000_5], "tag": 3}),
            ),
            happened(4, "Buy", hour(4), &json!({"price": 9e9})),
            happened(5, "Buy", hour(9), &json!({})),
        ],
        ..nobody()
    };
    let of = |names: &[&str], window: Value, measure: Value| json!({"touchpoint": {"filter": {"names": names}, "window": window, "measure": measure}});
    let ever = |measure: Value| of(&["View"], json!("ever"), measure);
    let last = |hours: i64, count: u32| {
        of(
            &["View"],
            json!({"last": hours * HOUR}),
            json!({"count": {"equal": count}}),
        )
    };
    let cases = [
        (ever(json!({"count": {"equal": 3}})), 8, true),
        (ever(json!({"count": {"less": 3}})), 8, false),
        // Half-open windows: what is as old as the window is out of it.
        (last(2, 0), 4, true),
        (last(3, 2), 4, true),
        (last(2, 2), 3, true),
        (last(1, 1), 1, true),
        (
            of(
                &["View"],
                json!({"before": 2 * HOUR}),
                json!({"count": {"equal": 3}}),
            ),
            4,
            true,
        ),
        (
            of(
                &["View"],
                json!({"before": 2 * HOUR}),
                json!({"count": {"equal": 1}}),
            ),
            3,
            true,
        ),
        (
            of(
                &["View"],
                json!({"between": {"after": HOUR, "until": 2 * HOUR}}),
                json!({"count": {"equal": 2}}),
            ),
            8,
            true,
        ),
        // What is still to come has not happened.
        (
            of(&["Buy"], json!("ever"), json!({"count": {"equal": 1}})),
            8,
            true,
        ),
        (
            of(&["Buy"], json!("ever"), json!({"count": {"equal": 2}})),
            9,
            true,
        ),
        (
            of(
                &["Buy", "View"],
                json!("ever"),
                json!({"count": {"equal": 4}}),
            ),
            8,
            true,
        ),
        (
            of(&["None"], json!("ever"), json!({"count": {"equal": 0}})),
            8,
            true,
        ),
        (
            of(
                &["None"],
                json!("ever"),
                json!({"count": {"between": [0, 5]}}),
            ),
            8,
            true,
        ),
        (
            of(&["None"], json!("ever"), json!({"count": {"at_least": 0}})),
            8,
            true,
        ),
        (
            of(&["None"], json!("ever"), json!({"count": {"less": 0}})),
            8,
            false,
        ),
        (
            of(
                &["None"],
                json!("ever"),
                json!({"sum": ["price", {"equal": 0.0}]}),
            ),
            8,
            true,
        ),
        (
            of(
                &["None"],
                json!("ever"),
                json!({"mean": ["price", {"equal": 0.0}]}),
            ),
            8,
            false,
        ),
        (
            of(
                &["None"],
                json!("ever"),
                json!({"min": ["price", {"not_equal": 0.0}]}),
            ),
            8,
            false,
        ),
        (
            of(&["None"], json!("ever"), json!({"last": {"before": 0}})),
            8,
            false,
        ),
        // A tenth and two tenths are three tenths, and half a millionth is rounded away from zero.
        (
            ever(json!({"sum": ["price", {"equal": 0.299_999}]})),
            8,
            true,
        ),
        (
            of(
                &["View"],
                json!({"before": 6 * HOUR}),
                json!({"sum": ["price", {"equal": 0.1}]}),
            ),
            7,
            true,
        ),
        (
            ever(json!({"sum": ["price", {"more": 0.299_999}]})),
            8,
            false,
        ),
        (
            ever(json!({"mean": ["price", {"between": [0.099_999, 0.1]}]})),
            8,
            true,
        ),
        (ever(json!({"max": ["price", {"equal": 1e300}]})), 8, true),
        (ever(json!({"min": ["price", {"less": 0.0}]})), 8, true),
        (
            of(
                &["Buy"],
                json!("ever"),
                json!({"mean": ["price", {"equal": 9e9}]}),
            ),
            8,
            true,
        ),
        (ever(json!({"distinct": ["tag", {"equal": 2}]})), 8, true),
        (ever(json!({"distinct": ["none", {"equal": 0}]})), 8, true),
        (ever(json!({"first": {"before": 2 * HOUR}})), 8, true),
        (ever(json!({"last": {"within_past": 6 * HOUR}})), 8, false),
        (
            ever(json!({"last": {"within_past": 6 * HOUR + 1_000}})),
            8,
            true,
        ),
        (ever(json!({"last": {"longer_ago": 6 * HOUR}})), 8, true),
    ];
    hold(
        person,
        cases.map(|(json, now, holds)| (json, hour(now), holds)),
    )
    .await;
}

#[tokio::test]
async fn great_sums_are_exact() {
    let view = |number: u32, price: f64| {
        happened(number, "View", Timestamp(HOUR), &json!({ "price": price }))
    };
    let many = (1..=2_000).map(|number| view(number, 9_007_199_254.0));
    let person = History {
        touchpoints: many.chain([view(3_000, 0.000_001)]).collect(),
        ..nobody()
    };
    let of =
        |measure: &str, test: Value| json!({"touchpoint": {"measure": {measure: ["price", test]}}});
    let cases = [
        (of("sum", json!({"more": 9e9})), true),
        (of("sum", json!({"more": -9e9})), true),
        (of("sum", json!({"less": 1e300})), true),
        (of("mean", json!({"less": 9_007_199_254.0})), true),
        (of("mean", json!({"more": 9_002_697_905.0})), true),
        (of("mean", json!({"less": 9_002_697_905.0})), false),
        (of("mean", json!({"more": -1.0})), true),
    ];
    hold(
        person,
        cases.map(|(json, holds)| (json, Timestamp(HOUR), holds)),
    )
    .await;
}

#[tokio::test]
async fn one_touchpoint_follows_another_in_time() {
    let hour = |hour: i64| Timestamp(hour * HOUR);
    let person = History {
        touchpoints: vec![
            happened(1, "Cart", hour(1), &json!({})),
            happened(2, "Buy", hour(1), &json!({})),
            happened(3, "Buy", hour(3), &json!({})),
            happened(4, "Cart", hour(5), &json!({})),
        ],
        ..nobody()
    };
    let of = |within: i64, follows: bool, window: Value| {
        json!({"sequence": {"first": {"names": ["Cart"]}, "then": {"names": ["Buy"]}, "within": within * HOUR,
            "follows": follows, "window": window}})
    };
    let cases = [
        // At the same instant is not after, and at the end of the time is in time.
        (of(2, true, json!("ever")), 4, true),
        (of(1, true, json!("ever")), 4, false),
        (of(2, true, json!("ever")), 2, false),
        (of(1, false, json!("ever")), 2, true),
        (of(2, false, json!("ever")), 4, false),
        (of(2, false, json!("ever")), 6, false),
        (of(2, false, json!("ever")), 7, true),
        (of(2, true, json!({"last": 3 * HOUR})), 3, true),
        (of(2, true, json!({"last": 3 * HOUR})), 4, false),
        (
            of(
                2,
                false,
                json!({"between": {"after": HOUR, "until": 5 * HOUR}}),
            ),
            8,
            true,
        ),
        (
            of(
                2,
                true,
                json!({"between": {"after": HOUR, "until": 5 * HOUR}}),
            ),
            8,
            false,
        ),
    ];
    hold(
        person,
        cases.map(|(json, now, holds)| (json, hour(now), holds)),
    )
    .await;
}
