//! Sources are made, changed and archived, and their keys change without a gap.

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    graphql::user_error_codes,
    segment::{Sender, track},
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::start;

#[rstest]
#[tokio::test]
async fn a_source_is_made_once_for_one_idempotency_key_and_its_key_is_shown_once(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let admin = server.admin().await;
    let input = json!({ "name": "shop", "channel": "WEB", "idempotencyKey": "k1" });
    let selection = "key source { id name channel trusted live shop keyHints }";

    let first = admin.mutate("sourceCreate", selection, input.clone()).await;
    let again = admin.mutate("sourceCreate", selection, input).await;
    let other = admin
        .try_mutate(
            "sourceCreate",
            selection,
            json!({ "name": "another", "channel": "WEB", "idempotencyKey": "k1" }),
        )
        .await;

    let key = first["key"].as_str().expect("a key").to_owned();
    Sender::new(&server, key.clone())
        .told_by(&admin)
        .accept(track("Opened").user("ada"))
        .await;
    assert_eq!(again["key"], Value::Null);
    assert_eq!(again["source"]["id"], first["source"]["id"]);
    assert_eq!(first["source"]["trusted"], false);
    assert_eq!(first["source"]["live"], true);
    assert_eq!(first["source"]["shop"], "main");
    assert!(
        !first["source"].to_string().contains(&key),
        "the key is never listed"
    );
    assert_eq!(user_error_codes(&other), ["IDEMPOTENCY_KEY_REUSED"]);
}

#[rstest]
#[tokio::test]
async fn while_a_key_is_changed_both_work(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let admin = server.admin().await;
    let created = admin
        .mutate(
            "sourceCreate",
            "key source { id }",
            json!({ "name": "shop", "channel": "WEB" }),
        )
        .await;
    let id = &created["source"]["id"];
    let old =
        Sender::new(&server, created["key"].as_str().expect("a key").to_owned()).told_by(&admin);

    let rotated = admin
        .mutate(
            "sourceUpdate",
            "key source { keyHints }",
            json!({ "id": id, "rotateKey": true }),
        )
        .await;
    let new = old.with_key(rotated["key"].as_str().expect("a new key"));
    old.accept(track("By the old key").user("ada")).await;
    new.accept(track("By the new key").user("ada")).await;
    admin
        .mutate(
            "sourceUpdate",
            "key",
            json!({ "id": id, "dropSecondKey": true }),
        )
        .await;

    assert_eq!(
        rotated["source"]["keyHints"].as_array().map(Vec::len),
        Some(2)
    );
    refused_soon(&old).await;
    new.accept(track("By the new key").user("ada")).await;
}

#[rstest]
#[tokio::test]
async fn an_archived_source_is_refused_and_its_touchpoints_stay(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let admin = server.admin().await;
    let created = admin
        .mutate(
            "sourceCreate",
            "key source { id }",
            json!({ "name": "shop", "channel": "WEB" }),
        )
        .await;
    let sender =
        Sender::new(&server, created["key"].as_str().expect("a key").to_owned()).told_by(&admin);
    sender.accept(track("Opened").user("ada")).await;
    let archive = json!({ "id": created["source"]["id"] });

    let archived = admin
        .mutate("sourceArchive", "source { archivedAt }", archive)
        .await;

    assert!(archived["source"]["archivedAt"].is_string());
    refused_soon(&sender).await;
    assert_eq!(admin.customer("ada").await.story(), ["Opened"]);
}

#[rstest]
#[tokio::test]
async fn test_data_never_reaches_a_profile(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let admin = server.admin().await;
    let created = admin
        .mutate(
            "sourceCreate",
            "key",
            json!({ "name": "shop", "channel": "WEB", "live": false }),
        )
        .await;
    let sender =
        Sender::new(&server, created["key"].as_str().expect("a key").to_owned()).told_by(&admin);

    let outcome = sender.one(track("Opened").user("ada")).await;

    assert_eq!(outcome.status, "ACCEPTED");
    assert_eq!(outcome.profile_id, None);
    assert_eq!(admin.count_profiles().await, 0);
}

#[rstest]
#[tokio::test]
async fn a_public_source_that_may_link_known_profiles_does(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let admin = server.admin().await;
    let backend = server.backend().await;
    let created = admin
        .mutate(
            "sourceCreate",
            "key",
            json!({ "name": "kiosk", "channel": "STORE", "linksKnown": true }),
        )
        .await;
    let kiosk =
        Sender::new(&server, created["key"].as_str().expect("a key").to_owned()).told_by(&admin);
    let email = json!({ "email": "ada@example.com" });
    let ada = backend
        .accept(lazo_tests::segment::identify().user("ada"))
        .await;
    backend
        .accept(
            lazo_tests::segment::identify()
                .anonymous("device-1")
                .traits(email.clone()),
        )
        .await;

    kiosk
        .accept(
            lazo_tests::segment::identify()
                .user("ada")
                .traits(email.clone()),
        )
        .await;

    assert_eq!(admin.profile(email).await.id, ada);
    assert_eq!(admin.count_profiles().await, 1);
}

/// Holds a key to be refused within the five seconds that every process has to learn of it.
async fn refused_soon(sender: &Sender) {
    let started = std::time::Instant::now();
    loop {
        let body = json!({ "batch": [] });
        let reply = sender.post("/v1/batch", &body).await;
        if reply.status == 401 {
            return;
        }
        assert!(started.elapsed().as_secs() < 5, "the key still opens");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}
