//! Profiles are found, listed page by page, and changed by hand without losing what others wrote.

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    clock::{DAY, from_now},
    graphql::user_error_codes,
    segment::{identify, page, track},
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::start;

#[rstest]
#[tokio::test]
async fn a_profile_is_found_by_its_id_and_by_any_identifier(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let admin = server.admin().await;
    let id = server
        .backend()
        .await
        .accept(identify().user("ada").anonymous("device-1").traits(
            json!({ "email": "ada@example.com", "phone": "+34612345678", "instagram": "@ada" }),
        ))
        .await;
    assert!(id.starts_with("prf_"));

    for by in [
        json!({ "id": id }),
        json!({ "email": "ADA@example.com" }),
        json!({ "phone": "+34 612 345 678" }),
        json!({ "customerId": "ada" }),
        json!({ "anonymousId": "device-1" }),
        json!({ "identifier": { "namespace": "instagram", "value": "ada" } }),
    ] {
        assert_eq!(admin.profile(by).await.id, id);
    }
    assert!(
        admin
            .find(json!({ "email": "nobody@example.com" }))
            .await
            .is_none()
    );
    let node = admin
        .query(
            "query($id: ID!) { node(id: $id) { id __typename } nodes(ids: [$id]) { id } }",
            json!({ "id": id }),
        )
        .await;
    assert_eq!(node["node"], json!({ "id": id, "__typename": "Profile" }));
    assert_eq!(node["nodes"][0]["id"], json!(id));
}

#[rstest]
#[case::newest_first("CREATED_AT", ["c4", "c3", "c2", "c1", "c0"])]
#[case::last_seen_first("LAST_SEEN", ["c0", "c1", "c2", "c3", "c4"])]
#[tokio::test]
async fn pages_follow_each_other_without_gaps_forwards_and_backwards(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] sort: &str,
    #[case] expected: [&str; 5],
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let admin = server.admin().await;
    for number in 0..5 {
        let item = track("Opened")
            .user(&format!("c{number}"))
            .at(&from_now(-(number + 1) * DAY));
        backend.accept(item).await;
    }
    let query =
        "query($first: Int, $after: String, $last: Int, $before: String, $sort: ProfileSortKey!) {
        profiles(first: $first, after: $after, last: $last, before: $before, sortKey: $sort) {
            totalCount edges { cursor } nodes { identifiers { value } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
    let names = |page: &Value| -> Vec<String> {
        page["nodes"]
            .as_array()
            .expect("nodes")
            .iter()
            .map(|node| {
                node["identifiers"][0]["value"]
                    .as_str()
                    .expect("a value")
                    .to_owned()
            })
            .collect()
    };

    let mut forwards = Vec::new();
    let mut after = Value::Null;
    loop {
        let variables = json!({ "first": 2, "after": after, "sort": sort });
        let page = admin.query(query, variables).await["profiles"].clone();
        forwards.extend(names(&page));
        assert_eq!(page["totalCount"], 5);
        assert_eq!(page["pageInfo"]["hasPreviousPage"], json!(!after.is_null()));
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    let variables = json!({ "last": 2, "before": after, "sort": sort });
    let back = admin.query(query, variables).await["profiles"].clone();

    assert_eq!(forwards, expected);
    assert_eq!(names(&back), &expected[2..4]);
}

#[rstest]
#[tokio::test]
async fn the_timeline_is_newest_first_and_can_be_narrowed(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let admin = server.admin().await;
    backend
        .accepted(&[
            page("Home").user("ada").at(&from_now(-3 * DAY)),
            track("Email Opened").user("ada").at(&from_now(-2 * DAY)),
            track("Opened").user("ada").at(&from_now(-DAY)),
        ])
        .await;

    let data = admin
        .query(
            "{ profile(by: { customerId: \"ada\" }) {
                all: touchpoints(first: 2) { totalCount nodes { name } pageInfo { hasNextPage } }
                email: touchpoints(first: 9, channel: EMAIL) { nodes { name } }
                named: touchpoints(first: 9, name: \"Home\") { nodes { name source { name } } }
            } }",
            json!({}),
        )
        .await;

    let profile = &data["profile"];
    assert_eq!(profile["all"]["totalCount"], 3);
    assert_eq!(
        profile["all"]["nodes"],
        json!([{ "name": "Opened" }, { "name": "Email Opened" }])
    );
    assert_eq!(profile["all"]["pageInfo"]["hasNextPage"], true);
    assert_eq!(
        profile["email"]["nodes"],
        json!([{ "name": "Email Opened" }])
    );
    assert_eq!(profile["named"]["nodes"][0]["source"]["name"], "backend");
}

#[rstest]
#[tokio::test]
async fn a_trait_says_where_it_came_from(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let admin = server.admin().await;
    let moment = from_now(-DAY);
    let outcome = server
        .backend()
        .await
        .one(
            identify()
                .user("ada")
                .at(&moment)
                .traits(json!({ "plan": "gold" })),
        )
        .await;

    let data = admin
        .query(
            "{ profile(by: { customerId: \"ada\" }) {
                trait(name: \"plan\") { name value occurredAt rank touchpointId source { name } }
                none: trait(name: \"nothing\") { name }
                some: traits(names: [\"plan\", \"nothing\"]) { name } } }",
            json!({}),
        )
        .await;

    assert_eq!(
        data["profile"]["trait"],
        json!({
            "name": "plan", "value": "gold", "occurredAt": moment, "rank": "TRUSTED",
            "touchpointId": outcome.touchpoint_id, "source": { "name": "backend" },
        })
    );
    assert_eq!(data["profile"]["none"], Value::Null);
    assert_eq!(data["profile"]["some"], json!([{ "name": "plan" }]));
}

#[rstest]
#[tokio::test]
async fn an_update_by_hand_sets_and_unsets_and_minds_the_version(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let admin = server.admin().await;
    let id = server
        .backend()
        .await
        .accept(
            identify()
                .user("ada")
                .traits(json!({ "plan": "gold", "city": "Soria" })),
        )
        .await;
    let version = admin.customer("ada").await.version;
    let update = |set: Value, expected: i64| json!({ "id": id, "set": set, "unset": ["city"], "expectedVersion": expected });

    let updated = admin
        .mutate(
            "profileUpdate",
            "profile { version }",
            update(json!({ "plan": "tin" }), version),
        )
        .await;
    let stale = admin
        .try_mutate(
            "profileUpdate",
            "profile { version }",
            update(json!({ "plan": "wood" }), version),
        )
        .await;
    let nobody = admin
        .try_mutate(
            "profileUpdate",
            "profile { id }",
            json!({ "id": "prf_00000000000000000000000000", "set": {} }),
        )
        .await;

    assert!(updated["profile"]["version"].as_i64() > Some(version));
    assert_eq!(user_error_codes(&stale), ["STALE_VERSION"]);
    assert_eq!(user_error_codes(&nobody), ["NOT_FOUND"]);
    let ada = admin.customer("ada").await;
    assert_eq!(ada.value("plan"), json!("tin"));
    assert_eq!(ada.value("city"), Value::Null);
}

#[rstest]
#[tokio::test]
async fn what_is_absent_in_a_patch_stays_as_it_is(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let admin = server.admin().await;
    let id = server
        .backend()
        .await
        .accept(identify().user("ada").traits(json!({ "plan": "gold" })))
        .await;
    let mutation = "mutation($id: ID!, $set: JSON, $unset: [String!], $version: Int) {
        profileUpdate(input: { id: $id, set: $set, unset: $unset, expectedVersion: $version }) {
            profile { id } userErrors { code } } }";

    let data = admin
        .query(mutation, json!({ "id": id, "set": { "city": "Soria" } }))
        .await;

    assert_eq!(data["profileUpdate"]["userErrors"], json!([]));
    let ada = admin.customer("ada").await;
    assert_eq!(ada.value("plan"), json!("gold"));
    assert_eq!(ada.value("city"), json!("Soria"));
}

#[rstest]
#[tokio::test]
async fn a_read_with_the_version_of_a_write_sees_the_write(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let admin = server.admin().await;

    for number in 1..=20 {
        let outcome = backend
            .one(identify().user("ada").traits(json!({ "number": number })))
            .await;
        let data = admin
            .query(
                "query($version: Int) { profile(by: { customerId: \"ada\" }, minVersion: $version) {
                    version trait(name: \"number\") { value } } }",
                json!({ "version": outcome.profile_version }),
            )
            .await;
        assert_eq!(data["profile"]["trait"]["value"], number);
    }
}
