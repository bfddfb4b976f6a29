//! Who is a member, who was, and whom people put in or took out.

use rstest::rstest;
use serde_json::{Value as Json, json};

use super::{DAY, Shop};
use crate::auth::caller::Caller;
use crate::graphql::platform;
use crate::graphql::tests::{codes, execute, integration};
use crate::writer::{MergeByHand, UnmergeByHand};
use lazo_domain::access::Scope;

const MEMBERS: &str = "query($id: ID!, $first: Int, $after: String, $asOf: DateTime) { segment(id: $id) {
    memberCount(asOf: $asOf) members(first: $first, after: $after, asOf: $asOf) {
        totalCount nodes { id } pageInfo { hasNextPage endCursor } edges { node { id } since validUntil } } } }";

#[tokio::test]
async fn the_members_are_walked_in_the_order_of_their_ids() {
    let shop = Shop::open().await;
    let id = shop.segment("viewers", "performed('Viewed')").await;
    let mut expected = Vec::new();
    for user in ["ana", "bob", "eva", "kim", "leo"] {
        expected.push(shop.track(user, "Viewed").await);
    }
    shop.track("max", "Bought").await;
    expected.sort_unstable();
    let (mut walked, mut after) = (Vec::new(), Json::Null);
    loop {
        let given = json!({ "id": id, "first": 2, "after": after });
        let segment = shop.ask(MEMBERS, given).await["segment"].take();
        assert_eq!(segment["memberCount"], 5);
        let page = &segment["members"];
        assert_eq!(page["totalCount"], 5);
        let nodes = page["nodes"].as_array().unwrap();
        walked.extend(
            nodes
                .iter()
                .map(|node| node["id"].as_str().unwrap().to_owned()),
        );
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
    assert_eq!(walked, expected);
}

#[tokio::test]
async fn who_was_a_member_on_a_date_is_told_after_they_left() {
    let shop = Shop::open().await;
    let id = shop
        .segment("recent", "performed('Viewed', within 7d)")
        .await;
    let before = shop.now();
    shop.pass(DAY);
    let ana = shop.track("ana", "Viewed").await;
    let entered = shop.now();
    shop.pass(DAY);
    let then = shop.now();
    let now = shop.ask(MEMBERS, json!({ "id": id })).await["segment"].take();
    let edge = &now["members"]["edges"][0];
    assert_eq!(edge["since"], json!(entered));
    assert!(edge["validUntil"].is_string());
    shop.pass(30 * DAY);
    shop.tick().await;
    let now = shop.ask(MEMBERS, json!({ "id": id })).await["segment"].take();
    assert_eq!(
        (&now["memberCount"], &now["members"]["edges"]),
        (&json!(0), &json!([]))
    );
    let past = shop.ask(MEMBERS, json!({ "id": id, "asOf": then })).await["segment"].take();
    assert_eq!(past["memberCount"], 1);
    assert_eq!(past["members"]["totalCount"], 1);
    let was = json!([{ "node": { "id": ana }, "since": entered, "validUntil": null }]);
    assert_eq!(past["members"]["edges"], was);
    let document = "query($id: ID!, $profile: ID!, $from: DateTime!, $then: DateTime!) {
        segment(id: $id) { flow(from: $from, to: $then) { before entered left after }
            since: flow(from: $then) { before entered left after } }
        profile(by: { id: $profile }) { segments { since } was: segments(asOf: $then) { segment { key } since } } }";
    let given = json!({ "id": id, "profile": ana, "from": before, "then": then });
    let read = shop.ask(document, given).await;
    let came = json!({ "before": 0, "entered": 1, "left": 0, "after": 1 });
    let went = json!({ "before": 1, "entered": 0, "left": 1, "after": 0 });
    assert_eq!(read["segment"], json!({ "flow": came, "since": went }));
    let was =
        json!({ "segments": [], "was": [{ "segment": { "key": "recent" }, "since": entered }] });
    assert_eq!(read["profile"], was);
}

#[rstest]
#[case("memberCount(asOf: \"2999-01-01T00:00:00Z\")")]
#[case("members(asOf: \"2999-01-01T00:00:00Z\") { totalCount }")]
#[case("flow(from: \"2999-01-01T00:00:00Z\") { after }")]
#[case("flow(from: \"2020-01-02T00:00:00Z\", to: \"2020-01-01T00:00:00Z\") { after }")]
#[tokio::test]
async fn nobody_is_told_of_an_instant_that_is_to_come(#[case] field: &str) {
    let shop = Shop::open().await;
    let id = shop.segment("some", "vip = TRUE").await;
    let document = format!("query($id: ID!) {{ segment(id: $id) {{ {field} }} }}");
    let schema = platform(&shop.test.app);
    let caller = Some(Caller::Local);
    let refused = execute(&shop.test, &schema, caller, &document, json!({ "id": id })).await;
    assert_eq!(codes(&refused), ["BAD_USER_INPUT"]);
}

#[tokio::test]
async fn what_a_person_decides_of_a_member_counts_until_it_is_released() {
    let shop = Shop::open().await;
    let id = shop.segment("viewers", "performed('Viewed')").await;
    let ana = shop.track("ana", "Viewed").await;
    let bob = shop.track("bob", "Bought").await;
    let decide = async |mutation: &str, profile: &str| {
        let document = format!(
            "mutation($input: SegmentMembersInput!) {{ {mutation}(input: $input) {{ segment {{ memberCount }} userErrors {{ field code }} }} }}"
        );
        let input = json!({ "id": id, "profiles": [profile] });
        shop.ask(&document, json!({ "input": input })).await[mutation].take()
    };
    let members = async || {
        let read = shop.ask(MEMBERS, json!({ "id": id })).await;
        read["segment"]["members"]["nodes"].clone()
    };
    let added = decide("segmentMembersAdd", &bob).await;
    assert_eq!(added["segment"]["memberCount"], 2);
    let removed = decide("segmentMembersRemove", &ana).await;
    assert_eq!(removed["segment"]["memberCount"], 1);
    shop.track("ana", "Viewed").await;
    assert_eq!(members().await, json!([{ "id": bob }]));
    decide("segmentMembersRelease", &bob).await;
    decide("segmentMembersRelease", &ana).await;
    assert_eq!(members().await, json!([{ "id": ana }]));
    let refused = decide("segmentMembersAdd", "prf_nobody").await;
    let errors = json!([{ "field": ["input", "profiles", "0"], "code": "NOT_FOUND" }]);
    assert_eq!(refused, json!({ "segment": null, "userErrors": errors }));
}

#[tokio::test]
async fn a_removal_holds_for_both_sides_of_an_unmerge() {
    let shop = Shop::open().await;
    let input = json!({ "key": "list", "name": "List" });
    let id = shop.create(input).await["segment"]["id"].take();
    let identify = |email: &str| json!({ "type": "identify", "traits": { "email": email } });
    let ana = shop.send("", identify("a@example.com")).await;
    let cleo = shop.send("", identify("c@example.com")).await;
    let decide = async |mutation: &str, profile: &str| {
        let document = format!(
            "mutation($input: SegmentMembersInput!) {{ {mutation}(input: $input) {{ userErrors {{ code }} }} }}"
        );
        let input = json!({ "id": id, "profiles": [profile] });
        let done = shop.ask(&document, json!({ "input": input })).await;
        assert_eq!(done[mutation]["userErrors"], json!([]));
    };
    let members = async || {
        let read = shop.ask(MEMBERS, json!({ "id": id })).await;
        read["segment"]["members"]["nodes"].clone()
    };
    decide("segmentMembersAdd", &cleo).await;
    assert_eq!(members().await, json!([{ "id": cleo }]));
    let writer = shop.test.app.writer();
    let merge = MergeByHand {
        profiles: [&ana, &cleo].map(|id| id.parse().unwrap()).to_vec(),
        actor: "me".to_owned(),
        reason: None,
        once: None,
    };
    writer.merge(merge).await.unwrap();
    shop.pass(1_000);
    decide("segmentMembersRemove", &ana).await;
    assert_eq!(members().await, json!([]));
    let unmerge = UnmergeByHand {
        former: cleo.parse().unwrap(),
        actor: "me".to_owned(),
        reason: None,
        once: None,
    };
    writer.unmerge(unmerge).await.unwrap();
    assert_eq!(members().await, json!([]));
    decide("segmentMembersAdd", &cleo).await;
    assert_eq!(members().await, json!([{ "id": cleo }]));
}

#[tokio::test]
async fn a_member_whose_use_is_restricted_is_shown_to_nobody_else() {
    let shop = Shop::open().await;
    let id = shop.segment("viewers", "performed('Viewed')").await;
    let ana = shop.track("ana", "Viewed").await;
    shop.test
        .execute("UPDATE profile SET restricted = true")
        .await
        .unwrap();
    let schema = platform(&shop.test.app);
    let caller = Some(integration(Scope::ALL));
    let given = json!({ "id": id });
    let hidden = execute(&shop.test, &schema, caller.clone(), MEMBERS, given.clone()).await;
    let hidden = hidden.data.into_json().unwrap();
    assert_eq!(hidden["segment"]["members"]["nodes"], json!([null]));
    assert_eq!(hidden["segment"]["members"]["edges"][0]["node"], Json::Null);
    let document = "mutation($input: SegmentMembersInput!) { segmentMembersRemove(input: $input) { userErrors { code } } }";
    let input = json!({ "input": { "id": id, "profiles": [ana] } });
    let refused = execute(&shop.test, &schema, caller, document, input).await;
    let errors = json!([{ "code": "NOT_FOUND" }]);
    let refused = refused.data.into_json().unwrap();
    assert_eq!(refused["segmentMembersRemove"]["userErrors"], errors);
    let shown = shop.ask(MEMBERS, given).await;
    assert_eq!(shown["segment"]["members"]["nodes"], json!([{ "id": ana }]));
}
