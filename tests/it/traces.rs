//! Traces reach a collector of OpenTelemetry, follow their caller's, and hold nothing of anybody.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    TestServer,
    segment::{identify, track},
};
use rstest::rstest;
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

use crate::PROGRAM;

/// What a collector was sent: the head and the body of each request.
type Received = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

/// A collector that takes everything.
async fn collector() -> (String, Received) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("its address"));
    let received = Received::default();
    let own = Arc::clone(&received);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(take(stream, Arc::clone(&own)));
        }
    });
    (url, received)
}

async fn take(stream: TcpStream, received: Received) {
    let mut stream = BufReader::new(stream);
    loop {
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return;
            }
            if line == "\r\n" {
                break;
            }
            let lower = line.to_ascii_lowercase();
            if let Some(text) = lower.strip_prefix("content-length:") {
                length = text.trim().parse().expect("a length");
            }
            head.push_str(&lower);
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.expect("a body");
        received.lock().expect("no panic").push((head, body));
        let answer =
            b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer).await.expect("it is sent");
    }
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[rstest]
#[tokio::test]
async fn spans_reach_the_collector_under_their_callers_trace(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (url, received) = collector().await;
    let settings = [
        ("LAZO_TRACES__ENDPOINT", url.as_str()),
        ("LAZO_LOG", "warn,lazo::serve=info"),
    ];
    let mut server = TestServer::start_with(engine, PROGRAM, &settings).await;
    let backend = server.backend().await;
    let token = server.admin_token().await;
    let email = "canary-7f3a@example.com";
    backend
        .accept(
            identify()
                .user("canary-user")
                .traits(json!({ "email": email })),
        )
        .await;
    backend
        .accept(track("Canary Event").user("canary-user"))
        .await;
    let query = format!(
        "query CanaryName($by: ProfileBy!) {{ profile(by: $by) {{ id }} other: profile(by: {{ email: \"{email}\" }}) {{ id }} }}"
    );
    let answer = server
        .http()
        .post(server.url("/graphql?canary=query"))
        .header("tracestate", "canary=state")
        .bearer_auth(&token)
        .header(
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        )
        .json(&json!({ "query": query, "variables": { "by": { "customerId": "canary-user" } } }))
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 200);
    server.stop().await;

    let received = received.lock().expect("no panic");
    assert!(!received.is_empty(), "nothing came:\n{}", server.output());
    for (head, _) in received.iter() {
        assert!(head.starts_with("post /v1/traces http/1.1"), "{head}");
        assert!(
            head.contains("content-type: application/x-protobuf"),
            "{head}"
        );
    }
    let all: Vec<u8> = received.iter().flat_map(|(_, body)| body.clone()).collect();
    for name in [
        "lazo",
        "service.name",
        "POST /v1/batch",
        "POST /graphql",
        "http.response.status_code",
        "graphql.document.hash",
        "transaction",
    ] {
        assert!(holds(&all, name.as_bytes()), "{name} is missing");
    }
    let trace = [
        0x0a, 0xf7, 0x65, 0x19, 0x16, 0xcd, 0x43, 0xdd, 0x84, 0x48, 0xeb, 0x21, 0x1c, 0x80, 0x31,
        0x9c,
    ];
    assert!(holds(&all, &trace), "the caller's trace is taken up");
    for secret in [email, "canary", "Canary", &token, backend.key()] {
        assert!(!holds(&all, secret.as_bytes()), "{secret} is in a span");
    }
}

#[rstest]
#[tokio::test]
async fn a_collector_that_is_away_harms_nobody(#[values(Sqlite)] engine: Engine) {
    let settings = [("LAZO_TRACES__ENDPOINT", "http://127.0.0.1:1")];
    let mut server = TestServer::start_with(engine, PROGRAM, &settings).await;
    let backend = server.backend().await;
    backend.accept(track("Seen").user("ada")).await;
    tokio::time::timeout(Duration::from_secs(20), server.stop())
        .await
        .expect("it stops");
}

#[rstest]
#[tokio::test]
async fn a_trusted_proxy_decides_what_is_traced_and_nobody_else(
    #[values(Sqlite)] engine: Engine,
    #[values(true, false)] trusted: bool,
) {
    let (url, received) = collector().await;
    let mut settings = vec![
        ("LAZO_TRACES__ENDPOINT", url.as_str()),
        ("LAZO_TRACES__SAMPLE", "0"),
    ];
    if trusted {
        settings.push(("LAZO_HTTP__TRUSTED_PROXIES", "[\"127.0.0.0/8\"]"));
    }
    let mut server = TestServer::start_with(engine, PROGRAM, &settings).await;
    let get = |flags: &str| {
        let parent = format!("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-{flags}");
        let request = server.http().get(server.url("/health/live"));
        let request = request.header("tracestate", "canary=state");
        request.header("traceparent", parent).send()
    };
    get("00").await.expect("an answer");
    get("nonsense").await.expect("an answer");
    get("01").await.expect("an answer");
    server.stop().await;
    let bodies = received.lock().expect("no panic");
    let spans: usize = bodies
        .iter()
        .map(|(_, body)| {
            let name = b"GET /health/live";
            body.windows(name.len()).filter(|part| part == name).count()
        })
        .sum();
    assert_eq!(spans, usize::from(trusted));
    assert!(!bodies.iter().any(|(_, body)| holds(body, b"canary")));
}
