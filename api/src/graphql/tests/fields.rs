//! Every field of both schemas, and who may read it: `fields.txt` has a line for each, `SCHEMA TYPE.FIELD ACCESS`.
//!
//! The access is a scope; or `kind`, the scope of the kind of object that an id names; or `visitor`, a visitor token; or
//! `parent`, where whoever may read the object may read the field.

use std::collections::{BTreeMap, BTreeSet};

use lazo_domain::id::{
    ComputedTraitId, ConsentRecordId, IdentityLinkId, ProfileId, PurchaseId, QuarantineId,
    ScoreModelId, SegmentId, SourceId, TokenId, TouchpointId,
};
use rstest::rstest;

use super::guards::{ROOTS, documents};
use super::*;
use crate::graphql::storefront;

/// The types of which nobody needs an object.
const ROOT_TYPES: [&str; 3] = ["Query", "Mutation", "Subscription"];

/// The access of each field of a schema, by `Type.field`.
fn table(schema: &str) -> BTreeMap<&'static str, &'static str> {
    include_str!("fields.txt")
        .lines()
        .map(|line| line.split(' ').collect::<Vec<_>>())
        .filter(|line| line[0] == schema)
        .map(|line| (line[1], line[2]))
        .collect()
}

/// The scoped fields of the platform, with their scopes.
fn scoped() -> impl Iterator<Item = (&'static str, &'static str, Scope)> {
    table("platform").into_iter().filter_map(|(field, access)| {
        let (parent, name) = field.split_once('.').unwrap();
        Some((parent, name, access.parse().ok()?))
    })
}

/// A caller who holds every scope but this one.
fn without(scope: Scope) -> Caller {
    let others: Vec<_> = Scope::ALL
        .iter()
        .copied()
        .filter(|other| *other != scope)
        .collect();
    integration(&others)
}

async fn introspected(test: &TestApp, schema: &str) -> Json {
    let response = if schema == "platform" {
        execute(test, &platform(&test.app), None, ROOTS, json!({})).await
    } else {
        execute(test, &storefront(&test.app), None, ROOTS, json!({})).await
    };
    response.data.into_json().unwrap()["__schema"].take()
}

#[rstest]
#[case("platform")]
#[case("storefront")]
#[tokio::test]
async fn the_table_names_every_field_of_the_schema_and_no_other(#[case] name: &str) {
    let test = TestApp::start().await;
    let schema = introspected(&test, name).await;
    let mut fields = BTreeSet::new();
    for kind in schema["types"].as_array().unwrap() {
        let of = kind["name"].as_str().unwrap();
        if kind["kind"] == "OBJECT" && !of.starts_with("__") {
            let names = kind["fields"].as_array().unwrap().iter();
            fields.extend(names.map(|field| format!("{of}.{}", field["name"].as_str().unwrap())));
        }
    }
    let listed: BTreeSet<_> = table(name).into_keys().map(str::to_owned).collect();
    let missing: Vec<_> = fields.difference(&listed).collect();
    let stale: Vec<_> = listed.difference(&fields).collect();
    assert!(
        missing.is_empty() && stale.is_empty(),
        "fields.txt lacks {missing:?}, and has {stale:?}, which are not in the {name} schema"
    );
}

#[rstest]
#[case("platform", &["kind"])]
#[case("storefront", &["visitor"])]
fn every_access_has_a_meaning_and_no_root_is_open(#[case] name: &str, #[case] words: &[&str]) {
    for (field, access) in table(name) {
        let (parent, _) = field.split_once('.').unwrap();
        let is_root = ROOT_TYPES.contains(&parent);
        let is_scope = name == "platform" && access.parse::<Scope>().is_ok();
        let known = is_scope || (is_root && words.contains(&access));
        assert!(
            known || (!is_root && access == "parent"),
            "{field} {access}"
        );
    }
}

#[tokio::test]
async fn a_root_field_is_refused_to_who_lacks_exactly_its_scope() {
    let test = TestApp::start().await;
    let schema = platform(&test.app);
    let documents: BTreeMap<_, _> = documents(&introspected(&test, "platform").await)
        .into_iter()
        .collect();
    let mut tried = 0;
    for (parent, name, scope) in scoped() {
        if ROOT_TYPES.contains(&parent) {
            let caller = Some(without(scope));
            let response = execute(&test, &schema, caller, &documents[name], json!({})).await;
            assert_eq!(codes(&response), ["FORBIDDEN"], "{name} {scope}");
            tried += 1;
        }
    }
    assert!(tried >= 19, "{tried}");
}

#[tokio::test]
async fn an_object_by_its_id_is_refused_to_who_lacks_exactly_the_scope_of_its_kind() {
    let test = TestApp::start().await;
    let schema = platform(&test.app);
    let one = Uuid::from_u128(1);
    let kinds = [
        (ProfileId(one).to_string(), Scope::ProfilesRead),
        (TouchpointId(one).to_string(), Scope::TouchpointsRead),
        (PurchaseId(one).to_string(), Scope::ProfilesRead),
        (IdentityLinkId(one).to_string(), Scope::IdentityRead),
        (SourceId(one).to_string(), Scope::SourcesRead),
        (TokenId(one).to_string(), Scope::TokensRead),
        (QuarantineId(one).to_string(), Scope::QuarantineRead),
        (SegmentId(one).to_string(), Scope::SegmentsRead),
        (ScoreModelId(one).to_string(), Scope::ScoresRead),
        (ComputedTraitId(one).to_string(), Scope::ScoresRead),
        (ConsentRecordId(one).to_string(), Scope::ConsentRead),
    ];
    for (id, scope) in kinds {
        for field in ["node(id: $id)", "nodes(ids: [$id])"] {
            let document = format!("query($id: ID!) {{ {field} {{ __typename }} }}");
            let given = json!({ "id": id });
            let caller = Some(without(scope));
            let refused = execute(&test, &schema, caller, &document, given.clone()).await;
            assert_eq!(codes(&refused), ["FORBIDDEN"], "{field} {id}");
            let caller = Some(integration(&[scope]));
            let answered = execute(&test, &schema, caller, &document, given).await;
            assert_eq!(answered.errors, [], "{field} {id}");
        }
    }
}

/// How an object of a type is reached by its id, so that no other scope is in the way; `#` stands for the field.
const PATHS: &[(&str, &str)] = &[
    ("Profile", "node(id: $profile) { ... on Profile { # } }"),
    (
        "Identifier",
        "node(id: $profile) { ... on Profile { identifiers { # } } }",
    ),
    (
        "Trait",
        "node(id: $profile) { ... on Profile { traits { # } } }",
    ),
    (
        "Touchpoint",
        "node(id: $touchpoint) { ... on Touchpoint { # } }",
    ),
    (
        "QuarantineItem",
        "node(id: $item) { ... on QuarantineItem { # } }",
    ),
    ("Segment", "node(id: $segment) { ... on Segment { # } }"),
    (
        "PurchaseEvidence",
        "segmentExplain(profileId: $profile, segmentId: $segment) { explanation { purchases { # } } }",
    ),
    (
        "ScoreComponent",
        "scoreExplain(profileId: $profile, modelId: $model) { components { # } }",
    ),
    (
        "TouchpointEvidence",
        "scoreExplain(profileId: $profile, modelId: $model) { components { touchpoints { # } } }",
    ),
    (
        "SegmentPreview",
        "segmentPreview(source: { text: \"plan = 'gold'\" }, overlapWith: $segment) { # }",
    ),
];

/// Whether the field of that name has a value anywhere.
fn is_shown(data: &Json, name: &str) -> bool {
    match data {
        Json::Object(fields) => fields
            .iter()
            .any(|(key, value)| (key == name && !value.is_null()) || is_shown(value, name)),
        Json::Array(items) => items.iter().any(|item| is_shown(item, name)),
        _ => false,
    }
}

/// The id of a segment.
async fn segmented(test: &TestApp) -> String {
    let document = r#"mutation { segmentCreate(input: { key: "buyers", name: "Buyers", condition: { text: "orders.count >= 1" } }) { segment { id } } }"#;
    let made = ask(test, document, json!({})).await;
    made["segmentCreate"]["segment"]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// The id of a score model.
async fn score_model(test: &TestApp) -> String {
    let document = r#"mutation { scoreModelCreate(input: { key: "m", name: "M", definition: { kind: { points: { rules: [
        { key: "r", title: "R", points: 1, when: { once: {} } }] } } } }) { scoreModel { id } } }"#;
    let answer = ask(test, document, json!({})).await;
    let id = &answer["scoreModelCreate"]["scoreModel"]["id"];
    id.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_field_further_in_is_not_shown_to_who_lacks_exactly_its_scope() {
    let test = TestApp::start().await;
    let schema = platform(&test.app);
    let source = test.source("backend", true).await;
    let mut early = identify("bob", &json!({}));
    early["timestamp"] = json!("1969-01-01T00:00:00Z");
    let answers = test
        .record(
            &source,
            &[identify("ada", &json!({ "plan": "gold" })), early],
        )
        .await;
    let given = json!({
        "profile": answers[0].profile.unwrap().to_string(),
        "touchpoint": answers[0].touchpoint.unwrap().to_string(),
        "item": answers[1].quarantine.unwrap().to_string(),
        "segment": segmented(&test).await,
        "model": score_model(&test).await,
    });
    let mut tried = 0;
    for (parent, name, scope) in scoped() {
        if ROOT_TYPES.contains(&parent) {
            continue;
        }
        let path = PATHS.iter().find(|(of, _)| *of == parent);
        let (_, path) = path.unwrap_or_else(|| panic!("there is no path to {parent}"));
        let variables = ["profile", "touchpoint", "item", "segment", "model"]
            .iter()
            .filter(|name| path.contains(&format!("${name}")))
            .map(|name| format!("${name}: ID!"))
            .collect::<Vec<_>>()
            .join(", ");
        let field = format!("guarded: {name} {{ __typename }}");
        let document = format!("query({variables}) {{ {} }}", path.replace('#', &field));
        let all = Some(integration(Scope::ALL));
        let shown = execute(&test, &schema, all, &document, given.clone()).await;
        assert_eq!(shown.errors, [], "{document}");
        assert!(
            is_shown(&shown.data.into_json().unwrap(), "guarded"),
            "{document}"
        );
        let caller = Some(without(scope));
        let hidden = execute(&test, &schema, caller, &document, given.clone()).await;
        assert!(
            codes(&hidden).iter().all(|code| code == "FORBIDDEN"),
            "{document}"
        );
        assert!(
            !is_shown(&hidden.data.into_json().unwrap(), "guarded"),
            "{document}"
        );
        tried += 1;
    }
    assert!(tried >= 7, "{tried}");
}

#[tokio::test]
async fn a_root_field_of_the_storefront_is_for_visitors_alone() {
    let test = TestApp::start().await;
    let schema = storefront(&test.app);
    for (name, document) in documents(&introspected(&test, "storefront").await) {
        for (caller, code) in [
            (None, "UNAUTHENTICATED"),
            (Some(integration(Scope::ALL)), "FORBIDDEN"),
        ] {
            let response = execute(&test, &schema, caller, &document, json!({})).await;
            assert_eq!(codes(&response), [code], "{name}");
        }
    }
}
