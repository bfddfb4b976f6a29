//! How much may be asked in a time, and how many connections there may be.

use std::time::{Duration, Instant};

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    TestServer,
    graphql::Answer,
    segment::track,
};
use rstest::rstest;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

use crate::{PROGRAM, start};

fn retry_after(headers: &reqwest::header::HeaderMap) -> u64 {
    let seconds = headers["retry-after"].to_str().expect("text");
    seconds.parse().expect("whole seconds")
}

#[rstest]
#[tokio::test]
async fn a_token_pays_for_operations_by_their_cost(#[values(Sqlite, Postgres)] engine: Engine) {
    let settings = [
        ("LAZO_LIMITS__TOKEN_BURST", "200"),
        ("LAZO_LIMITS__TOKEN_RATE", "20"),
    ];
    let server = TestServer::start_with(engine, PROGRAM, &settings).await;
    let admin = server.admin().await;
    let other = server.integration(&["profiles:read"]).await;
    let query = "{ profiles(first: 50) { nodes { id } } }";

    let mut answers: Vec<Answer> = Vec::new();
    for _ in 0..20 {
        answers.push(admin.send(query, json!({})).await);
    }

    let first = &answers[0].body["extensions"]["cost"];
    let cost = first["requestedQueryCost"].as_u64().expect("a cost");
    let status = &first["throttleStatus"];
    assert_eq!(status["maximumAvailable"], 200, "{first}");
    assert_eq!(status["restoreRate"], 20);
    assert_eq!(status["currentlyAvailable"], 200 - cost);
    let refused = answers.last().expect("an answer");
    assert_eq!(refused.status, 429);
    refused.refused("THROTTLED");
    let wait = retry_after(&refused.headers);
    assert!((1..=10).contains(&wait), "{wait}");
    let left = &refused.body["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"];
    assert!(left.as_u64().is_some_and(|left| left < cost), "{left}");
    assert_eq!(
        other.send("{ __typename }", json!({})).await.status,
        200,
        "another token has its own"
    );
    tokio::time::sleep(Duration::from_secs(wait)).await;
    assert_eq!(admin.send(query, json!({})).await.status, 200);
}

#[rstest]
#[tokio::test]
async fn a_browser_that_sends_too_much_can_read_when_to_come_back(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let settings = [
        ("LAZO_LIMITS__ADDRESS_BURST", "5"),
        ("LAZO_LIMITS__ADDRESS_RATE", "1"),
    ];
    let server = TestServer::start_with(engine, PROGRAM, &settings).await;
    let (browser, backend) = (server.browser().await, server.backend().await);
    let body = json!({ "batch": [track("Seen").anonymous("device").0] });
    let keyless = json!({ "batch": [], "writeKey": browser.key() });

    let mut statuses = Vec::new();
    for _ in 0..10 {
        let sent = browser
            .request("/v1/batch")
            .header("origin", "https://shop.example");
        let response = sent.json(&body).send().await.expect("an answer");
        let headers = response.headers().clone();
        assert_eq!(headers["access-control-allow-origin"], "*");
        if response.status() == 429 {
            assert_eq!(headers["access-control-expose-headers"], "retry-after");
            assert!(retry_after(&headers) >= 1);
            let body: serde_json::Value = response.json().await.expect("JSON");
            assert_eq!(body["code"], "THROTTLED");
            statuses.push(429);
        } else {
            statuses.push(response.status().as_u16());
        }
    }
    assert_eq!(statuses[..5], [200; 5]);
    assert!(statuses.ends_with(&[429]), "{statuses:?}");
    let response = server
        .http()
        .post(server.url("/v1/batch"))
        .json(&keyless)
        .send()
        .await
        .expect("an answer");
    assert!([200, 429].contains(&response.status().as_u16()));
    let nobody = server.storefront(None);
    let mut last = nobody.send("{ __typename }", json!({})).await;
    for _ in 0..5 {
        last = nobody.send("{ __typename }", json!({})).await;
    }
    last.refused("THROTTLED");
    assert_eq!(last.headers["access-control-allow-origin"], "*");
    assert!(retry_after(&last.headers) >= 1);

    for _ in 0..20 {
        backend.post("/v1/batch", &body).await.outcomes();
    }
    server
        .admin()
        .await
        .query("{ __typename }", json!({}))
        .await;
}

#[rstest]
#[case("/.well-known/jwks.json", 200)]
#[case("/v1/projects/anything/settings", 200)]
#[case("/nothing/here", 404)]
#[tokio::test]
async fn who_shows_nothing_is_limited_at_each_door(#[case] path: &str, #[case] status: u16) {
    let settings = [
        ("LAZO_LIMITS__ADDRESS_BURST", "5"),
        ("LAZO_LIMITS__ADDRESS_RATE", "1"),
    ];
    let server = TestServer::start_with(Sqlite, PROGRAM, &settings).await;
    let mut statuses = Vec::new();
    for _ in 0..10 {
        let answer = server.http().get(server.url(path)).send().await;
        let answer = answer.expect("an answer");
        statuses.push(answer.status().as_u16());
        if answer.status() == 429 {
            assert!(retry_after(answer.headers()) >= 1);
        }
    }
    assert_eq!(statuses[..5], [status; 5]);
    assert!(statuses.contains(&429), "{statuses:?}");
}

#[rstest]
#[tokio::test]
async fn bodies_that_never_end_leave_the_trusted_their_memory(#[values(Sqlite)] engine: Engine) {
    let settings = [("LAZO_WRITER__QUEUE", "32")];
    let server = TestServer::start_with(engine, PROGRAM, &settings).await;
    let (browser, backend) = (server.browser().await, server.backend().await);
    let key = format!("x-write-key: {}\r\n", browser.key());
    let mut held = Vec::new();
    for number in 0..60 {
        let key = if number % 2 == 0 { key.as_str() } else { "" };
        let head =
            format!("POST /v1/batch HTTP/1.1\r\nhost: x\r\n{key}content-length: 400001\r\n\r\n");
        held.push(raw(&server, &(head + &" ".repeat(400_000))).await);
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    backend.accepted(&[track("Seen").user("ada")]).await;
}

#[rstest]
#[tokio::test]
async fn guessing_is_slowed_down_and_shuts_out_nobody(#[values(Sqlite)] engine: Engine) {
    let settings = [("LAZO_LIMITS__GUESS_BURST", "6")];
    let server = TestServer::start_with(engine, PROGRAM, &settings).await;
    let browser = server.browser().await;
    let admin = server.admin().await;
    let mut guessed = Vec::new();
    for number in 0..5 {
        let wrong = server.platform(Some(format!("lazo_int_{number}")));
        guessed.push(
            wrong
                .send("{ __typename }", json!({}))
                .await
                .status
                .as_u16(),
        );
        let key = browser.with_key(&format!("lazo_src_{number}"));
        let reply = key.post("/v1/batch", &json!({ "batch": [] })).await;
        guessed.push(reply.status.as_u16());
    }
    assert_eq!(guessed[..6], [401; 6]);
    assert_eq!(guessed[8..], [429; 2], "{guessed:?}");
    admin.query("{ __typename }", json!({})).await;
    browser.accepted(&[track("Seen").anonymous("device")]).await;
}

#[rstest]
#[tokio::test]
async fn behind_a_trusted_proxy_each_client_has_its_own(
    #[values(Sqlite)] engine: Engine,
    #[values(true, false)] trusted: bool,
) {
    let mut settings = vec![
        ("LAZO_LIMITS__ADDRESS_BURST", "3"),
        ("LAZO_LIMITS__ADDRESS_RATE", "1"),
    ];
    if trusted {
        settings.push(("LAZO_HTTP__TRUSTED_PROXIES", "[\"127.0.0.0/8\"]"));
    }
    let server = TestServer::start_with(engine, PROGRAM, &settings).await;
    let browser = server.browser().await;
    let mut statuses = Vec::new();
    for client in 0..12 {
        let sent = browser
            .request("/v1/batch")
            .header("x-forwarded-for", format!("127.9.9.9, 192.0.2.{client}"))
            .json(&json!({ "batch": [] }));
        statuses.push(sent.send().await.expect("an answer").status().as_u16());
    }
    assert_eq!(statuses.contains(&429), !trusted, "{statuses:?}");
}

#[rstest]
#[tokio::test]
async fn a_shop_on_a_busy_day_meets_no_limit(#[values(Sqlite)] engine: Engine) {
    let server = start(engine).await;
    let browser = server.browser().await;
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let browser = browser.clone();
        tasks.spawn(async move {
            for _ in 0..50 {
                let reply = browser.post("/v1/batch", &json!({ "batch": [] })).await;
                assert_eq!(reply.status, 200);
            }
        });
    }
    tasks.join_all().await;
}

async fn raw(server: &TestServer, bytes: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address())
        .await
        .expect("a connection");
    stream
        .write_all(bytes.as_bytes())
        .await
        .expect("it is sent");
    stream
}

async fn answer(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    // A connection that is reset has said what it said.
    let _ = stream.read_to_end(&mut text).await;
    String::from_utf8_lossy(&text).into_owned()
}

#[rstest]
#[tokio::test]
async fn heads_that_come_slowly_or_are_too_large_are_refused(#[values(Sqlite)] engine: Engine) {
    let server = start(engine).await;
    let headers = "x: 1\r\n".repeat(100);
    let long = "x".repeat(80_000);
    for head in [headers, format!("x: {long}\r\n")] {
        let request = format!("GET /health/live HTTP/1.1\r\nhost: x\r\n{head}\r\n");
        let refused = answer(raw(&server, &request).await).await;
        assert!(refused.starts_with("HTTP/1.1 431 "), "{refused}");
    }

    let silent = raw(&server, "").await;
    let mut slow = raw(&server, "GET /health/live HTTP/1.1\r\nhost: x\r\n").await;
    let began = Instant::now();
    let preface = raw(&server, "PRI * HTTP/2.0\r\n").await;
    while slow.write_all(b"x: 1\r\n").await.is_ok() && began.elapsed() < Duration::from_secs(30) {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let took = began.elapsed();
    assert!((8..16).contains(&took.as_secs()), "{took:?}");
    for stream in [silent, preface] {
        let closed = tokio::time::timeout(Duration::from_secs(5), answer(stream)).await;
        assert!(closed.is_ok(), "it is closed");
    }
}

#[rstest]
#[case::of_all("LAZO_HTTP__CONNECTIONS")]
#[case::of_one_address("LAZO_HTTP__ADDRESS_CONNECTIONS")]
#[tokio::test]
async fn beyond_the_limit_connections_are_closed_at_once(#[case] setting: &str) {
    let server = TestServer::start_with(Sqlite, PROGRAM, &[(setting, "3")]).await;
    let request = "GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n";
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut stream = raw(&server, request).await;
        let mut start = [0; 12];
        stream.read_exact(&mut start).await.expect("an answer");
        assert_eq!(&start, b"HTTP/1.1 200");
        held.push(stream);
    }
    let mut fourth = TcpStream::connect(server.address())
        .await
        .expect("a connection");
    let _ = fourth.write_all(request.as_bytes()).await;
    let began = Instant::now();
    assert_eq!(answer(fourth).await, "");
    assert!(began.elapsed() < Duration::from_secs(2));
    held.clear();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let fifth = raw(
        &server,
        "GET /health/live HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    );
    assert!(answer(fifth.await).await.starts_with("HTTP/1.1 200 "));
}

#[rstest]
#[tokio::test]
async fn an_idle_connection_is_closed_and_a_used_one_stays(#[values(Sqlite)] engine: Engine) {
    let settings = [("LAZO_HTTP__IDLE_SECONDS", "3")];
    let server = TestServer::start_with(engine, PROGRAM, &settings).await;
    let request = "GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n";
    let mut stream = raw(&server, request).await;
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        stream
            .write_all(request.as_bytes())
            .await
            .expect("it is open");
    }
    let began = Instant::now();
    let text = answer(stream).await;
    assert_eq!(text.matches("HTTP/1.1 200 ").count(), 4);
    let took = began.elapsed();
    assert!((2..8).contains(&took.as_secs()), "{took:?}");
}
