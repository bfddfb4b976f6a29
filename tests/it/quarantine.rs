//! What cannot be accepted is kept with its original bytes, can be seen, mended and replayed.

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    graphql::{Caller, user_error_codes},
    segment::{Item, track},
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::start;

async fn kept(admin: &Caller, state: &str) -> Vec<Value> {
    let data = admin
        .query(
            "query($state: QuarantineState) { quarantine(first: 50, state: $state) { nodes {
                id messageId code reason raw rawBase64 state touchpointId source { name } } } }",
            json!({ "state": state }),
        )
        .await;
    data["quarantine"]["nodes"]
        .as_array()
        .cloned()
        .expect("a list")
}

#[rstest]
#[tokio::test]
async fn the_original_bytes_are_kept_with_the_reason(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let admin = server.admin().await;
    let item = r#"{ "type" :"track",  "userId":"ada", "messageId":"m1", "n": 1.50 }"#;

    let outcomes = backend
        .post_bytes(
            "/v1/batch",
            "application/json",
            format!(r#"{{"batch":[{item}]}}"#).into_bytes(),
        )
        .await
        .outcomes();

    let waiting = kept(&admin, "WAITING").await;
    assert_eq!(outcomes[0].status, "QUARANTINED");
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0]["raw"], item);
    assert_eq!(waiting[0]["messageId"], "m1");
    assert_eq!(waiting[0]["code"], "MISSING_EVENT");
    assert_eq!(waiting[0]["reason"].as_str(), outcomes[0].reason.as_deref());
    assert_eq!(waiting[0]["source"]["name"], "backend");
    assert!(admin.find(json!({ "customerId": "ada" })).await.is_none());
}

#[rstest]
#[tokio::test]
async fn a_mended_item_becomes_a_touchpoint_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let admin = server.admin().await;
    let bad = track("Opened").user("ada").without("event");
    backend.one(bad.clone()).await;
    let waiting = kept(&admin, "WAITING").await;
    let id = waiting[0]["id"].clone();
    let selection = "item { state touchpointId } result { status touchpointId code }";

    let unmended = admin
        .try_mutate("quarantineReplay", selection, json!({ "id": id }))
        .await;
    let mended = admin
        .mutate(
            "quarantineReplay",
            selection,
            json!({ "id": id, "mended": bad.with("event", "Opened").0 }),
        )
        .await;
    let again = admin
        .try_mutate("quarantineReplay", selection, json!({ "id": id }))
        .await;

    assert_eq!(unmended["result"]["status"], "QUARANTINED");
    assert_eq!(mended["result"]["status"], "ACCEPTED");
    assert_eq!(mended["item"]["state"], "REPLAYED");
    assert_eq!(
        mended["item"]["touchpointId"],
        mended["result"]["touchpointId"]
    );
    assert_ne!(again["result"]["status"], "ACCEPTED");
    assert_eq!(kept(&admin, "WAITING").await, Vec::<Value>::new());
    assert_eq!(admin.customer("ada").await.story(), ["Opened"]);
}

#[rstest]
#[tokio::test]
async fn the_same_bad_item_sent_again_is_kept_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let admin = server.admin().await;
    let bad = track("Opened").user("ada").without("event");

    backend.one(bad.clone()).await;
    let again = backend.one(bad).await;

    assert_eq!(again.status, "QUARANTINED");
    assert_eq!(kept(&admin, "WAITING").await.len(), 1);
}

#[rstest]
#[tokio::test]
async fn what_is_rejected_is_not_kept(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let admin = server.admin().await;

    let outcome = backend.one(Item(json!(7))).await;
    let unknown = admin
        .try_mutate(
            "quarantineReplay",
            "item { id }",
            json!({ "id": "qua_00000000000000000000000000" }),
        )
        .await;

    assert_eq!(outcome.status, "REJECTED");
    assert_eq!(kept(&admin, "WAITING").await, Vec::<Value>::new());
    assert_eq!(user_error_codes(&unknown), ["NOT_FOUND"]);
}
