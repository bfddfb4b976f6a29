//! Profiles: found, edited, merged and parted.

use rstest::rstest;

use super::*;

const MERGE: &str = "mutation($input: ProfilesMergeInput!) { profilesMerge(input: $input) {
    profile { id formerIds } userErrors { field code } } }";
const UNMERGE: &str = "mutation($input: ProfileUnmergeInput!) { profileUnmerge(input: $input) {
    profile { id } survivor { id formerIds } userErrors { code } } }";
const UPDATE: &str = "mutation($input: ProfileUpdateInput!) { profileUpdate(input: $input) {
    profile { version traits { name value rank } summary { lastSeen } } userErrors { field code } } }";

async fn two_profiles() -> (TestApp, Json, Json) {
    let test = TestApp::start().await;
    let device = json!({ "type": "track", "event": "A", "anonymousId": "device-1" });
    let ids = identified(
        &test,
        &[
            device,
            identify("ada", &json!({ "email": "Ada@Example.com" })),
        ],
    )
    .await;
    (test, json!(ids[0]), json!(ids[1]))
}

#[tokio::test]
async fn a_former_id_leads_to_the_profile_that_goes_on_until_they_are_parted() {
    let (test, device, ada) = two_profiles().await;
    let input = json!({ "input": { "profiles": [ada, device], "reason": "same person", "idempotencyKey": "k" } });
    let merged = ask(&test, MERGE, input.clone()).await;
    let expected = json!({ "profile": { "id": device, "formerIds": [ada] }, "userErrors": [] });
    assert_eq!(merged["profilesMerge"], expected);
    assert_eq!(
        ask(&test, MERGE, input).await,
        merged,
        "a repeat is answered alike"
    );
    let find = "query($id: ID!) { profile(by: { id: $id }) { id } node(id: $id) { id } nodes(ids: [$id]) { id } }";
    let found = json!({ "profile": { "id": device }, "node": { "id": device }, "nodes": [{ "id": device }] });
    assert_eq!(ask(&test, find, json!({ "id": ada })).await, found);
    let log = ask(
        &test,
        "{ profile(by: { customerId: \"ada\" }) { identityLog { nodes { kind reason profileId otherProfileId } } } }",
        json!({}),
    )
    .await;
    let newest = json!({ "kind": "MERGED", "reason": "same person", "profileId": device, "otherProfileId": ada });
    assert_eq!(log["profile"]["identityLog"]["nodes"][0], newest);

    let parted = ask(&test, UNMERGE, json!({ "input": { "id": ada } })).await;
    let expected = json!({ "profile": { "id": ada }, "survivor": { "id": device, "formerIds": [] }, "userErrors": [] });
    assert_eq!(parted["profileUnmerge"], expected);
    let again = ask(&test, UNMERGE, json!({ "input": { "id": ada } })).await;
    assert_eq!(
        again["profileUnmerge"]["userErrors"],
        json!([{ "code": "NOT_MERGED" }])
    );
    let never = ask(
        &test,
        MERGE,
        json!({ "input": { "profiles": [ada, device] } }),
    )
    .await;
    let refused = json!([{ "field": ["input", "profiles"], "code": "CANNOT_LINK" }]);
    assert_eq!(
        never["profilesMerge"],
        json!({ "profile": null, "userErrors": refused })
    );
}

#[tokio::test]
async fn a_preview_tells_what_a_merge_would_give_and_what_stands_against_it() {
    let (test, device, ada) = two_profiles().await;
    let bob = json!(identified_by(&test, "bob").await);
    let document = "query($profiles: [ID!]!) { profilesMergePreview(input: { profiles: $profiles }) {
        survivor { id } traits { name } identifiers { namespace } summary { touchpoints } refusals userErrors { code } } }";
    let good = ask(&test, document, json!({ "profiles": [ada, device] })).await;
    let expected = json!({
        "survivor": { "id": device }, "traits": [{ "name": "email" }], "summary": { "touchpoints": 2 },
        "identifiers": [{ "namespace": "customer_id" }, { "namespace": "email" }, { "namespace": "anonymous_id" }],
        "refusals": [], "userErrors": [],
    });
    assert_eq!(good["profilesMergePreview"], expected);
    let refused = ask(&test, document, json!({ "profiles": [ada, bob] })).await;
    assert_eq!(
        refused["profilesMergePreview"]["refusals"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let missing = ask(
        &test,
        document,
        json!({ "profiles": [ada, "prf_00000000000000000000000000"] }),
    )
    .await;
    assert_eq!(
        missing["profilesMergePreview"]["userErrors"],
        json!([{ "code": "NOT_FOUND" }])
    );
}

async fn identified_by(test: &TestApp, user: &str) -> String {
    let source = test.source("another backend", true).await;
    test.record(&source, &[identify(user, &json!({}))]).await[0]
        .profile
        .unwrap()
        .to_string()
}

#[tokio::test]
async fn an_edit_sets_and_removes_traits_and_does_not_count_as_seeing_the_person() {
    let (test, _, ada) = two_profiles().await;
    test.clock.advance(60_000);
    let input = json!({ "id": ada, "set": { "plan": "gold", "nul": "\u{0}" }, "unset": ["email"], "idempotencyKey": "k" });
    let done = ask(&test, UPDATE, json!({ "input": input })).await["profileUpdate"].clone();
    let traits = json!([
        { "name": "nul", "value": "\u{FFFD}", "rank": "TRUSTED" },
        { "name": "plan", "value": "gold", "rank": "TRUSTED" },
    ]);
    assert_eq!(
        (&done["profile"]["traits"], &done["userErrors"]),
        (&traits, &json!([]))
    );
    assert_eq!(
        done["profile"]["summary"]["lastSeen"],
        lazo_domain::clock::Timestamp(crate::testing::NOW).to_string()
    );
    assert_eq!(
        ask(&test, UPDATE, json!({ "input": input })).await["profileUpdate"],
        done
    );
    let newest = ask(
        &test,
        "query($id: ID!) { profile(by: { id: $id }) { touchpoints(name: \"Profile Updated\", channel: OTHER) {
            totalCount nodes { kind source { name } profile { id } } } } }",
        json!({ "id": ada }),
    )
    .await;
    let touchpoint =
        json!({ "kind": "IDENTIFY", "source": { "name": "lazo" }, "profile": { "id": ada } });
    assert_eq!(
        newest["profile"]["touchpoints"],
        json!({ "totalCount": 1, "nodes": [touchpoint] })
    );
}

#[rstest]
#[case::stale(json!({ "set": { "a": 1 }, "expectedVersion": 0 }), "expectedVersion", "STALE_VERSION")]
#[case::nothing(json!({}), "set", "INVALID")]
#[case::no_object(json!({ "set": [1] }), "set", "INVALID")]
#[case::both(json!({ "set": { "a": 1 }, "unset": ["a"] }), "unset", "INVALID")]
#[case::long_name(json!({ "unset": ["x".repeat(201)] }), "set", "INVALID")]
#[case::too_large(json!({ "set": { "a": "x".repeat(40_000) } }), "set", "LIMIT_EXCEEDED")]
#[case::nobody(json!({ "id": "prf_00000000000000000000000000", "set": { "a": 1 } }), "id", "NOT_FOUND")]
#[case::no_id(json!({ "id": "x", "set": { "a": 1 } }), "id", "NOT_FOUND")]
#[tokio::test]
async fn an_edit_that_cannot_be_says_what_to_mend(
    #[case] mut input: Json,
    #[case] field: &str,
    #[case] code: &str,
) {
    let (test, _, ada) = two_profiles().await;
    if input["id"].is_null() {
        input["id"] = ada;
    }
    let payload = ask(&test, UPDATE, json!({ "input": input })).await;
    let errors = json!([{ "field": ["input", field], "code": code }]);
    assert_eq!(
        payload["profileUpdate"],
        json!({ "profile": null, "userErrors": errors })
    );
}

#[tokio::test]
async fn a_profile_is_found_by_any_identifier_as_people_write_it() {
    let (test, _, ada) = two_profiles().await;
    let document = "query($by: ProfileBy!, $version: Int) { profile(by: $by, minVersion: $version) { id known } }";
    let by = json!({ "by": { "email": " ADA@example.com " } });
    assert_eq!(
        ask(&test, document, by).await["profile"],
        json!({ "id": ada, "known": true })
    );
    for nobody in [
        json!({ "email": "null" }),
        json!({ "identifier": { "namespace": "E", "value": "v" } }),
    ] {
        assert_eq!(
            ask(&test, document, json!({ "by": nobody })).await["profile"],
            Json::Null
        );
    }
    let ahead = json!({ "by": { "id": ada }, "version": 1_000_000 });
    let response = execute(
        &test,
        &platform(&test.app),
        Some(Caller::Local),
        document,
        ahead,
    )
    .await;
    assert_eq!(codes(&response), ["CONFLICT"]);
}

#[tokio::test]
async fn touchpoints_are_recorded_one_by_one_in_the_name_of_a_source() {
    let test = TestApp::start().await;
    let source = test.source("backend", true).await;
    let document = "mutation($input: TouchpointsRecordInput!) { touchpointsRecord(input: $input) {
        items { messageId status code profileId } userErrors { field code } } }";
    let order = json!({ "type": "TRACK", "event": "Order Completed", "userId": "ada", "messageId": "m1",
        "timestamp": "2026-01-01T00:00:00Z", "properties": { "order_id": "o1", "revenue": 12.5, "currency": "EUR" } });
    let input = json!({ "source": source.id.to_string(), "touchpoints": [order, order, { "type": "TRACK", "userId": "ada" }] });
    let payload =
        ask(&test, document, json!({ "input": input })).await["touchpointsRecord"].clone();
    let statuses: Vec<_> = payload["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["status"].clone())
        .collect();
    assert_eq!(statuses, ["ACCEPTED", "DUPLICATE", "QUARANTINED"]);
    let bought = ask(
        &test,
        "{ profile(by: { customerId: \"ada\" }) { summary { orders spend { minor amount currency } meanOrderIntervalDays }
            purchases { nodes { id shop orderId status placedAt net { amount } lines { quantity } } } } }",
        json!({}),
    )
    .await;
    let money = json!({ "minor": 1250, "amount": "12.50", "currency": "EUR" });
    let summary = json!({ "orders": 1, "spend": money, "meanOrderIntervalDays": null });
    assert_eq!(bought["profile"]["summary"], summary);
    let purchase = &bought["profile"]["purchases"]["nodes"][0];
    assert_eq!(
        (&purchase["orderId"], &purchase["net"]["amount"]),
        (&json!("o1"), &json!("12.50"))
    );
    let node = "query($id: ID!) { node(id: $id) { ... on Purchase { orderId } } }";
    assert_eq!(
        ask(&test, node, json!({ "id": purchase["id"] })).await["node"],
        json!({ "orderId": "o1" })
    );

    let nowhere = json!({ "source": "src_00000000000000000000000000", "touchpoints": [order] });
    let payload =
        ask(&test, document, json!({ "input": nowhere })).await["touchpointsRecord"].clone();
    assert_eq!(
        payload["userErrors"],
        json!([{ "field": ["input", "source"], "code": "NOT_FOUND" }])
    );
}

const RECORD: &str =
    "mutation($input: TouchpointsRecordInput!) { touchpointsRecord(input: $input) {
    items { status profileId profileVersion touchpointId } userErrors { field code } } }";

async fn recorded(test: &TestApp, source: &str, scopes: &[Scope]) -> Response {
    let touchpoint = json!({ "type": "TRACK", "event": "Opened", "userId": "ada" });
    let input = json!({ "source": source, "touchpoints": [touchpoint] });
    let caller = Some(integration(scopes));
    let schema = platform(&test.app);
    execute(test, &schema, caller, RECORD, json!({ "input": input })).await
}

#[tokio::test]
async fn a_trusted_source_is_for_callers_who_may_merge() {
    let test = TestApp::start().await;
    let trusted = test.source("backend", true).await.id.to_string();
    let public = test.source("web", false).await.id.to_string();

    let refused = recorded(&test, &trusted, &[Scope::TouchpointsWrite]).await;
    assert_eq!(codes(&refused), ["FORBIDDEN"]);
    assert!(refused.errors[0].message.contains("profiles:merge"));

    let both = [Scope::TouchpointsWrite, Scope::ProfilesMerge];
    for (source, scopes) in [(&trusted, both.as_slice()), (&public, &both[..1])] {
        let done = recorded(&test, source, scopes).await;
        assert_eq!(done.errors, []);
        let data = done.data.into_json().unwrap();
        assert_eq!(
            data["touchpointsRecord"]["items"][0]["status"],
            json!("ACCEPTED")
        );
    }
}

#[tokio::test]
async fn nobody_records_in_the_name_of_the_built_in_source() {
    let test = TestApp::start().await;
    let source = crate::source::service::built_in(&test.app).await.unwrap();
    let refused = recorded(&test, &source.id.to_string(), Scope::ALL).await;
    let payload = &refused.data.into_json().unwrap()["touchpointsRecord"];
    assert_eq!(
        *payload,
        json!({ "items": [], "userErrors": [{ "field": ["input", "source"], "code": "CONFLICT" }] })
    );
}

#[tokio::test]
async fn only_a_reader_of_profiles_learns_which_profile_a_touchpoint_fell_to() {
    let test = TestApp::start().await;
    let source = test.source("web", false).await.id.to_string();
    let scopes = [Scope::TouchpointsWrite, Scope::ProfilesRead];
    for (scopes, shown) in [(&scopes[..1], false), (&scopes[..], true)] {
        let done = recorded(&test, &source, scopes).await;
        assert_eq!(done.errors, []);
        let item = &done.data.into_json().unwrap()["touchpointsRecord"]["items"][0];
        assert!(item["touchpointId"].is_string());
        assert_eq!(item["profileId"].is_string(), shown);
        assert_eq!(item["profileVersion"].is_i64(), shown);
    }
}
