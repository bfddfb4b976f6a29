//! Trying conditions out.

use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::{Value as Json, json};

use crate::graphql::tests::{ask, identified, identify};
use crate::testing::TestApp;

const PARSE: &str = "query($source: ConditionSource!) { conditionParse(source: $source) {
    condition { text json } warnings { path code message near }
    textError { line column expected suggestion message } userErrors { field message code } } }";

async fn parsed(test: &TestApp, source: Json) -> Json {
    ask(test, PARSE, json!({ "source": source })).await["conditionParse"].take()
}

/// The path and the code of each error of a tree.
async fn refused(test: &TestApp, condition: Json) -> Vec<(String, String)> {
    let answer = parsed(test, json!({ "condition": condition })).await;
    assert_eq!(answer["condition"], Json::Null);
    let errors = answer["userErrors"].as_array().unwrap().iter();
    let path = |error: &Json| {
        let path = error["field"].as_array().unwrap().iter();
        path.map(|part| part.as_str().unwrap())
            .collect::<Vec<_>>()
            .join(" ")
    };
    errors
        .map(|error| (path(error), error["code"].as_str().unwrap().to_owned()))
        .collect()
}

fn count(window: &Json) -> Json {
    json!({ "touchpoint": { "window": window, "measure": { "count": { "atLeast": 3 } } } })
}

fn trait_test(test: &Json) -> Json {
    json!({ "trait": { "name": "country", "test": test } })
}

#[tokio::test]
async fn a_tree_and_its_text_are_the_same_condition() {
    let test = TestApp::start().await;
    let tree = json!({ "all": [
        { "touchpoint": {
            "filter": { "names": ["Product Viewed"], "properties": [
                { "name": "category", "test": { "equal": { "text": "Shoes" } } }] },
            "window": { "last": "2w" },
            "measure": { "count": { "atLeast": 3 } } } },
        { "trait": { "name": "country", "test": { "equal": { "text": "ES" } } } } ] });
    let by_tree = parsed(&test, json!({ "condition": tree })).await;
    assert_eq!(by_tree["userErrors"], json!([]));
    let text = by_tree["condition"]["text"].clone();
    let by_text = parsed(&test, json!({ "text": text })).await;
    assert_eq!(by_text["condition"], by_tree["condition"]);
    let again = json!({ "condition": by_tree["condition"]["json"] });
    assert_eq!(
        parsed(&test, again).await["condition"],
        by_tree["condition"]
    );
}

#[rstest]
#[case::span_of_zero(count(&json!({ "last": "0d" })), "touchpoint window last", "INVALID")]
#[case::negative_span(count(&json!({ "last": "-3d" })), "touchpoint window last", "INVALID")]
#[case::ten_thousand_years(count(&json!({ "last": "3652500d" })), "touchpoint window last", "INVALID")]
#[case::no_unit(count(&json!({ "before": "14" })), "touchpoint window before", "INVALID")]
#[case::empty_interval(
    count(&json!({ "between": { "after": "2026-02-01T00:00:00Z", "until": "2026-01-01T00:00:00Z" } })),
    "touchpoint window between", "INVALID"
)]
#[case::negative_count(
    json!({ "purchase": { "measure": { "count": { "atLeast": -1 } } } }), "purchase measure count atLeast", "INVALID"
)]
#[case::range_in_the_wrong_order(
    json!({ "purchase": { "measure": { "meanSpend": { "between": { "from": 2, "to": 1 } } } } }),
    "purchase measure meanSpend between", "INVALID"
)]
#[case::nameless_property(
    json!({ "touchpoint": { "measure": { "sum": { "property": "", "is": { "more": 1 } } } } }),
    "touchpoint measure sum property", "INVALID"
)]
#[case::sum_beyond_what_is_exact(
    json!({ "touchpoint": { "measure": { "sum": { "property": "price", "is": { "more": 1e300 } } } } }),
    "touchpoint measure sum is more", "INVALID"
)]
#[case::empty_list(trait_test(&json!({ "in": [] })), "trait test in", "INVALID")]
#[case::empty_text(trait_test(&json!({ "text": { "startsWith": "" } })), "trait test text startsWith", "INVALID")]
#[case::long_text(
    trait_test(&json!({ "equal": { "text": "x".repeat(513) } })), "trait test equal", "LIMIT_EXCEEDED"
)]
#[case::nothing_joined(json!({ "any": [] }), "any", "INVALID")]
#[case::unknown_segment(json!({ "segment": { "key": "gone" } }), "segment key", "NOT_FOUND")]
#[case::unknown_score(
    json!({ "score": { "key": "gone", "value": { "more": 1 } } }), "score key", "NOT_FOUND"
)]
#[case::unknown_purpose(json!({ "consent": { "purpose": "gone" } }), "consent purpose", "NOT_FOUND")]
#[case::no_namespace(json!({ "identifier": { "namespace": "E-Mail" } }), "identifier namespace", "INVALID")]
#[case::days_below_zero(
    json!({ "anniversary": { "trait": "birthday", "withinDays": -1 } }), "anniversary withinDays", "INVALID"
)]
#[case::more_days_than_a_year(
    json!({ "anniversary": { "trait": "birthday", "withinDays": 367 } }), "anniversary withinDays", "LIMIT_EXCEEDED"
)]
#[case::no_stage(json!({ "stage": [] }), "stage", "INVALID")]
#[case::sequence_without_end(
    json!({ "sequence": { "first": {}, "then": {}, "within": "soon" } }), "sequence within", "INVALID"
)]
#[tokio::test]
async fn what_is_wrong_is_named_with_its_path(
    #[case] leaf: Json,
    #[case] path: &str,
    #[case] code: &str,
) {
    let test = TestApp::start().await;
    let good = json!({ "seen": { "which": "LAST", "time": { "withinPast": "7d" } } });
    let condition = json!({ "all": [good, { "not": leaf }] });
    let expected = (
        format!("source condition all 1 not {path}"),
        code.to_owned(),
    );
    assert_eq!(refused(&test, condition).await, [expected]);
}

#[tokio::test]
async fn each_wrong_part_is_named() {
    let test = TestApp::start().await;
    let condition = json!({ "any": [count(&json!({ "last": "0d" })), { "sequence": {
        "first": {}, "then": {}, "within": "x", "window": { "last": "y" } } }] });
    let paths: Vec<_> = refused(&test, condition)
        .await
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    let expected = [
        "0 touchpoint window last",
        "1 sequence within",
        "1 sequence window last",
    ];
    assert_eq!(
        paths,
        expected.map(|path| format!("source condition any {path}"))
    );
}

#[tokio::test]
async fn a_condition_that_is_too_large_is_refused_at_once() {
    let test = TestApp::start().await;
    let leaf = json!({ "stage": ["LOST"] });
    let start = Instant::now();
    let wide = json!({ "all": vec![leaf.clone(); 10_000] });
    assert_eq!(
        refused(&test, wide).await,
        [("source condition".to_owned(), "LIMIT_EXCEEDED".to_owned())]
    );
    let deep = (0..40).fold(leaf, |inside, _| json!({ "not": inside }));
    let (path, code) = refused(&test, deep).await.remove(0);
    let expected = format!("source condition{}", " not".repeat(16));
    assert_eq!((path, code.as_str()), (expected, "LIMIT_EXCEEDED"));
    let text = format!("{}a = 1{}", "(".repeat(1_000), ")".repeat(1_000));
    let answer = parsed(&test, json!({ "text": text })).await;
    assert_eq!(answer["userErrors"][0]["field"], json!(["source", "text"]));
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{:?}",
        start.elapsed()
    );
}

#[rstest]
#[case::wrong_type(json!({ "trait": { "name": 5, "test": { "exists": true } } }), "source.condition.trait.name")]
#[case::unknown_operator(trait_test(&json!({ "matches": "(a+)+$" })), "source.condition.trait.test")]
#[case::two_at_once(json!({ "all": [], "any": [] }), "source.condition")]
#[case::span_that_is_no_text(count(&json!({ "last": 14 })), "source.condition.touchpoint.window.last")]
#[tokio::test]
async fn what_the_schema_does_not_know_is_refused_with_its_path(
    #[case] condition: Json,
    #[case] path: &str,
) {
    let test = TestApp::start().await;
    let schema = crate::graphql::platform(&test.app);
    let caller = Some(crate::auth::caller::Caller::Local);
    let given = json!({ "source": { "condition": condition } });
    let response = crate::graphql::tests::execute(&test, &schema, caller, PARSE, given).await;
    assert!(
        response.errors[0].message.contains(&format!("\"{path}\"")),
        "{:?}",
        response.errors
    );
}

#[rstest]
#[case("a = 1 AMD b = 2", 1, 7, Some("AND"))]
#[case("a = 1\n  AND b = ES", 2, 11, None)]
#[tokio::test]
async fn a_text_that_cannot_be_read_says_where_and_what_could_have_been(
    #[case] text: &str,
    #[case] line: u32,
    #[case] column: u32,
    #[case] suggestion: Option<&str>,
) {
    let test = TestApp::start().await;
    let answer = parsed(&test, json!({ "text": text })).await;
    let error = &answer["textError"];
    assert_eq!(
        (&error["line"], &error["column"]),
        (&json!(line), &json!(column))
    );
    assert_eq!(error["suggestion"], json!(suggestion));
    assert_ne!(error["expected"], json!([]));
    let message = answer["userErrors"][0]["message"].as_str().unwrap();
    assert!(
        message.starts_with(&format!("Line {line}, column {column}: ")),
        "{message}"
    );
    assert_eq!(answer["userErrors"][0]["field"], json!(["source", "text"]));
}

#[tokio::test]
async fn what_is_wrong_in_a_text_that_can_be_read_says_where_it_is() {
    let test = TestApp::start().await;
    let answer = parsed(&test, json!({ "text": "a = 1 AND segment('gone')" })).await;
    assert_eq!(answer["textError"], Json::Null);
    let expected = json!([{ "field": ["source", "text"], "code": "NOT_FOUND",
        "message": "There is no segment “gone”. It is about `all.1.segment.key`." }]);
    assert_eq!(answer["userErrors"], expected);
}

#[tokio::test]
async fn names_that_nobody_has_sent_are_warned_of_with_near_ones() {
    let test = TestApp::start().await;
    let traits = json!({ "country": "ES", "vip": true, "age": 5, "born": "2020-01-01" });
    identified(&test, &[identify("ada", &traits)]).await;
    let text = "contry = 'ES' AND country = 'ES' AND vip = TRUE AND age > 1 AND born < -1d \
        AND performed('identfy', from 'backend') >= 1 AND performed(from 'bakend') >= 1";
    let answer = parsed(&test, json!({ "text": text })).await;
    let warnings = answer["warnings"].as_array().unwrap();
    let found: Vec<_> = warnings
        .iter()
        .map(|warning| (&warning["code"], &warning["near"]))
        .collect();
    let near = [json!(["country"]), json!(["backend"])];
    assert_eq!(found.len(), 3, "{warnings:?}");
    assert_eq!(found[0], (&json!("UNKNOWN_TRAIT"), &near[0]));
    assert_eq!(found[1].0, &json!("UNKNOWN_EVENT"));
    assert_eq!(found[2], (&json!("UNKNOWN_SOURCE"), &near[1]));
    assert_eq!(warnings[0]["path"], json!(["all", "0", "trait", "name"]));
    assert_eq!(
        warnings[0]["message"],
        "There is no trait “contry”; did you mean “country”?"
    );
    assert_ne!(answer["condition"], Json::Null);
}

#[tokio::test]
async fn a_new_name_is_known_after_ten_seconds() {
    let test = TestApp::start().await;
    let source = json!({ "text": "country = 'ES'" });
    let warned = parsed(&test, source.clone()).await;
    assert_eq!(warned["warnings"][0]["code"], "UNKNOWN_TRAIT");
    identified(&test, &[identify("ada", &json!({ "country": "ES" }))]).await;
    test.clock.advance(10_000);
    assert_eq!(parsed(&test, source).await["warnings"], json!([]));
}

#[rstest]
#[case("100%")]
#[case("a_b")]
#[case("it's")]
#[case("script::alert(1)")]
#[case("${jndi:ldap://x}")]
#[case("'; DROP TABLE profile; --")]
#[tokio::test]
async fn a_text_to_compare_with_stays_as_it_is(#[case] text: &str) {
    let test = TestApp::start().await;
    let condition = trait_test(&json!({ "text": { "contains": text } }));
    let by_tree = parsed(&test, json!({ "condition": condition })).await;
    let json = &by_tree["condition"]["json"];
    assert_eq!(json["trait"]["test"]["text"]["contains"], text);
    let by_text = parsed(&test, json!({ "text": by_tree["condition"]["text"] })).await;
    assert_eq!(&by_text["condition"]["json"], json);
}
