//! Creating and changing segments.

use lazo_domain::access::Scope;
use lazo_domain::condition::text;
use rstest::rstest;
use serde_json::{Value as Json, json};

use super::Shop;
use crate::auth::caller::Caller;
use crate::graphql::platform;
use crate::graphql::tests::{codes, execute, integration};
use crate::segment::{Create, service};
use crate::testing::refused;

#[tokio::test]
async fn a_segment_is_made_of_a_text_and_shows_its_condition() {
    let shop = Shop::open().await;
    shop.track("ana", "Viewed").await;
    let input = json!({ "key": "viewers", "name": " Viewers ", "description": "Who looks.",
        "condition": { "text": "performed('Viewed')>0" } });
    let made = shop.create(input).await;
    assert_eq!(made["userErrors"], json!([]));
    let segment = &made["segment"];
    assert_eq!(segment["condition"]["text"], "performed('Viewed') > 0");
    assert_eq!(
        (&segment["name"], &segment["version"]),
        (&json!("Viewers"), &json!(1))
    );
    let document = "query($id: ID!, $key: String!) {
        segment(id: $id) { key progress { done total completed } }
        segmentByKey(key: $key) { id createdAt updatedAt }
        node(id: $id) { id ... on Segment { name } }
        segments(first: 5) { totalCount nodes { key } } }";
    let given = json!({ "id": segment["id"], "key": "viewers" });
    let read = shop.ask(document, given.clone()).await;
    assert_eq!(read["segmentByKey"]["id"], segment["id"]);
    assert_eq!(read["node"]["name"], "Viewers");
    let listed = json!({ "totalCount": 1, "nodes": [{ "key": "viewers" }] });
    assert_eq!(read["segments"], listed);
    let begun = json!({ "done": 0, "total": null, "completed": false });
    assert_eq!(read["segment"]["progress"], begun);
    shop.sweep().await;
    let read = shop.ask(document, given).await;
    let ended = json!({ "done": 1, "total": 1, "completed": true });
    assert_eq!(read["segment"]["progress"], ended);
}

#[rstest]
#[case::no_text(json!({ "text": "country = " }), &["condition", "text"], "INVALID")]
#[case::nothing(json!({ "condition": { "all": [] } }), &["condition", "condition", "all"], "INVALID")]
#[case::another_segment(json!({ "text": "segment('gone')" }), &["condition", "text"], "NOT_FOUND")]
#[tokio::test]
async fn a_wrong_condition_is_refused_with_its_place(
    #[case] condition: Json,
    #[case] path: &[&str],
    #[case] code: &str,
) {
    let shop = Shop::open().await;
    let input = json!({ "key": "some", "name": "Some", "condition": condition });
    let refused = shop.create(input).await;
    assert_eq!(refused["segment"], Json::Null);
    let error = &refused["userErrors"][0];
    let field: Vec<_> = std::iter::once("input")
        .chain(path.iter().copied())
        .collect();
    assert_eq!(
        (&error["field"], &error["code"]),
        (&json!(field), &json!(code))
    );
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_a_warning_with_what_is_near() {
    let shop = Shop::open().await;
    shop.track("ana", "Product Viewed").await;
    let input = json!({ "key": "some", "name": "Some",
        "condition": { "text": "performed('Product Viwed')" } });
    let made = shop.create(input).await;
    assert_eq!(made["segment"]["key"], "some");
    assert_eq!(made["warnings"][0]["code"], "UNKNOWN_EVENT");
    assert_eq!(made["warnings"][0]["near"], json!(["Product Viewed"]));
}

#[tokio::test]
async fn a_segment_may_name_one_that_was_made_a_moment_ago() {
    let shop = Shop::open().await;
    shop.segment("viewers", "performed('Viewed')").await;
    let input = json!({ "key": "others", "name": "Others", "condition": { "text": "NOT segment('viewers')" } });
    assert_eq!(shop.create(input).await["userErrors"], json!([]));
}

#[tokio::test]
async fn a_repeat_under_the_same_key_makes_no_second_segment() {
    let shop = Shop::open().await;
    let input = json!({ "key": "some", "name": "Some", "condition": { "text": "vip = TRUE" }, "idempotencyKey": "k" });
    let made = shop.create(input.clone()).await;
    let again = shop.create(input.clone()).await;
    assert_eq!(again["segment"], made["segment"]);
    let mut other = input;
    other["name"] = json!("Other");
    let refused = shop.create(other).await;
    assert_eq!(refused["userErrors"][0]["code"], "IDEMPOTENCY_KEY_REUSED");
}

const UPDATE: &str = "mutation($input: SegmentUpdateInput!) { segmentUpdate(input: $input) {
    segment { name description version condition { text } } userErrors { field code } } }";

#[tokio::test]
async fn what_is_left_out_of_an_update_stays() {
    let shop = Shop::open().await;
    let id = shop.segment("some", "vip = TRUE").await;
    let change = |input: Json| shop.ask(UPDATE, json!({ "input": input }));
    let named = change(json!({ "id": id, "name": "Best", "description": "Ours." })).await;
    let expected = json!({ "name": "Best", "description": "Ours.", "version": 2, "condition": { "text": "vip = TRUE" } });
    assert_eq!(named["segmentUpdate"]["segment"], expected);
    let listed = change(json!({ "id": id, "description": null, "condition": null })).await;
    let expected = json!({ "name": "Best", "description": null, "version": 3, "condition": null });
    assert_eq!(listed["segmentUpdate"]["segment"], expected);
}

#[tokio::test]
async fn an_update_of_what_has_changed_since_is_refused() {
    let shop = Shop::open().await;
    let id = shop.segment("some", "vip = TRUE").await;
    let input = json!({ "id": id, "name": "Best", "expectedVersion": 7 });
    let refused = shop.ask(UPDATE, json!({ "input": input })).await;
    let errors = json!([{ "field": ["input", "expectedVersion"], "code": "STALE_VERSION" }]);
    assert_eq!(refused["segmentUpdate"]["userErrors"], errors);
}

#[tokio::test]
async fn an_archived_segment_has_no_members_and_is_listed_only_when_asked_for() {
    let shop = Shop::open().await;
    let id = shop.segment("viewers", "performed('Viewed')").await;
    shop.track("ana", "Viewed").await;
    let archive = "mutation($id: ID!) { segmentArchive(input: { id: $id }) { segment { archivedAt } userErrors { code } } }";
    let archived = shop.ask(archive, json!({ "id": id })).await;
    assert!(archived["segmentArchive"]["segment"]["archivedAt"].is_string());
    shop.sweep().await;
    let document = "query($id: ID!) { segment(id: $id) { memberCount }
        segments { nodes { key } } all: segments(includeArchived: true) { nodes { key } } }";
    let read = shop.ask(document, json!({ "id": id })).await;
    assert_eq!(read["segment"]["memberCount"], 0);
    assert_eq!(read["segments"]["nodes"], json!([]));
    assert_eq!(read["all"]["nodes"], json!([{ "key": "viewers" }]));
}

#[tokio::test]
async fn every_ready_made_segment_can_be_made() {
    let shop = Shop::open().await;
    let document = "{ segmentTemplates { key name description condition { text } }
        spanish: segmentTemplates(language: ES) { key name } }";
    let templates = shop.ask(document, json!({})).await;
    let all = templates["segmentTemplates"].as_array().unwrap();
    assert_eq!(all.len(), 8);
    for (template, spanish) in all.iter().zip(templates["spanish"].as_array().unwrap()) {
        assert_eq!(template["key"], spanish["key"]);
        assert_ne!(template["name"], spanish["name"]);
        let input = json!({ "key": template["key"], "name": spanish["name"],
            "description": template["description"], "condition": template["condition"] });
        let made = shop.create(input).await;
        assert_eq!(made["userErrors"], json!([]), "{template}");
    }
}

#[tokio::test]
async fn who_may_only_read_segments_changes_none() {
    let shop = Shop::open().await;
    let id = shop.segment("some", "vip = TRUE").await;
    let schema = platform(&shop.test.app);
    let caller = integration(&[Scope::SegmentsRead, Scope::ProfilesRead]);
    let given = json!({ "input": { "id": id, "name": "Mine" } });
    let refused = execute(&shop.test, &schema, Some(caller), UPDATE, given).await;
    assert_eq!(codes(&refused), ["FORBIDDEN"]);
}

#[tokio::test]
async fn what_was_archived_meanwhile_is_asked_for_by_no_new_segment() {
    let shop = Shop::open().await;
    let id = shop.segment("liked", "performed('Viewed')").await;
    let create = Create {
        key: "late".to_owned(),
        name: "Late".to_owned(),
        description: None,
        condition: Some(text::parse("NOT segment('liked')").unwrap()),
    };
    let archive =
        "mutation($id: ID!) { segmentArchive(input: { id: $id }) { userErrors { code } } }";
    shop.ask(archive, json!({ "id": id })).await;
    let outcome = service::create(&shop.test.app, &Caller::Local, &create, None).await;
    assert_eq!(refused(outcome), ("condition".to_owned(), "NOT_FOUND"));
}
