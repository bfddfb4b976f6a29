//! Processes that share a Redis refuse at once what one of them has revoked, and without it a little later.

use std::time::Duration;

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    TestServer,
    engine::TestDatabase,
    graphql::{Answer, Caller},
    redis::PrivateRedis,
    segment::{Sender, track},
};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{PROGRAM, start};

const READ: &str = "{ profiles(first: 1) { nodes { id } } }";
const AT_ONCE: Duration = Duration::from_millis(500);
const A_LITTLE_LATER: Duration = Duration::from_secs(5);

/// Two processes on one database, and a Redis that both are told of.
async fn two(engine: Engine, redis: &PrivateRedis) -> (TestServer, TestServer) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut database = TestDatabase::create(engine, folder.path()).await;
    database.redis_url = Some(redis.url());
    let one = TestServer::start_on(database, folder, PROGRAM, &[]).await;

    let folder = tempfile::tempdir().expect("a folder");
    let mut database = TestDatabase::existing(engine, one.database().url.clone());
    database.redis_url = Some(redis.url());
    let other = TestServer::start_on(database, folder, PROGRAM, &[]).await;
    (one, other)
}

/// What a process says of Redis; it is ready whatever that is.
async fn redis_of(server: &TestServer) -> Value {
    let request = server.http().get(server.url("/health/ready"));
    let answer = Answer::of(request).await;
    assert_eq!(answer.status, 200, "{:#}", answer.body);
    answer.body["redis"].clone()
}

async fn both_say(servers: [&TestServer; 2], expected: &str) {
    let started = Instant::now();
    for server in servers {
        loop {
            let said = redis_of(server).await;
            if said == expected {
                break;
            }
            assert!(
                started.elapsed() < Duration::from_secs(10),
                "{said} is not {expected}"
            );
            sleep(Duration::from_millis(20)).await;
        }
    }
}

/// A new token: its id and its text.
async fn token(admin: &Caller, name: &str) -> (Value, String) {
    let input = json!({ "name": name, "scopes": ["profiles:read"] });
    let payload = admin
        .mutate("tokenCreate", "secret token { id }", input)
        .await;
    let secret = payload["secret"].as_str().expect("a secret");
    (payload["token"]["id"].clone(), secret.to_owned())
}

/// Revokes a token that the other process has just checked, and tells how long that process still takes it.
async fn survival(one: &TestServer, other: &TestServer, admin: &Caller, name: &str) -> Duration {
    let (id, secret) = token(admin, name).await;
    let elsewhere = other.platform(Some(secret.clone()));
    let here = one.platform(Some(secret));
    elsewhere.query(READ, json!({})).await;
    here.query(READ, json!({})).await;

    admin
        .mutate("tokenRevoke", "token { revokedAt }", json!({ "id": id }))
        .await;

    let revoked = Instant::now();
    here.send(READ, json!({})).await.refused("UNAUTHENTICATED");
    while elsewhere.send(READ, json!({})).await.status != 401 {
        assert!(revoked.elapsed() < A_LITTLE_LATER, "the token still opens");
        sleep(Duration::from_millis(10)).await;
    }
    revoked.elapsed()
}

#[rstest]
#[tokio::test]
async fn a_token_revoked_by_one_process_is_refused_by_another_at_once(
    #[values(Postgres)] engine: Engine,
) {
    let mut redis = PrivateRedis::away();
    redis.up();
    let (one, other) = two(engine, &redis).await;
    let admin = one.admin().await;
    both_say([&one, &other], "up").await;

    let took = survival(&one, &other, &admin, "first").await;
    assert!(took < AT_ONCE, "it took {took:?}");

    // The connections of both are broken now, and come back by themselves.
    redis.crash();
    both_say([&one, &other], "down").await;
    redis.up();
    both_say([&one, &other], "up").await;
    let took = survival(&one, &other, &admin, "second").await;
    assert!(took < AT_ONCE, "it took {took:?}");
}

#[rstest]
#[tokio::test]
async fn a_source_archived_by_one_process_is_refused_by_another_at_once(
    #[values(Postgres)] engine: Engine,
) {
    let mut redis = PrivateRedis::away();
    redis.up();
    let (one, other) = two(engine, &redis).await;
    let admin = one.admin().await;
    both_say([&one, &other], "up").await;
    let input = json!({ "name": "shop", "channel": "WEB" });
    let created = admin
        .mutate("sourceCreate", "key source { id }", input)
        .await;
    let key = created["key"].as_str().expect("a key").to_owned();
    let sender = Sender::new(&other, key);
    sender.accepted(&[track("Opened").user("ada")]).await;

    let id = &created["source"]["id"];
    admin
        .mutate("sourceArchive", "source { id }", json!({ "id": id }))
        .await;

    let archived = Instant::now();
    let body = json!({ "batch": [track("Opened").user("ada").0] });
    while sender.post("/v1/batch", &body).await.status == 200 {
        assert!(archived.elapsed() < AT_ONCE, "the source still sends");
        sleep(Duration::from_millis(10)).await;
    }
}

#[rstest]
#[tokio::test]
async fn with_redis_killed_a_revoked_token_is_refused_within_five_seconds(
    #[values(Postgres)] engine: Engine,
) {
    let mut redis = PrivateRedis::away();
    redis.up();
    let (one, other) = two(engine, &redis).await;
    let admin = one.admin().await;
    both_say([&one, &other], "up").await;

    redis.crash();

    let took = survival(&one, &other, &admin, "first").await;
    assert!(took < A_LITTLE_LATER, "it took {took:?}");
    both_say([&one, &other], "down").await;
}

#[rstest]
#[tokio::test]
async fn processes_start_and_serve_without_the_redis_they_are_told_of(
    #[values(Postgres)] engine: Engine,
) {
    let mut redis = PrivateRedis::away();
    let (mut one, other) = two(engine, &redis).await;
    let admin = one.admin().await;
    both_say([&one, &other], "down").await;

    let took = survival(&one, &other, &admin, "first").await;
    assert!(took < A_LITTLE_LATER, "it took {took:?}");

    redis.up();
    both_say([&one, &other], "up").await;
    let took = survival(&one, &other, &admin, "second").await;
    assert!(took < AT_ONCE, "it took {took:?}");
    one.stop().await;
}

#[rstest]
#[tokio::test]
async fn a_process_alone_says_that_it_has_no_redis(#[values(Sqlite)] engine: Engine) {
    let server = start(engine).await;

    assert_eq!(redis_of(&server).await, "not configured");
}
