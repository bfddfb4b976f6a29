//! Values: of traits and of properties.

use lazo_domain::condition::generate::History;
use serde_json::Value;
use serde_json::json;

use super::{DAY, at, happened, hold, nobody, with_traits};

/// The tests of one trait or property of each kind, and whether it passes.
fn values() -> Vec<(&'static str, Value, bool)> {
    vec![
        ("text", json!("exists"), true),
        ("text", json!("not_exists"), false),
        ("text", json!({"equal": "MÁLAGA"}), true),
        ("text", json!({"equal": "malag"}), false),
        ("text", json!({"not_equal": "malaga"}), false),
        ("text", json!({"not_equal": 5}), true),
        ("text", json!({"in": ["x", 5, true, "malaga"]}), true),
        ("text", json!({"not_in": ["x", "y"]}), true),
        ("text", json!({"not_in": ["x", "Malaga"]}), false),
        ("text", json!({"text": {"contains": "LAG"}}), true),
        ("text", json!({"text": {"starts_with": "má"}}), true),
        ("text", json!({"text": {"ends_with": "GÁ"}}), true),
        ("text", json!({"text": {"ends_with": "xmalaga"}}), false),
        ("text", json!({"number": {"at_least": 0.0}}), false),
        // A test of a missing value is false, but that it is missing.
        ("gone", json!("exists"), false),
        ("gone", json!("not_exists"), true),
        ("gone", json!({"equal": "a"}), false),
        ("gone", json!({"not_equal": "a"}), false),
        ("gone", json!({"not_in": ["a", "b"]}), false),
        ("gone", json!({"number": {"not_equal": 1.0}}), false),
        ("gone", json!({"text": {"contains": "a"}}), false),
        ("gone", json!({"time": {"before": 0}}), false),
        ("null", json!("not_exists"), true),
        ("empty", json!("not_exists"), true),
        ("rows", json!("not_exists"), true),
        ("number", json!({"equal": 12.1}), true),
        ("number", json!({"in": [1.0, 12.1]}), true),
        ("number", json!({"equal": "12.1"}), false),
        ("number", json!({"number": {"more": 12.1}}), false),
        ("number", json!({"number": {"between": [12.0, 12.1]}}), true),
        ("large", json!({"equal": 9_007_199_254_740_993_i64}), true),
        ("tiny", json!({"equal": 5e-324}), true),
        ("digits", json!({"equal": "5"}), true),
        ("digits", json!({"equal": 5}), false),
        ("truth", json!({"equal": true}), true),
        ("truth", json!({"equal": "true"}), false),
        ("truth", json!({"not_in": [false, 1]}), true),
        ("likes", json!({"equal": "b"}), true),
        ("likes", json!({"not_equal": "b"}), false),
        ("likes", json!({"number": {"less": 4.0}}), true),
        ("likes", json!({"equal": true}), true),
        ("place.city", json!({"equal": "soria"}), true),
        (
            "day",
            json!({"time": {"from": at("2026-03-01T00:00:00Z").0}}),
            true,
        ),
        (
            "day",
            json!({"time": {"before": at("2026-03-01T00:00:00Z").0}}),
            false,
        ),
        ("day", json!({"time": {"within_past": DAY}}), true),
        ("day", json!({"equal": "2026-03-01"}), true),
        // What other languages would take for a pattern, a quote or a script is a text like any other.
        ("wild", json!({"text": {"contains": "%"}}), true),
        ("wild", json!({"text": {"contains": "0%_'"}}), true),
        ("wild", json!({"text": {"contains": "1_0"}}), false),
        ("wild", json!({"text": {"contains": "1%0"}}), false),
        (
            "wild",
            json!({"equal": "100%_'\"\\ script::x ${y} ?1 $1 {}"}),
            true,
        ),
        (
            "wild",
            json!({"in": ["100%_'\"\\ SCRIPT::x ${y} ?1 $1 {}", "a"]}),
            true,
        ),
        ("text", json!({"text": {"contains": "%"}}), false),
        ("text", json!({"equal": "' OR 1=1 --"}), false),
        ("$.a[\"b\\'] %?", json!({"equal": 7}), true),
        ("$.a[\"b\\'] %?", json!({"equal": 8}), false),
        ("[0]", json!({"equal": 8}), true),
        ("7", json!({"equal": 9}), true),
        ("niño", json!({"equal": 10}), true),
    ]
}

fn properties() -> Value {
    json!({
        "text": "Málaga", "null": null, "empty": [], "rows": [{"a": 1}], "number": 12.1, "large": 9_007_199_254_740_993_i64,
        "tiny": 5e-324, "digits": "5", "truth": true, "likes": ["A", "B", 3, true, null, ["c"]],
        "place": {"city": "SORIA"}, "day": "2026-03-01", "wild": "100%_'\"\\ script::x ${y} ?1 $1 {}",
        "$.a[\"b\\'] %?": 7, "[0]": 8, "7": 9, "niño": 10,
    })
}

const NOON: &str = "2026-03-01T12:00:00Z";

#[tokio::test]
async fn traits_pass_the_tests_of_their_values() {
    let cases = values().into_iter().map(|(name, test, holds)| {
        (
            json!({"trait": {"name": name, "test": test}}),
            at(NOON),
            holds,
        )
    });
    hold(with_traits(&properties()), cases).await;
}

/// Those of one touchpoint, and those of many, each plain where it can be.
#[tokio::test]
async fn properties_pass_the_tests_of_their_values() {
    let all = happened(1, "All", at("2026-03-01T11:00:00Z"), &properties());
    let each = properties();
    let each = each.as_object().unwrap().iter().zip(2..);
    let each = each.map(|((name, value), number)| {
        happened(
            number,
            "Each",
            at("2026-03-01T11:00:00Z"),
            &json!({ name: value }),
        )
    });
    let person = History {
        touchpoints: [all].into_iter().chain(each).collect(),
        ..nobody()
    };
    let one = |name: &str, of: &str, test: &Value| {
        let filter = json!({"names": [name], "properties": [{"name": of, "test": test}]});
        json!({"touchpoint": {"filter": filter, "measure": {"count": {"at_least": 1}}}})
    };
    let cases = values().into_iter().flat_map(|(of, test, holds)| {
        // Each of the many has but one of the names, so that all others are missing in it.
        let in_each = holds || test == "not_exists";
        [
            (one("All", of, &test), at(NOON), holds),
            (one("Each", of, &test), at(NOON), in_each),
        ]
    });
    hold(person, cases).await;
}
