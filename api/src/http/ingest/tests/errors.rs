//! What is refused, in the form that clients can read.

use bytes::Bytes;
use flate2::Compression;
use flate2::read::GzEncoder;
use futures::{StreamExt, stream};
use rstest::rstest;
use std::io::{Error as IoError, Read};

use super::*;

fn gzip(bytes: impl Read) -> Vec<u8> {
    let mut out = Vec::new();
    GzEncoder::new(bytes, Compression::fast())
        .read_to_end(&mut out)
        .unwrap();
    out
}

fn assert_refused(reply: &Reply, status: u16, code: &str) {
    assert_eq!(reply.status, status, "{}", reply.json);
    assert_eq!(reply.json["code"], code);
    assert!(reply.json["message"].is_string());
    assert_eq!(reply.json.as_object().unwrap().len(), 2);
}

#[rstest]
#[case::empty("")]
#[case::no_json("hello")]
#[case::no_object("[]")]
#[case::no_batch("{}")]
#[case::batch_of_another_type(r#"{"batch":"x"}"#)]
#[tokio::test]
async fn what_is_no_request_is_a_400(#[case] body: &'static str) {
    assert_refused(
        &post_body(&Program::default(), "/v1/batch", body).await,
        400,
        "BAD_REQUEST",
    );
}

#[tokio::test]
async fn a_body_over_the_cap_is_a_413_before_it_is_read() {
    let request = post_to("/v1/batch").header("content-length", "10485761");
    let request = request.body(Body::from_stream(
        stream::pending::<Result<Bytes, IoError>>(),
    ));
    let reply = send(&Program::default(), request.unwrap()).await;
    assert_refused(&reply, 413, "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn a_body_of_unknown_length_stops_at_the_cap() {
    let endless = stream::repeat(Bytes::from(vec![b' '; 65_536])).map(Ok::<_, IoError>);
    let reply = post_body(&Program::default(), "/v1/batch", Body::from_stream(endless)).await;
    assert_refused(&reply, 413, "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn a_bomb_is_a_413() {
    let bomb = gzip(std::io::repeat(b' ').take(64 * 1024 * 1024));
    let reply = post_body(&Program::default(), "/v1/batch", bomb).await;
    assert_refused(&reply, 413, "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn too_many_items_are_a_413() {
    let body = json!({"batch": vec![1; 10_001]}).to_string();
    let reply = post_body(&Program::default(), "/v1/batch", body).await;
    assert_refused(&reply, 413, "PAYLOAD_TOO_LARGE");
}

#[rstest]
#[case::in_a_header(true, 524_289, 200)]
#[case::in_the_body(false, 524_288, 200)]
#[case::in_a_larger_body(false, 524_289, 413)]
#[tokio::test]
async fn a_body_without_a_key_in_a_header_has_at_most_512_kib(
    #[case] in_header: bool,
    #[case] bytes: usize,
    #[case] status: u16,
    #[values(false, true)] compressed: bool,
) {
    let mut body = json!({"batch": [], "writeKey": KEY})
        .to_string()
        .into_bytes();
    body.resize(bytes, b' ');
    if compressed {
        body = gzip(body.as_slice());
    }
    let request = post_to("/v1/batch");
    let request = if in_header {
        request.header("x-write-key", KEY)
    } else {
        request
    };
    let reply = send(&Program::default(), request.body(Body::from(body)).unwrap()).await;
    assert_eq!(reply.status, status, "{}", reply.json);
}

#[rstest]
#[case::unknown("lazo_src_unknown", 401)]
#[case::archived("lazo_src_archived", 401)]
#[case::of_another_origin("lazo_src_bound", 403)]
#[tokio::test]
async fn a_bad_key_in_a_header_is_answered_before_the_body_is_read(
    #[case] key: &str,
    #[case] status: u16,
) {
    let program = Program::default();
    let unread = stream::poll_fn(|_| -> std::task::Poll<Option<Result<Bytes, IoError>>> {
        panic!("the body is read")
    });
    let request = post_to("/v1/batch")
        .header("x-write-key", key)
        .header("origin", "https://other.example")
        .body(Body::from_stream(unread));
    let reply = send(&program, request.unwrap()).await;
    assert_eq!(reply.status, status);
    assert_eq!(program.0.most_admitted.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn memory_is_asked_for_by_values_before_any_is_built() {
    let program = Program::default();
    let item = json!({"type": "page", "userId": "u", "properties": {"a": vec![0; 1_000]}});
    let body = json!({"batch": vec![item; 10]}).to_string();
    let reply = post_body(&program, "/v1/batch", gzip(body.as_bytes())).await;
    assert_eq!(reply.status, 200);
    assert!(program.0.most_admitted.load(Ordering::SeqCst) >= 10 * 1_000 * 64);
}

#[tokio::test]
async fn a_request_that_never_fits_the_memory_is_a_413() {
    let program = Program::default();
    let item = json!({"type": "page", "userId": "u", "properties": {"a": vec![0; 9_000]}});
    let body = |items: usize| gzip(json!({"batch": vec![&item; items]}).to_string().as_bytes());
    assert_eq!(post_body(&program, "/v1/batch", body(50)).await.status, 200);
    let reply = post_body(&program, "/v1/batch", body(60)).await;
    assert_refused(&reply, 413, "PAYLOAD_TOO_LARGE");
    assert_eq!(program.recorded().len(), 50);
}

#[tokio::test]
async fn small_requests_with_very_many_values_are_quarantined_and_cost_little() {
    let program = Program::default();
    let item = json!({"type": "page", "userId": "u", "properties": {"a": vec![0; 16_200]}});
    let body = json!({"batch": vec![item; 300]}).to_string();
    let compressed = gzip(body.as_bytes());
    let reply = post_body(&program, "/v1/batch", compressed).await;
    assert_eq!(reply.status, 200);
    let items = reply.json["items"].as_array().unwrap();
    assert!(items.iter().all(|item| item["code"] == "TOO_MANY_VALUES"));
    let most = program.0.most_admitted.load(Ordering::SeqCst);
    assert!(most < body.len() + 16_384, "{most}");
}

#[tokio::test]
async fn a_shared_field_that_nests_too_deep_is_a_400() {
    let deep = format!("{}{}", r#"{"a":"#.repeat(32), "{}") + &"}".repeat(32);
    let body = format!(r#"{{"batch":[],"context":{deep}}}"#);
    assert_refused(
        &post_body(&Program::default(), "/v1/batch", body).await,
        400,
        "BAD_REQUEST",
    );
}

#[tokio::test]
async fn an_encoding_that_we_do_not_read_is_a_415() {
    let request = post_to("/v1/track")
        .header("content-encoding", "br")
        .body(Body::from("{}"));
    let reply = send(&Program::default(), request.unwrap()).await;
    assert_refused(&reply, 415, "UNSUPPORTED_MEDIA_TYPE");
    assert_eq!(reply.headers["accept-encoding"], "gzip");
}

#[tokio::test]
async fn a_body_that_does_not_arrive_is_a_408() {
    let pending = stream::iter([Ok(Bytes::from_static(b"{"))]).chain(stream::pending());
    let body = Body::from_stream::<_>(pending.map(|part: Result<Bytes, IoError>| part));
    let reply = post_body(&Program::default(), "/v1/track", body).await;
    assert_refused(&reply, 408, "REQUEST_TIMEOUT");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_a_400() {
    let broken = stream::iter([Ok(Bytes::from_static(b"{")), Err(IoError::other("reset"))]);
    let reply = post_body(&Program::default(), "/v1/track", Body::from_stream(broken)).await;
    assert_refused(&reply, 400, "BAD_REQUEST");
}

#[rstest]
#[case::no_memory(true, false, "1")]
#[case::no_database(false, true, "2")]
#[tokio::test]
async fn a_busy_or_absent_server_says_when_to_come_back(
    #[case] full: bool,
    #[case] away: bool,
    #[case] seconds: &str,
) {
    let program = Program::default();
    program.0.full.store(full, Ordering::SeqCst);
    program.0.away.store(away, Ordering::SeqCst);
    let reply = post_body(&program, "/v1/track", r#"{"userId":"u","event":"A"}"#).await;
    assert_refused(&reply, 503, "UNAVAILABLE");
    assert_eq!(reply.headers["retry-after"], seconds);
    assert_eq!(
        reply.headers["access-control-expose-headers"],
        "retry-after"
    );
    assert!(program.recorded().is_empty());
}

#[tokio::test]
async fn another_method_is_a_405() {
    let request = axum::http::Request::get("/v1/batch")
        .body(Body::empty())
        .unwrap();
    let reply = send(&Program::default(), request).await;
    assert_refused(&reply, 405, "METHOD_NOT_ALLOWED");
    assert_eq!(reply.headers["allow"], "POST");
}

#[rstest]
#[case("GET", "/v1/projects/anything/settings")]
#[case("GET", "/sourceConfig")]
#[case("POST", "/v1/m")]
#[tokio::test]
async fn what_asks_for_no_key_is_limited_by_its_address(#[case] method: &str, #[case] path: &str) {
    let program = Program::default();
    let ask = || {
        let request = axum::http::Request::builder().method(method).uri(path);
        request.body(Body::empty()).unwrap()
    };
    assert_eq!(send(&program, ask()).await.status, 200);
    assert_eq!(program.0.charged.load(Ordering::SeqCst), 1);
    program.0.throttled.store(true, Ordering::SeqCst);
    let reply = send(&program, ask()).await;
    assert_refused(&reply, 429, "THROTTLED");
    assert_eq!(reply.headers["retry-after"], "1");
}

#[tokio::test]
async fn a_body_that_names_no_key_and_cannot_be_read_is_paid_for() {
    let program = Program::default();
    let request = post_to("/v1/batch").body(Body::from("nonsense")).unwrap();
    assert_refused(&send(&program, request).await, 400, "BAD_REQUEST");
    assert_eq!(program.0.charged.load(Ordering::SeqCst), 1);
}
