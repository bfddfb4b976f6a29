//! Nothing is told to a caller who may not see it.

use super::*;
use crate::graphql::storefront;

pub(super) const ROOTS: &str = "{ __schema {
    queryType { name } mutationType { name } subscriptionType { name }
    types { name kind isOneOf
        fields { name args { name defaultValue type { ...t } } }
        inputFields { name defaultValue type { ...t } } enumValues { name } } } }
    fragment t on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// One document for each root field, with arguments that fit.
pub(super) fn documents(schema: &Json) -> Vec<(String, String)> {
    let mut documents = Vec::new();
    for operation in ["query", "mutation", "subscription"] {
        let root = format!("{operation}Type");
        let Some(root) = schema[&root]["name"].as_str() else {
            continue;
        };
        for field in kind_of(schema, root)["fields"].as_array().unwrap() {
            let name = field["name"].as_str().unwrap();
            let arguments = fields(schema, &field["args"], usize::MAX);
            let arguments = if arguments.is_empty() {
                arguments
            } else {
                format!("({arguments})")
            };
            documents.push((
                name.to_owned(),
                format!("{operation} {{ {name}{arguments} {{ __typename }} }}"),
            ));
        }
    }
    documents
}

fn kind_of<'a>(schema: &'a Json, name: &str) -> &'a Json {
    schema["types"]
        .as_array()
        .unwrap()
        .iter()
        .find(|kind| kind["name"] == name)
        .unwrap()
}

fn fields(schema: &Json, given: &Json, most: usize) -> String {
    let required =
        |field: &&Json| field["type"]["kind"] == "NON_NULL" && field["defaultValue"].is_null();
    let chosen = given
        .as_array()
        .unwrap()
        .iter()
        .filter(|field| most == 1 || required(field))
        .take(most);
    let written = chosen.map(|field| {
        format!(
            "{}: {}",
            field["name"].as_str().unwrap(),
            sample(schema, &field["type"])
        )
    });
    written.collect::<Vec<_>>().join(", ")
}

fn sample(schema: &Json, of: &Json) -> String {
    match of["kind"].as_str().unwrap() {
        "NON_NULL" => sample(schema, &of["ofType"]),
        "LIST" => format!("[{}]", sample(schema, &of["ofType"])),
        "ENUM" => kind_of(schema, of["name"].as_str().unwrap())["enumValues"][0]["name"]
            .as_str()
            .unwrap()
            .to_owned(),
        "INPUT_OBJECT" => {
            let kind = kind_of(schema, of["name"].as_str().unwrap());
            let most = if kind["isOneOf"] == true {
                1
            } else {
                usize::MAX
            };
            format!("{{ {} }}", fields(schema, &kind["inputFields"], most))
        }
        _ => match of["name"].as_str().unwrap() {
            "Boolean" => "true".to_owned(),
            "Int" | "Float" => "1".to_owned(),
            "DateTime" => "\"2026-01-01T00:00:00.000Z\"".to_owned(),
            "ID" => "\"prf_00000000000000000000000000\"".to_owned(),
            _ => "\"x\"".to_owned(),
        },
    }
}

#[tokio::test]
async fn every_root_field_of_the_platform_asks_who_calls_and_for_its_scope() {
    let test = TestApp::start().await;
    let schema = platform(&test.app);
    let roots = execute(&test, &schema, None, ROOTS, json!({}))
        .await
        .data
        .into_json()
        .unwrap();
    let documents = documents(&roots["__schema"]);
    assert!(documents.len() >= 9, "{documents:?}");
    for (name, document) in documents {
        let response = execute(&test, &schema, None, &document, json!({})).await;
        assert_eq!(codes(&response), ["UNAUTHENTICATED"], "{document}");
        let response = execute(&test, &schema, Some(integration(&[])), &document, json!({})).await;
        assert_eq!(codes(&response), ["FORBIDDEN"], "{document}");
        assert!(!response.data.to_string().contains("__typename"), "{name}");
    }
}

#[tokio::test]
async fn the_transitions_of_a_segment_are_told_to_who_may_read_profiles_too() {
    let test = TestApp::start().await;
    let document = "subscription { segmentTransitions(segment: \"seg_x\") { cursor } }";
    for (scopes, code) in [
        (vec![Scope::SegmentsRead], "FORBIDDEN"),
        (vec![Scope::ProfilesRead], "FORBIDDEN"),
        (vec![Scope::SegmentsRead, Scope::ProfilesRead], "NOT_FOUND"),
    ] {
        let caller = Some(integration(&scopes));
        let told = execute(&test, &platform(&test.app), caller, document, json!({})).await;
        assert_eq!(codes(&told), [code], "{scopes:?}");
    }
}

#[tokio::test]
async fn a_viewer_is_shown_to_a_visitor_alone() {
    let test = TestApp::start().await;
    let schema = storefront(&test.app);
    for (caller, code) in [
        (None, "UNAUTHENTICATED"),
        (Some(Caller::Local), "FORBIDDEN"),
    ] {
        let response = execute(&test, &schema, caller, "{ viewer { version } }", json!({})).await;
        assert_eq!(codes(&response), [code]);
    }
}

#[tokio::test]
async fn a_refused_field_that_may_be_null_leaves_its_neighbours_alone() {
    let test = TestApp::start().await;
    let ids = identified(&test, &[identify("ada", &json!({ "plan": "gold" }))]).await;
    let document = "query($id: ID!) {
        profile(by: { id: $id }) { id traits { name source { id } } }
        preview: profilesMergePreview(input: { profiles: [$id, $id] }) { refusals }
        node(id: $id) { id } }";
    let caller = integration(&[Scope::ProfilesRead]);
    let response = execute(
        &test,
        &platform(&test.app),
        Some(caller),
        document,
        json!({ "id": ids[0] }),
    )
    .await;
    let data = response.data.clone().into_json().unwrap();
    assert_eq!(
        data["profile"],
        json!({ "id": ids[0], "traits": [{ "name": "plan", "source": null }] })
    );
    assert_eq!(
        (&data["preview"], &data["node"]["id"]),
        (&Json::Null, &json!(ids[0]))
    );
    assert_eq!(codes(&response), ["FORBIDDEN", "FORBIDDEN"]);
}

#[tokio::test]
async fn a_restricted_profile_is_there_for_the_privacy_role_alone() {
    let test = TestApp::start().await;
    let ids = identified(&test, &[identify("ada", &json!({}))]).await;
    test.execute("UPDATE profile SET restricted = true")
        .await
        .unwrap();
    let document = "query($id: ID!) { profile(by: { id: $id }) { touchpoints { nodes { id } } }
        node(id: $id) { id } profiles { totalCount nodes { id } } }";
    let shown = ask(&test, document, json!({ "id": ids[0] })).await;
    assert_eq!(
        shown["profiles"],
        json!({ "totalCount": 1, "nodes": [{ "id": ids[0] }] })
    );
    let caller = integration(Scope::ALL);
    let hidden = execute(
        &test,
        &platform(&test.app),
        Some(caller.clone()),
        document,
        json!({ "id": ids[0] }),
    )
    .await;
    let none =
        json!({ "profile": null, "node": null, "profiles": { "totalCount": 0, "nodes": [] } });
    assert_eq!(hidden.data.into_json().unwrap(), none);
    let touchpoint = &shown["profile"]["touchpoints"]["nodes"][0]["id"];
    let by_id = json!({ "id": touchpoint });
    let document = "query($id: ID!) { node(id: $id) { id } }";
    let hidden = execute(
        &test,
        &platform(&test.app),
        Some(caller),
        document,
        by_id.clone(),
    )
    .await;
    assert_eq!(hidden.data.into_json().unwrap(), json!({ "node": null }));
    assert_eq!(ask(&test, document, by_id).await["node"]["id"], *touchpoint);
}
