//! The program tells how it is, stops in good order, and says when its database is away.

use std::time::{Duration, Instant};

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    TestServer,
    engine::TestDatabase,
    postgres::PrivatePostgres,
    segment::{Item, Reply, Sender, track},
    server::program,
};
use rstest::rstest;
use serde_json::json;
use tokio::{task::JoinSet, time::sleep};

use crate::{PROGRAM, start};

async fn status(server: &TestServer, path: &str) -> u16 {
    let answer = server
        .http()
        .get(server.url(path))
        .send()
        .await
        .expect("an answer");
    answer.status().as_u16()
}

#[rstest]
#[tokio::test]
async fn a_running_server_is_live_and_ready(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;

    assert_eq!(status(&server, "/health/live").await, 200);
    assert_eq!(status(&server, "/health/ready").await, 200);
}

#[rstest]
#[tokio::test]
async fn an_asked_stop_answers_what_is_under_way_and_ends_with_zero(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let mut server = start(engine).await;
    let token = server.admin_token().await;
    let backend = server.backend().await;
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let backend = backend.clone();
        tasks.spawn(async move {
            let items: Vec<Item> = (0..50).map(|_| track("Opened").user("ada")).collect();
            let body = json!({ "batch": items.iter().map(|item| &item.0).collect::<Vec<_>>() });
            // A connection that is refused was never accepted, and its sender tries again.
            let response = backend.request("/v1/batch").json(&body).send().await.ok()?;
            Some(response.status().as_u16())
        });
    }
    sleep(Duration::from_millis(50)).await;

    server.stop().await;

    let statuses = tasks.join_all().await;
    assert!(
        statuses
            .iter()
            .flatten()
            .all(|status| [200, 503].contains(status)),
        "{statuses:?}"
    );
    let accepted = statuses
        .iter()
        .flatten()
        .filter(|status| **status == 200)
        .count();
    server.restart().await;
    let ada = server
        .platform(Some(token))
        .find(json!({ "customerId": "ada" }))
        .await;
    let counted = ada.map_or(0, |ada| ada.summary.touchpoints);
    assert!(
        counted >= i64::try_from(accepted * 50).expect("a count"),
        "{counted} of {accepted} batches"
    );
    assert_eq!(counted % 50, 0, "no batch is half there");
}

#[rstest]
#[tokio::test]
async fn with_the_database_away_writes_are_503_and_all_is_well_when_it_is_back(
    #[values(Postgres)] engine: Engine,
) {
    let postgres = PrivatePostgres::start();
    let folder = tempfile::tempdir().expect("a folder");
    let database = TestDatabase::existing(engine, postgres.url());
    let mut server = TestServer::start_on(database, folder, PROGRAM, &[]).await;
    let backend = server.backend().await;
    let admin = server.admin().await;
    backend.accept(track("Before").user("ada")).await;
    let item = track("During").user("ada");
    let body = json!({ "batch": [item.0] });

    postgres.crash();
    let started = Instant::now();
    let during = backend.post("/v1/batch", &body).await;
    let took = started.elapsed();
    let live = status(&server, "/health/live").await;
    let ready = status(&server, "/health/ready").await;
    postgres.up();

    during.refused(503);
    let seconds = during.headers["retry-after"]
        .to_str()
        .expect("text")
        .parse::<u32>();
    assert!(seconds.is_ok_and(|seconds| (1..=60).contains(&seconds)));
    assert!(took < Duration::from_secs(15), "it took {took:?}");
    assert_eq!((live, ready), (200, 503));
    let back = Instant::now();
    while status(&server, "/health/ready").await != 200 {
        assert!(
            back.elapsed() < Duration::from_secs(15),
            "the server does not come back"
        );
        sleep(Duration::from_millis(100)).await;
    }
    // The first to come may find what the writer has not noticed yet; it is told to come back, as a client does.
    while backend.post("/v1/batch", &body).await.status == 503 {
        assert!(
            back.elapsed() < Duration::from_secs(15),
            "the writer does not come back"
        );
        sleep(Duration::from_millis(100)).await;
    }
    let ada = admin.customer("ada").await;
    assert_eq!(ada.story(), ["Before", "During"]);
    assert!(server.lives());
}

#[rstest]
#[tokio::test]
async fn a_full_queue_is_503_and_loses_nothing_that_was_acknowledged(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let settings = [("LAZO_WRITER__QUEUE", "1")];
    let server = TestServer::start_with(engine, PROGRAM, &settings).await;
    let backend = server.backend().await;
    let mut tasks = JoinSet::new();
    for _ in 0..200 {
        let backend = backend.clone();
        tasks.spawn(send_ten(backend));
    }

    let replies = tasks.join_all().await;

    let accepted = replies.iter().filter(|reply| reply.status == 200).count();
    for reply in replies.iter().filter(|reply| reply.status != 200) {
        reply.refused(503);
        assert!(reply.headers.contains_key("retry-after"));
    }
    assert!(
        accepted > 0 && accepted < 200,
        "{accepted} of 200 were accepted"
    );
    let ada = server.admin().await.customer("ada").await;
    assert_eq!(
        ada.summary.touchpoints,
        i64::try_from(accepted * 10).expect("a count")
    );
}

async fn send_ten(backend: Sender) -> Reply {
    let items: Vec<Item> = (0..10).map(|_| track("Opened").user("ada")).collect();
    let body = json!({ "batch": items.iter().map(|item| &item.0).collect::<Vec<_>>() });
    backend.post("/v1/batch", &body).await
}

#[rstest]
#[case::listen("LAZO_LISTEN", "nowhere")]
#[case::database("LAZO_DATABASE_URL", "mysql://localhost/x")]
#[case::redis("LAZO_REDIS_URL", "http://localhost")]
#[case::secret("LAZO_SECRET", "short")]
#[case::unknown("LAZO_LISTENN", "127.0.0.1:0")]
#[tokio::test]
async fn a_wrong_setting_stops_the_start_with_a_sentence_that_names_it(
    #[case] name: &str,
    #[case] value: &str,
) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = tokio::process::Command::from(program(PROGRAM));
    command
        .arg("serve")
        .current_dir(folder.path())
        .env("LAZO_LISTEN", "127.0.0.1:0")
        .env("LAZO_DATABASE_URL", "sqlite://lazo.db")
        .env(name, value)
        .kill_on_drop(true);

    let output = tokio::time::timeout(Duration::from_secs(30), command.output())
        .await
        .expect("the program ends by itself")
        .expect("the program runs");

    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).to_lowercase();
    let key = name.trim_start_matches("LAZO_").to_lowercase();
    assert!(said.contains(&key), "{said}");
    assert!(!said.contains("panicked"), "{said}");
}
