//! Members of segments come and go at the instant at which it becomes true, through the program's own doors.

use std::time::{Duration, Instant};

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    clock::{DAY, SECOND, milliseconds, now},
    graphql::{Caller, user_error_codes},
    segment::{Item, identify, track},
};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::trusted;

const RECENT: &str = "performed('Product Viewed', WITHIN 14d) >= 1";

async fn read(admin: &Caller, id: &str, selection: &str) -> Value {
    let query = format!("query($id: ID!) {{ segment(id: $id) {{ {selection} }} }}");
    let data = admin.query(&query, json!({ "id": id })).await;
    data["segment"].clone()
}

async fn members(admin: &Caller, id: &str) -> Vec<String> {
    let found = read(admin, id, "members(first: 100) { edges { node { id } } }").await;
    let edges = found["members"]["edges"].as_array().expect("members");
    let ids = edges.iter().map(|edge| edge["node"]["id"].as_str());
    ids.map(|id| id.expect("an id").to_owned()).collect()
}

async fn count(admin: &Caller, id: &str) -> i64 {
    let found = read(admin, id, "memberCount").await;
    found["memberCount"].as_i64().expect("a count")
}

#[rstest]
#[tokio::test]
async fn who_is_acknowledged_is_a_member_and_leaves_when_the_time_is_over(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (server, backend, admin) = trusted(engine).await;
    let recent = admin.segment("recent", RECENT).await;
    let ana = backend.accept(track("Product Viewed").user("ana")).await;
    assert_eq!(members(&admin, &recent).await, std::slice::from_ref(&ana));
    let seen = now();

    server.move_clock(14 * DAY + SECOND).await;

    assert_eq!(members(&admin, &recent).await, Vec::<String>::new());
    let transitions = "transitions(first: 10) { nodes { entered at recordedAt cause } }";
    let began = Instant::now();
    let exit = loop {
        let found = read(&admin, &recent, transitions).await;
        let found = &found["transitions"]["nodes"];
        if found[1]["entered"] == false {
            break found[1].clone();
        }
        assert!(began.elapsed() < Duration::from_secs(5), "{found}");
        sleep(Duration::from_millis(50)).await;
    };
    let at = milliseconds(exit["at"].as_str().expect("a time"));
    assert!((at - seen - 14 * DAY).abs() < 10 * SECOND, "{exit}");
    assert_eq!(exit["cause"], "TIME");
}

#[rstest]
#[tokio::test]
async fn a_new_definition_takes_in_who_was_there_and_an_archived_one_has_no_members(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (_server, backend, admin) = trusted(engine).await;
    let people: Vec<Item> = (0..30)
        .map(|number| {
            let country = if number % 3 == 0 { "ES" } else { "FR" };
            identify()
                .user(&format!("u{number}"))
                .traits(json!({ "country": country }))
        })
        .collect();
    backend.accepted(&people).await;

    let spain = admin.segment("spain", "country = 'es'").await;
    assert_eq!(count(&admin, &spain).await, 10);
    let input =
        json!({ "id": spain, "condition": { "text": "country = 'fr'" }, "expectedVersion": 1 });
    admin
        .mutate("segmentUpdate", "segment { version }", input.clone())
        .await;
    admin.swept(&spain).await;
    assert_eq!(count(&admin, &spain).await, 20);
    let stale = admin
        .try_mutate("segmentUpdate", "segment { version }", input)
        .await;
    assert_eq!(user_error_codes(&stale), ["STALE_VERSION"]);
    admin
        .mutate("segmentArchive", "segment { id }", json!({ "id": spain }))
        .await;
    admin.swept(&spain).await;
    assert_eq!(count(&admin, &spain).await, 0);
}

#[rstest]
#[tokio::test]
async fn a_thousand_memberships_end_within_ten_seconds_while_requests_come_in(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (server, backend, admin) = trusted(engine).await;
    let recent = admin.segment("recent", RECENT).await;
    let views: Vec<Item> = (0..1_000)
        .map(|number| track("Product Viewed").user(&format!("u{number}")))
        .collect();
    for views in views.chunks(100) {
        backend.accepted(views).await;
    }
    assert_eq!(count(&admin, &recent).await, 1_000);

    server.move_clock(14 * DAY + 60 * SECOND).await;

    let began = Instant::now();
    let mut sent = 0;
    let page = "query($id: ID!, $after: String) { segment(id: $id) { transitions(first: 100, after: $after) {
        nodes { entered cause } pageInfo { endCursor } } } }";
    let mut after = Value::Null;
    let mut exits = 0;
    while exits < 1_000 {
        backend
            .accept(track("Opened").user(&format!("u{}", sent % 1_000)))
            .await;
        sent += 1;
        let data = admin
            .query(page, json!({ "id": recent, "after": after }))
            .await;
        let found = &data["segment"];
        let nodes = found["transitions"]["nodes"]
            .as_array()
            .expect("transitions");
        for node in nodes {
            if node["entered"] == false {
                assert_eq!(node["cause"], "TIME");
                exits += 1;
            }
        }
        if !nodes.is_empty() {
            after = found["transitions"]["pageInfo"]["endCursor"].clone();
        }
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "{exits} have left"
        );
    }
    assert!(sent > 0);
    assert_eq!(count(&admin, &recent).await, 0);
}
