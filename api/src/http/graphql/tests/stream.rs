//! Subscriptions: what is answered, in what order, and when a stream ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_graphql::Subscription;
use futures::FutureExt;
use futures::stream::{self, BoxStream, StreamExt};
use lazo_domain::clock::Timestamp;
use rstest::rstest;
use serde_json::{Value as Json, json};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::audit::Reads;
use crate::config::Subscriptions;
use crate::error::Code;
use crate::graphql::Delivery;
use crate::http::graphql::{Check, Listener, Streams, takes_events};
use crate::metrics::Meters;

const EVENTS: &str = "text/event-stream";

struct Root;

#[Object]
impl Root {
    async fn one(&self) -> i32 {
        1
    }
}

struct Numbers;

type Stream = BoxStream<'static, Result<i32, ApiError>>;

#[Subscription]
impl Numbers {
    #[expect(clippy::unused_async, reason = "the library awaits it")]
    /// So many numbers after one, then silence.
    async fn numbers(
        &self,
        ctx: &async_graphql::Context<'_>,
        to: i32,
        after: Option<String>,
    ) -> Result<Stream, ApiError> {
        let delivery = ctx.data_opt::<Delivery>().cloned().unwrap_or_default();
        let after = delivery.after(after).unwrap_or_else(|| "0".to_owned());
        let after: i32 = after
            .parse()
            .map_err(|_| ApiError::new(Code::BadUserInput, "The cursor is none."))?;
        delivery.begins(after.to_string());
        let numbers = stream::iter(after + 1..=to).map(move |number| {
            delivery.brings(number.to_string());
            Ok(number)
        });
        Ok(numbers.chain(stream::pending()).boxed())
    }

    /// One number, then a failure.
    async fn breaks(&self, ctx: &async_graphql::Context<'_>) -> Stream {
        let delivery = ctx.data_opt::<Delivery>().cloned().unwrap_or_default();
        delivery.begins("0".to_owned());
        let first = stream::once(async move {
            delivery.brings("1".to_owned());
            Ok(1)
        });
        let away = ApiError::unavailable(Duration::from_secs(1));
        first.chain(stream::iter([Err(away)])).boxed()
    }

    /// Nothing at all.
    async fn panics(&self, because: Option<i32>) -> Stream {
        stream::iter([Ok(because.expect(SECRET))]).boxed()
    }
}

/// What the tests hold of the server.
struct Server {
    router: Router,
    stop: CancellationToken,
    /// Whether the token still opens.
    valid: Arc<AtomicBool>,
    meters: Meters,
}

fn settings() -> Subscriptions {
    Subscriptions {
        streams: 3,
        token_streams: 2,
        life_seconds: 3_600,
        heartbeat_seconds: 15,
    }
}

fn server(settings: Subscriptions) -> Server {
    let stop = CancellationToken::new();
    let meters = Meters::new(Timestamp(0));
    let streams = Streams::new(&settings, &meters, stop.clone());
    let schema = Schema::build(Root, async_graphql::EmptyMutation, Numbers).finish();
    let endpoint = Endpoint::new(schema, Limits::default()).streaming(streams);
    let valid = Arc::new(AtomicBool::new(true));
    let still = Arc::clone(&valid);
    let check: Check = Arc::new(move || {
        let valid = still.load(Ordering::SeqCst);
        let refused = ApiError::new(Code::Unauthenticated, "The token is not valid any more.");
        async move { if valid { Ok(()) } else { Err(refused) } }.boxed()
    });
    let router = Router::new().route(
        "/graphql",
        any(async move |request: axum::extract::Request| {
            let name = request.headers().get("caller");
            let name = name.map_or("one", |name| name.to_str().unwrap()).to_owned();
            let check = Arc::clone(&check);
            let listener = takes_events(request.headers()).then_some(Listener {
                name,
                check,
                reads: Reads::default(),
            });
            endpoint
                .handle_within(request, Data::default(), true, None, listener)
                .await
        }),
    );
    Server {
        router,
        stop,
        valid,
        meters,
    }
}

/// An answer whose body is read piece by piece.
struct Open {
    status: StatusCode,
    headers: HeaderMap,
    body: Body,
}

impl Open {
    /// The next piece, if one comes in time.
    async fn piece(&mut self) -> Option<String> {
        let frame = timeout(Duration::from_secs(20), self.body.frame())
            .await
            .unwrap()?;
        let bytes = frame.unwrap().into_data().unwrap();
        Some(String::from_utf8(bytes.to_vec()).unwrap())
    }

    /// All that still comes.
    async fn rest(mut self) -> String {
        let mut text = String::new();
        while let Some(piece) = self.piece().await {
            text += &piece;
        }
        text
    }
}

impl Server {
    async fn send(&self, request: Request<Body>) -> Open {
        let (parts, body) = self
            .router
            .clone()
            .oneshot(request)
            .await
            .unwrap()
            .into_parts();
        Open {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    async fn subscribe(&self, query: &str) -> Open {
        self.send(subscribing(query)).await
    }
}

fn subscribing(query: &str) -> Request<Body> {
    with(asking(query), "accept", EVENTS)
}

fn with(mut request: Request<Body>, name: &'static str, value: &'static str) -> Request<Body> {
    request.headers_mut().insert(name, value.parse().unwrap());
    request
}

/// The data of an event, of which the text is one.
fn data(event: &str) -> Json {
    let line = event.lines().find_map(|line| line.strip_prefix("data: "));
    serde_json::from_str(line.unwrap_or_else(|| panic!("{event}"))).unwrap()
}

fn code(event: &str) -> String {
    let code = &data(event)["errors"][0]["extensions"]["code"];
    code.as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn each_event_comes_by_itself_with_its_cursor_as_the_protocol_says() {
    let server = server(settings());
    let mut open = server.subscribe("subscription { n: numbers(to: 2) }").await;
    assert_eq!(open.status, StatusCode::OK);
    let header = |name: &str| open.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "text/event-stream; charset=utf-8");
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("x-accel-buffering"), "no");
    assert_eq!(header("last-event-id"), "0");
    let first = open.piece().await.unwrap();
    assert!(first.starts_with("id: 1\nevent: next\ndata: {"), "{first}");
    assert_eq!(
        data(&first),
        json!({ "data": { "n": 1 }, "extensions": { "cost": { "requestedQueryCost": 1 } } })
    );
    assert!(open.piece().await.unwrap().starts_with("id: 2\n"));
    server.stop.cancel();
    assert_eq!(open.rest().await, "event: complete\ndata:\n\n");
}

#[tokio::test]
async fn who_comes_back_with_the_last_id_goes_on_after_it_whatever_it_asked_for_first() {
    let server = server(settings());
    let request = subscribing("subscription { numbers(to: 9, after: \"3\") }");
    let mut open = server.send(request).await;
    assert!(open.piece().await.unwrap().starts_with("id: 4\n"));
    let request = subscribing("subscription { numbers(to: 9, after: \"3\") }");
    let mut open = server.send(with(request, "last-event-id", "7")).await;
    assert!(open.piece().await.unwrap().starts_with("id: 8\n"));
    drop(open);
    let request = subscribing("subscription { numbers(to: 9) }");
    let open = server
        .send(with(request, "last-event-id", "elsewhere"))
        .await;
    let text = open.rest().await;
    assert_eq!(code(&text), "BAD_USER_INPUT");
}

#[tokio::test]
async fn a_subscription_may_use_get() {
    let server = server(settings());
    let request = Request::get("/graphql?query=subscription%7Bnumbers(to:1)%7D")
        .header(header::ACCEPT, EVENTS)
        .body(Body::empty())
        .unwrap();
    let mut open = server.send(request).await;
    assert!(open.piece().await.unwrap().starts_with("id: 1\n"));
}

#[rstest]
#[case("*/*")]
#[case(JSON)]
#[case("text/event-stream;q=0")]
#[tokio::test]
async fn a_client_that_takes_no_events_is_told_so(#[case] accept: &'static str) {
    let request = with(asking("subscription { numbers(to: 1) }"), "accept", accept);
    let open = server(settings()).send(request).await;
    assert_eq!(open.status, StatusCode::NOT_ACCEPTABLE);
    let text = open.rest().await;
    assert!(text.contains("NOT_ACCEPTABLE") && text.contains("text/event-stream"));
}

#[rstest]
#[case::syntax("subscription {", "GRAPHQL_PARSE_FAILED")]
#[case::unknown("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED")]
#[case::argument("subscription { numbers(to: \"x\") }", "GRAPHQL_VALIDATION_FAILED")]
#[case::two(
    "subscription { a: numbers(to: 1) b: numbers(to: 1) }",
    "GRAPHQL_VALIDATION_FAILED"
)]
#[case::kind("subscription { __typename }", "GRAPHQL_VALIDATION_FAILED")]
#[case::fragment(
    "subscription { ...f } fragment f on Numbers { numbers(to: 1) }",
    "GRAPHQL_VALIDATION_FAILED"
)]
#[case::skipped(
    "subscription { numbers(to: 1) @skip(if: true) }",
    "GRAPHQL_VALIDATION_FAILED"
)]
#[tokio::test]
async fn what_is_wrong_with_a_document_is_told_as_an_event(
    #[case] query: &str,
    #[case] expected: &str,
) {
    let open = server(settings()).subscribe(query).await;
    assert_eq!(open.status, StatusCode::OK);
    assert_eq!(
        open.headers["content-type"],
        "text/event-stream; charset=utf-8"
    );
    let text = open.rest().await;
    assert!(text.starts_with("event: next\ndata: "), "{text}");
    assert!(text.ends_with("\n\nevent: complete\ndata:\n\n"), "{text}");
    assert_eq!(code(&text), expected, "{text}");
}

#[tokio::test]
async fn a_query_is_answered_plainly_also_to_who_takes_events() {
    let open = server(settings()).subscribe("{ one }").await;
    assert_eq!(
        open.headers["content-type"],
        "application/json; charset=utf-8"
    );
    assert!(open.rest().await.contains("\"one\":1"));
}

#[tokio::test]
async fn a_failure_that_passes_ends_the_stream_and_keeps_its_place() {
    let open = server(settings())
        .subscribe("subscription { breaks }")
        .await;
    let text = open.rest().await;
    let events: Vec<_> = text.split("\n\n").collect();
    assert!(events[0].starts_with("id: 1\n"), "{text}");
    assert!(
        events[1].starts_with("event: next\n"),
        "it has no id: {text}"
    );
    assert_eq!(code(events[1]), "UNAVAILABLE");
    assert_eq!(events[2], "event: complete\ndata:");
}

#[tokio::test]
async fn a_panic_is_our_fault_and_says_nothing() {
    let open = server(settings())
        .subscribe("subscription { panics }")
        .await;
    let (status, text) = (open.status, open.rest().await);
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!text.contains("s3cret"), "{text}");
}

#[tokio::test]
async fn a_silent_stream_shows_that_it_lives_and_ends_when_its_time_is_over() {
    let mut settings = settings();
    (settings.life_seconds, settings.heartbeat_seconds) = (3, 1);
    let open = server(settings)
        .subscribe("subscription { numbers(to: 0) }")
        .await;
    let began = tokio::time::Instant::now();
    let text = open.rest().await;
    let comments = text.strip_suffix("event: complete\ndata:\n\n").unwrap();
    assert!([":\n:\n", ":\n:\n:\n"].contains(&comments), "{text}");
    assert_eq!(began.elapsed().as_secs(), 3);
}

#[tokio::test]
async fn a_token_that_is_revoked_ends_its_streams_within_a_second() {
    let server = server(settings());
    let mut open = server.subscribe("subscription { numbers(to: 1) }").await;
    open.piece().await.unwrap();
    server.valid.store(false, Ordering::SeqCst);
    let began = tokio::time::Instant::now();
    let text = open.rest().await;
    assert!(began.elapsed() < Duration::from_secs(2));
    assert_eq!(code(&text), "UNAUTHENTICATED");
    assert!(text.ends_with("event: complete\ndata:\n\n"), "{text}");
}

#[tokio::test]
async fn beyond_the_limits_of_a_token_and_of_all_a_stream_is_refused_until_one_ends() {
    let server = server(settings());
    let query = "subscription { numbers(to: 1) }";
    let (first, _second) = (server.subscribe(query).await, server.subscribe(query).await);
    let refused = server.subscribe(query).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers["retry-after"], "5");
    let other = || with(subscribing(query), "caller", "other");
    let _third = server.send(other()).await;
    assert_eq!(
        server.send(other()).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
    let text = server.meters.render(crate::metrics::Format::Prometheus);
    for line in [
        "lazo_subscription_streams 3",
        "lazo_refused_subscriptions_total{limit=\"token\"} 1",
        "lazo_refused_subscriptions_total{limit=\"all\"} 1",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
    drop(first);
    assert_eq!(server.subscribe(query).await.status, StatusCode::OK);
}

#[tokio::test]
async fn nothing_is_made_before_somebody_takes_it() {
    let server = server(settings());
    let mut open = server
        .subscribe("subscription { numbers(to: 1000000) }")
        .await;
    open.piece().await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let text = server.meters.render(crate::metrics::Format::Prometheus);
    assert!(
        text.contains("lazo_subscription_events_total 1\n"),
        "{text}"
    );
}
