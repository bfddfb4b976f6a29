//! What the operator reads at `/metrics`, and who else may.

use std::time::{Duration, Instant};

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    TestServer,
    engine::TestDatabase,
    redis::PrivateRedis,
    segment::{Item, Sender, alias, identify, page, track},
};
use rstest::rstest;
use serde_json::json;
use tokio::time::sleep;

use crate::{PROGRAM, start};

async fn get(server: &TestServer, url: &str, headers: &[(&str, &str)]) -> (u16, String, String) {
    let request = headers
        .iter()
        .fold(server.http().get(url), |request, (name, value)| {
            request.header(*name, *value)
        });
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    let kind = response.headers().get("content-type");
    let kind = kind
        .map_or("", |kind| kind.to_str().expect("text"))
        .to_owned();
    (status, kind, response.text().await.expect("a body"))
}

async fn scrape(server: &TestServer) -> String {
    let (status, _, text) = get(server, &server.url("/metrics"), &[]).await;
    assert_eq!(status, 200, "{text}");
    text
}

fn value(text: &str, series: &str) -> f64 {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    let line = line.unwrap_or_else(|| panic!("{series} in\n{text}"));
    line.parse().expect("a number")
}

#[rstest]
#[tokio::test]
async fn what_the_server_does_is_counted(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let admin = server.admin().await;
    backend
        .accept(identify().anonymous("device").user("ada"))
        .await;
    let item = track("Seen").user("ada");
    backend
        .batch(&[item.clone(), item, Item(json!({ "type": "nonsense" }))])
        .await;
    backend.accept(page("Home").anonymous("stray")).await;
    backend.accept(alias("stray", "ada")).await;
    admin.query("query Secret { __typename }", json!({})).await;
    for _ in 0..2 {
        let find = "{ profile(by: { customerId: \"ada\" }) { version } }";
        admin.query(find, json!({})).await;
    }
    admin.send("{ nothing }", json!({})).await;
    server
        .platform(Some("lazo_int_wrong".to_owned()))
        .send("{ __typename }", json!({}))
        .await;

    let text = scrape(&server).await;

    let of = |series: &str| value(&text, series);
    assert!(of("lazo_touchpoints_total{outcome=\"accepted\"}") >= 2.0);
    assert!(of("lazo_touchpoints_total{outcome=\"quarantined\"}") >= 1.0);
    assert!(of("lazo_quarantine_waiting_items") >= 1.0);
    assert!(of("lazo_identity_links_total{kind=\"linked\"}") >= 1.0);
    assert!(of("lazo_identity_links_total{kind=\"merged\"}") >= 1.0);
    assert!(of("lazo_writer_transaction_items_count") >= 2.0);
    assert!(of("lazo_writer_transaction_duration_seconds_sum") > 0.0);
    assert!(of("lazo_writer_queue_requests") < 1.0);
    assert!(of("lazo_writer_queue_max_requests") > 1.0);
    assert!(of("lazo_request_memory_bytes") < of("lazo_request_memory_max_bytes"));
    assert!(of("lazo_database_pool_connections{pool=\"write\"}") >= 1.0);
    assert!(of("lazo_database_pool_max_connections{pool=\"read\"}") >= 8.0);
    assert!(of("lazo_token_checks_total{outcome=\"verified\"}") >= 1.0);
    assert!(of("lazo_token_checks_total{outcome=\"remembered\"}") >= 1.0);
    assert!(of("lazo_token_checks_total{outcome=\"refused\"}") >= 1.0);
    let operations = "lazo_graphql_operations_total{schema=\"platform\",outcome=\"success\"}";
    assert!(of(operations) >= 1.0);
    let batches = "lazo_http_request_duration_seconds_count{route=\"/v1/batch\",status=\"2xx\"}";
    assert!(of(batches) >= 2.0);
    assert!(of("lazo_hot_profile_hits_total{cache=\"process\"}") >= 1.0);
    assert!(of("lazo_hot_profile_misses_total") >= 1.0);
    assert!(of("lazo_hot_profile_loads_total") >= 1.0);
    assert!(of("lazo_hot_profile_put_outs_total") >= 1.0);
    if engine == Sqlite {
        // Without a Redis there is nothing of it to count.
        for quiet in [
            "hits_total{cache=\"redis\"}",
            "debts_total",
            "breaker_openings_total",
            "epochs_total",
        ] {
            assert!(of(&format!("lazo_hot_profile_{quiet}")) < 0.5, "{quiet}");
        }
    }
    assert!(of("process_resident_memory_bytes") > 1e6);
    assert!(of("process_start_time_seconds") > 1e9);
    assert!(text.contains("lazo_build_info{version=\""));
    for secret in [
        "ada",
        "device",
        "stray",
        "Secret",
        "nothing",
        "lazo_int_wrong",
    ] {
        assert!(!text.contains(secret), "{secret} is among the meters");
    }
}

/// Reads the hot form of each customer, with time for the cache to learn from the database what it may believe.
async fn read_all(server: &TestServer, token: &str, customers: &[String]) {
    let admin = server.platform(Some(token.to_owned()));
    for customer in customers {
        let find = "query($id: String!) { profile(by: { customerId: $id }) { version } }";
        admin.query(find, json!({ "id": customer })).await;
        sleep(Duration::from_millis(100)).await;
    }
}

/// Waits until a series has begun to count.
async fn counts(server: &TestServer, series: &str) {
    let started = Instant::now();
    while value(&scrape(server).await, series) < 1.0 {
        let waited = started.elapsed();
        assert!(waited < Duration::from_secs(30), "{series} stays at 0");
        sleep(Duration::from_millis(50)).await;
    }
}

#[rstest]
#[tokio::test]
async fn what_redis_answers_forgets_and_leaves_undone_is_counted(
    #[values(Postgres)] engine: Engine,
) {
    let mut redis = PrivateRedis::away();
    redis.up();
    let folder = tempfile::tempdir().expect("a folder");
    let mut database = TestDatabase::create(engine, folder.path()).await;
    database.redis_url = Some(redis.url());
    let mut server = TestServer::start_on(database, folder, PROGRAM, &[]).await;
    let key = server.source("backend", "web", true).await;
    let token = server.admin_token().await;
    let customers: Vec<String> = (0..10).map(|number| format!("c{number}")).collect();
    let seen = |server: &TestServer, customer: &str| {
        let sender = Sender::new(server, key.clone());
        let item = track("Seen").user(customer);
        async move { sender.accept(item).await }
    };
    for customer in &customers {
        seen(&server, customer).await;
    }
    read_all(&server, &token, &customers).await;

    server.restart().await;
    read_all(&server, &token, &customers).await;
    counts(&server, "lazo_hot_profile_hits_total{cache=\"redis\"}").await;

    redis.command("FLUSHALL");
    counts(&server, "lazo_hot_profile_epochs_total").await;
    counts(&server, "lazo_hot_profile_forgotten_total").await;

    redis.crash();
    seen(&server, "c0").await;
    counts(&server, "lazo_hot_profile_debts_total").await;
    read_all(&server, &token, &customers).await;
    counts(&server, "lazo_hot_profile_breaker_openings_total").await;
}

#[rstest]
#[tokio::test]
async fn only_this_machine_reads_the_meters_and_no_one_behind_a_proxy(
    #[values(Sqlite)] engine: Engine,
) {
    let server = start(engine).await;
    let url = server.url("/metrics");
    let (status, kind, _) = get(&server, &url, &[]).await;
    assert_eq!(
        (status, kind.as_str()),
        (200, "text/plain; version=0.0.4; charset=utf-8")
    );
    let open = [("accept", "application/openmetrics-text; version=1.0.0")];
    let (status, kind, text) = get(&server, &url, &open).await;
    assert_eq!(status, 200);
    assert!(kind.starts_with("application/openmetrics-text") && text.ends_with("# EOF\n"));
    for header in [
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-forwarded-server",
        "forwarded",
        "via",
        "x-real-ip",
        "cf-connecting-ip",
    ] {
        let (status, _, text) = get(&server, &url, &[(header, "127.0.0.1")]).await;
        assert_eq!(status, 404, "{header}: {text}");
    }
    for (host, status) in [
        ("localhost:8080", 200),
        ("[::1]:8080", 200),
        ("shop.example", 404),
        ("192.0.2.1", 404),
    ] {
        let (found, _, text) = get(&server, &url, &[("host", host)]).await;
        assert_eq!(found, status, "{host}: {text}");
    }
}

#[rstest]
#[tokio::test]
async fn whoever_guesses_the_token_is_not_told_that_a_guess_was_right(
    #[values(Sqlite)] engine: Engine,
) {
    let settings = [
        ("LAZO_METRICS__TOKEN", "a token for the scraper"),
        ("LAZO_LIMITS__GUESS_BURST", "3"),
    ];
    let server = TestServer::start_with(engine, PROGRAM, &settings).await;
    let url = server.url("/metrics");
    let (mut statuses, mut right) = (Vec::new(), 0);
    for _ in 0..20 {
        let wrong = [("authorization", "Bearer a token for nobody")];
        statuses.push(get(&server, &url, &wrong).await.0);
        if statuses.ends_with(&[429]) {
            let token = [("authorization", "Bearer a token for the scraper")];
            right = get(&server, &url, &token).await.0;
            break;
        }
    }
    assert_eq!(statuses[..3], [401; 3]);
    assert_eq!(right, 429);
    sleep(Duration::from_secs(2)).await;
    let token = [("authorization", "Bearer a token for the scraper")];
    assert_eq!(get(&server, &url, &token).await.0, 200);
}

#[rstest]
#[tokio::test]
async fn with_a_token_whoever_shows_it_reads_the_meters(#[values(Sqlite)] engine: Engine) {
    let settings = [("LAZO_METRICS__TOKEN", "a token for the scraper")];
    let mut server = TestServer::start_with(engine, PROGRAM, &settings).await;
    let url = server.url("/metrics");
    let with = |token: &'static str| [("authorization", token), ("x-forwarded-for", "192.0.2.1")];
    assert_eq!(get(&server, &url, &[]).await.0, 401);
    assert_eq!(
        get(&server, &url, &with("Bearer a token for the scrapes"))
            .await
            .0,
        401
    );
    assert_eq!(
        get(&server, &url, &with("Bearer a token for the scraper"))
            .await
            .0,
        200
    );
    server.stop().await;
    assert!(!server.output().contains("a token for the scraper"));
}

#[rstest]
#[tokio::test]
async fn the_meters_may_have_an_address_of_their_own(#[values(Sqlite)] engine: Engine) {
    let own = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = own.local_addr().expect("its address").to_string();
    drop(own);
    let settings = [("LAZO_METRICS__LISTEN", address.as_str())];
    let mut server = TestServer::start_with(engine, PROGRAM, &settings).await;
    assert_eq!(get(&server, &server.url("/metrics"), &[]).await.0, 404);
    let own = |path: &str| format!("http://{address}{path}");
    let (status, _, text) = get(&server, &own("/metrics"), &[]).await;
    assert_eq!(status, 200);
    assert!(value(&text, "lazo_writer_queue_requests") < 1.0);
    assert_eq!(get(&server, &own("/v1/batch"), &[]).await.0, 404);
    tokio::time::timeout(Duration::from_secs(10), server.stop())
        .await
        .expect("it stops with both addresses");
}
