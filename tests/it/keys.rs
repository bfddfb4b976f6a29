//! The keys that sign our tokens are published, and one follows another without a token lost.

use std::time::Duration;

use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    jwk::{Jwk, JwkSet},
};
use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    TestServer,
    engine::TestDatabase,
    graphql::{Answer, Caller},
};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{PROGRAM, start};

const READ: &str = "{ profiles(first: 1) { nodes { id } } }";
const VIEWER: &str = "{ viewer { version } }";
/// Without Redis processes learn of a change within four seconds.
const SOON: Duration = Duration::from_secs(6);

async fn published(server: &TestServer) -> Answer {
    let request = server.http().get(server.url("/.well-known/jwks.json"));
    Answer::of(request).await
}

async fn key_set(server: &TestServer) -> Vec<Jwk> {
    let set: JwkSet = serde_json::from_value(published(server).await.body).expect("a set of keys");
    set.keys
}

fn ids(keys: &[Jwk]) -> Vec<String> {
    keys.iter()
        .filter_map(|key| key.common.key_id.clone())
        .collect()
}

fn kid(token: &str) -> String {
    let header = decode_header(token).expect("a token of ours is a JWT");
    header.kid.expect("it names its key")
}

/// The lines of `lazo key list`: the id of each key, and what it does.
async fn listed(server: &TestServer) -> Vec<(String, String)> {
    let text = server.cli_ok(&["key", "list"]).await;
    let fields = |line: &str| {
        let mut fields = line.split('\t').map(str::to_owned);
        Some((fields.next()?, fields.next()?))
    };
    text.lines().filter_map(fields).collect()
}

async fn visitor_token(admin: &Caller) -> String {
    let payload = admin
        .mutate(
            "visitorTokenIssue",
            "token",
            json!({ "anonymousId": "device-1" }),
        )
        .await;
    payload["token"].as_str().expect("a token").to_owned()
}

/// A process beside another one on its database.
async fn beside(server: &TestServer) -> TestServer {
    let folder = tempfile::tempdir().expect("a folder");
    let mut database =
        TestDatabase::existing(server.database().engine, server.database().url.clone());
    database.redis_url.clone_from(&server.database().redis_url);
    TestServer::start_on(database, folder, PROGRAM, &[]).await
}

#[rstest]
#[tokio::test]
async fn whoever_has_the_published_keys_can_verify_our_tokens(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    lazo::auth::install_crypto();
    let server = start(engine).await;
    let before = published(&server).await;
    assert_eq!(before.body, json!({ "keys": [] }));
    assert_eq!(before.headers["cache-control"], "no-store");

    let token = visitor_token(&server.admin().await).await;

    let started = Instant::now();
    while key_set(&server).await.len() < 2 {
        assert!(
            started.elapsed() < SOON,
            "the current key and the next are published"
        );
        sleep(Duration::from_millis(50)).await;
    }
    let answer = published(&server).await;
    assert_eq!(answer.headers["content-type"], "application/jwk-set+json");
    assert_eq!(answer.headers["cache-control"], "public, max-age=900");
    assert!(
        !answer.body.to_string().contains("\"d\""),
        "no private half"
    );
    let keys = key_set(&server).await;
    assert_eq!((keys.len(), &ids(&keys)[0]), (2, &kid(&token)));
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_audience(&["lazo:visitor"]);
    validation.set_issuer(&["lazo"]);
    let key = DecodingKey::from_jwk(&keys[0]).expect("a key");
    let verified = decode::<Value>(&token, &key, &validation).expect("it verifies");
    assert_eq!(verified.claims["sub"], "anonymous_id:device-1");
    let next = DecodingKey::from_jwk(&keys[1]).expect("a key");
    assert!(decode::<Value>(&token, &next, &validation).is_err());
}

#[rstest]
#[tokio::test]
async fn after_a_rotation_all_processes_sign_with_the_next_key_and_old_tokens_are_good(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let one = start(engine).await;
    let other = beside(&one).await;
    let internal = one.admin_token().await;
    let admin = one.platform(Some(internal.clone()));
    let elsewhere = other.platform(Some(internal));
    let visitor = visitor_token(&elsewhere).await;
    let before = listed(&one).await;
    assert_eq!(before.len(), 2);
    assert_eq!(
        (before[0].1.as_str(), before[1].1.as_str()),
        ("current", "next")
    );
    assert_eq!(kid(&visitor), before[0].0);

    let too_soon = one.cli(&["key", "rotate"]).await;
    assert_eq!(
        too_soon.status.code(),
        Some(1),
        "others may not know the next key yet"
    );
    assert_eq!(listed(&one).await, before);
    one.cli_ok(&["key", "rotate", "--now"]).await;

    let after = listed(&one).await;
    assert!(after[0].1.starts_with("retired "));
    assert_eq!(
        (after[1].0.as_str(), after[1].1.as_str()),
        (before[1].0.as_str(), "current")
    );
    assert_eq!((after.len(), after[2].1.as_str()), (3, "next"));
    for (server, caller) in [(&one, &admin), (&other, &elsewhere)] {
        let rotated = Instant::now();
        while kid(&visitor_token(caller).await) != after[1].0 {
            assert!(rotated.elapsed() < SOON, "it still signs with the old key");
            sleep(Duration::from_millis(50)).await;
        }
        let signed = visitor_token(caller).await;
        let expected: Vec<&String> = after.iter().map(|(id, _)| id).collect();
        assert_eq!(
            ids(&key_set(server).await).iter().collect::<Vec<_>>(),
            expected
        );
        for good in [&visitor, &signed] {
            let viewer = server.storefront(Some(good.clone()));
            assert_eq!(viewer.send(VIEWER, json!({})).await.status, 200);
        }
        caller.query(READ, json!({})).await;
    }
}

#[rstest]
#[tokio::test]
async fn what_a_compromised_key_has_signed_is_refused_on_all_processes(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let one = start(engine).await;
    let other = beside(&one).await;
    let internal = one.admin_token().await;
    let callers = [&one, &other].map(|server| server.platform(Some(internal.clone())));
    for caller in &callers {
        caller.query(READ, json!({})).await;
    }
    let current = listed(&one).await[0].0.clone();

    one.cli_ok(&["key", "retire", &current, "--compromised"])
        .await;

    let deleted = Instant::now();
    for caller in &callers {
        while caller.send(READ, json!({})).await.status != 401 {
            assert!(deleted.elapsed() < SOON, "the token still opens");
            sleep(Duration::from_millis(50)).await;
        }
    }
    let keys = listed(&one).await;
    assert!(keys.iter().all(|(id, _)| *id != current));
    assert_eq!((keys.len(), keys[0].1.as_str()), (2, "current"));
    let missing = one.cli(&["key", "retire", &current]).await;
    assert_eq!(missing.status.code(), Some(1));
    one.admin().await.query(READ, json!({})).await;
}
