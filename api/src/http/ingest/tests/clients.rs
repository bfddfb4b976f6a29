//! Requests as they were recorded from client libraries (identifiers shortened), and their answers.

use std::io::Read;

use flate2::Compression;
use flate2::read::GzEncoder;
use lazo_domain::touchpoint::Kind::{Alias, Group, Identify, Page, Screen, Track};
use rstest::rstest;

use super::*;

/// One line of a batch each, as a server library sends them.
const RECORDED_BATCH: &str = r#"{"batch":[
 {"timestamp":"2026-11-22T00:39:30.422Z","integrations":{},"type":"identify","userId":"u1","anonymousId":"a1","traits":{"email":"a@example.com","age":33,"createdAt":"2020-01-01T00:00:00.000Z","nothing":null},"context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"}},"messageId":"node-next-1795307970422-f53fbea5","_metadata":{"nodeVersion":"v20.20.2","jsRuntime":"node"}},
 {"timestamp":"2024-01-15T10:00:00.000Z","integrations":{"All":true},"event":"Order Completed","type":"track","properties":{"order_id":"o1","revenue":12.5,"products":[{"product_id":"p1"}]},"context":{"ip":"192.0.2.8","consent":{"categoryPreferences":{"Advertising":false}},"library":{"name":"@segment/analytics-node","version":"3.1.0"}},"userId":"u1","messageId":"my-mid-1","_metadata":{"jsRuntime":"node"}},
 {"type":"page","properties":{"url":"https://e.com/","category":"Docs"},"category":"Docs","name":"Home","anonymousId":"a1","messageId":"m3"},
 {"type":"screen","properties":{},"name":"Main","userId":"u1","messageId":"m4"},
 {"type":"group","traits":{"name":"Acme"},"groupId":"g1","userId":"u1","messageId":"m5"},
 {"type":"alias","userId":"u1","previousId":"old1","messageId":"m6"}],
 "writeKey":"lazo_src_known","sentAt":"2026-11-22T00:39:30.443Z"}"#;

fn statuses(reply: &Reply) -> Vec<&str> {
    let items = reply.json["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["status"].as_str().unwrap())
        .collect()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    GzEncoder::new(text.as_bytes(), Compression::default())
        .read_to_end(&mut out)
        .unwrap();
    out
}

#[rstest]
#[case::json("application/json", None, RECORDED_BATCH.into())]
#[case::json_in_utf8("application/json;charset=UTF-8", None, RECORDED_BATCH.into())]
#[case::text("text/plain", None, RECORDED_BATCH.into())]
#[case::form_with_gzip(
    "application/x-www-form-urlencoded",
    Some("gzip"),
    gzip(RECORDED_BATCH)
)]
#[case::form_with_unannounced_gzip("application/x-www-form-urlencoded", None, gzip(RECORDED_BATCH))]
#[case::form("application/x-www-form-urlencoded", None, RECORDED_BATCH.into())]
#[tokio::test]
async fn a_recorded_batch_is_taken_whatever_it_is_called(
    #[case] content_type: &str,
    #[case] encoding: Option<&str>,
    #[case] body: Vec<u8>,
) {
    let program = Program::default();
    let mut request = post_to("/v1/batch").header("content-type", content_type);
    if let Some(encoding) = encoding {
        request = request.header("content-encoding", encoding);
    }
    let reply = send(&program, request.body(body.into()).unwrap()).await;
    assert_eq!(reply.status, 200, "{}", reply.json);
    assert_eq!(reply.json["success"], true);
    assert_eq!(statuses(&reply), ["ACCEPTED"; 6]);
    assert_eq!(reply.json["items"][1]["messageId"], "my-mid-1");
    let kinds: Vec<Kind> = program
        .recorded()
        .iter()
        .map(|item| match &item.content {
            Content::Touchpoint(touchpoint) => touchpoint.kind,
            Content::Refused { refusal, .. } => panic!("{refusal}"),
        })
        .collect();
    assert_eq!(kinds, [Identify, Track, Page, Screen, Group, Alias]);
}

#[rstest]
#[case::legacy_node("/v1/batch", r#"{"batch":[{"type":"track","event":"A","userId":"u1","timestamp":"2026-11-22T00:39:30.631Z","context":{"library":{"name":"analytics-node","version":"6.2.0"}},"_metadata":{"nodeVersion":"20"},"messageId":"node-5d41-1"}],"timestamp":"2026-11-22T00:39:30.640Z","sentAt":"2026-11-22T00:39:30.640Z"}"#)]
#[case::rudder_node("/v1/batch", r#"{"batch":[{"type":"identify","userId":"u1","traits":{"a":1},"context":{"traits":{"a":1}},"originalTimestamp":"2026-11-22T00:39:30.631Z","sentAt":"2026-11-22T00:39:30.640Z","channel":"server","messageId":"m"}],"timestamp":"2026-11-22T00:39:30.640Z","sentAt":"2026-11-22T00:39:30.640Z"}"#)]
#[case::python("/v1/batch", r#"{"batch":[{"type":"track","event":"A","userId":"u1","anonymousId":null,"timestamp":"2026-11-22T00:39:10.743+00:00","integrations":{},"messageId":"m"}],"sentAt":"2026-11-22T00:39:30.443+00:00","writeKey":"k"}"#)]
#[case::rudder_python("/v1/batch", r#"{"batch":[{"type":"identify","userId":"u1","context":{"traits":{"plan":"pro"}},"timestamp":"2026-11-22T00:39:14+00:00","integrations":{"All":true},"channel":"server","messageId":"m"}],"sentAt":"2026-11-22T00:39:14.014235+00:00"}"#)]
#[case::jitsu("/v1/page", r#"{"type":"page","userId":null,"anonymousId":"a1","properties":{"name":"Home"},"context":{"library":{"name":"@jitsu/js","version":"1.11.0"},"clientIds":{}},"writeKey":"known:***","timestamp":"2026-11-22T00:39:30.516Z","sentAt":"2026-11-22T00:39:30.516Z","messageId":"1a2b3c4d5e6f7g8h9i0j"}"#)]
#[case::browser("/v1/t", r#"{"timestamp":"2026-11-22T00:39:30.666Z","integrations":{},"type":"track","event":"A","properties":{},"context":{"page":{"path":"/","url":"https://e.com/"},"userAgent":"M","locale":"es","timezone":"Europe/Madrid"},"userId":null,"anonymousId":"a1","writeKey":"k","sentAt":"2026-11-22T00:39:30.667Z","messageId":"ajs-next-1795307970666-1"}"#)]
#[case::browser_batch("/v1/b", r#"{"batch":[{"type":"page","anonymousId":"a1","messageId":"m"}],"sentAt":"2026-11-22T00:39:30.667Z","writeKey":"k"}"#)]
#[case::rudder_browser("/v1/track", r#"{"type":"track","event":"A","userId":"","anonymousId":"a1","channel":"web","originalTimestamp":"2026-11-22T00:39:30.644Z","sentAt":"2026-11-22T00:39:30.644Z","context":{"sessionId":1,"traits":{}},"messageId":"m"}"#)]
#[tokio::test]
async fn every_client_is_understood(#[case] path: &str, #[case] body: &'static str) {
    let program = Program::default();
    let reply = post_body(&program, path, body).await;
    assert_eq!(reply.status, 200, "{}", reply.json);
    assert_eq!(statuses(&reply), ["ACCEPTED"]);
    let recorded = program.recorded();
    let Content::Touchpoint(touchpoint) = &recorded[0].content else {
        panic!("refused")
    };
    assert!(
        touchpoint
            .claims
            .iter()
            .all(|claim| !claim.value.is_empty())
    );
    assert_eq!(
        touchpoint.claims.len(),
        1,
        "neither null nor an empty text is an id"
    );
}

#[rstest]
#[case("identify")]
#[case("track")]
#[case("page")]
#[case("screen")]
#[case("group")]
#[case("alias")]
#[case("i")]
#[case("t")]
#[case("p")]
#[case("s")]
#[case("g")]
#[case("a")]
#[tokio::test]
async fn each_call_has_its_path_with_and_without_a_slash(#[case] call: &str) {
    let body = r#"{"userId":"u","event":"A","groupId":"g","previousId":"p"}"#;
    for path in [format!("/v1/{call}"), format!("/v1/{call}/")] {
        let program = Program::default();
        let reply = post_body(&program, &path, body).await;
        assert_eq!(
            (reply.status, statuses(&reply)),
            (StatusCode::OK, vec!["ACCEPTED"])
        );
        let Content::Touchpoint(touchpoint) = &program.recorded()[0].content else {
            panic!("refused")
        };
        let kind = touchpoint.kind.as_str().to_lowercase();
        assert!(kind == call || (call.len() == 1 && kind.starts_with(call)));
    }
}

#[rstest]
#[tokio::test]
async fn each_call_of_jitsu_has_its_path(
    #[values("/api/s", "/api/s/s2s")] prefix: &str,
    #[values("identify", "track", "page", "screen", "group", "alias")] call: &str,
    #[values("", "/")] slash: &str,
) {
    let body = r#"{"userId":"u","event":"A","groupId":"g","previousId":"p","properties":{"name":"Home"},"writeKey":"known:***"}"#;
    let program = Program::default();
    let request = post_to(&format!("{prefix}/{call}{slash}"))
        .header("x-write-key", format!("{KEY}:secret"))
        .body(Body::from(body))
        .unwrap();
    let reply = send(&program, request).await;
    assert_eq!(reply.status, 200, "{}", reply.json);
    assert_eq!(statuses(&reply), ["ACCEPTED"]);
    let Content::Touchpoint(touchpoint) = &program.recorded()[0].content else {
        panic!("refused")
    };
    assert_eq!(touchpoint.kind.as_str().to_lowercase(), call);
    assert_eq!(
        touchpoint.name == "Home",
        ["page", "screen"].contains(&call)
    );
}

#[rstest]
#[case::flat("track?writeKey=lazo_src_known&userId=u&event=Email+Opened", 1)]
#[case::key_in_data(
    "track?data=eyJ1c2VySWQiOiJ1IiwiZXZlbnQiOiJFbWFpbCBPcGVuZWQiLCJ3cml0ZUtleSI6Imxhem9fc3JjX2tub3duIn0=",
    1
)]
#[case::key_beside_data(
    "track/?data=eyJ1c2VySWQiOiJ1IiwiZXZlbnQiOiJFbWFpbCBPcGVuZWQifQ&writeKey=lazo_src_known",
    1
)]
#[case::unknown_key("track?writeKey=lazo_src_unknown&userId=u&event=A", 0)]
#[case::no_key("track?userId=u&event=A", 0)]
#[case::unknown_call("open?writeKey=lazo_src_known&userId=u&event=A", 0)]
#[case::no_base64("track?writeKey=lazo_src_known&data=%00", 0)]
#[case::no_json("track?writeKey=lazo_src_known&data=AAAA", 0)]
#[case::nothing("track", 0)]
#[tokio::test]
async fn a_pixel_is_an_image_whatever_becomes_of_its_touchpoint(
    #[case] address: &str,
    #[case] recorded: usize,
) {
    for method in [Method::HEAD, Method::GET] {
        let program = Program::default();
        let request = axum::http::Request::builder()
            .method(&method)
            .uri(format!("/v1/pixel/{address}"));
        let reply = send(&program, request.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.headers["content-type"], "image/gif");
        assert_eq!(reply.headers["cache-control"], "no-store");
        let expected = if method == Method::GET { recorded } else { 0 };
        assert_eq!(program.recorded().len(), expected, "{method} {address}");
    }
}

#[tokio::test]
async fn a_pixel_that_cannot_be_used_waits_in_quarantine() {
    let program = Program::default();
    let request = axum::http::Request::get("/v1/pixel/track?writeKey=lazo_src_known&userId=u");
    let reply = send(&program, request.body(Body::empty()).unwrap()).await;
    assert_eq!(reply.status, 200);
    let recorded = program.recorded();
    let Content::Refused { refusal, .. } = &recorded[0].content else {
        panic!("taken without a name")
    };
    assert_eq!(refusal.code.as_str(), "MISSING_EVENT");
    assert_eq!(recorded[0].raw, br#"{"userId":"u"}"#, "without the key");
}

#[tokio::test]
async fn metrics_of_browsers_are_dropped() {
    let request = post_to("/v1/m")
        .body(Body::from(r#"{"series":[]}"#))
        .unwrap();
    let reply = send(&Program::default(), request).await;
    assert_eq!(
        (reply.status, reply.json),
        (StatusCode::OK, json!({"success": true, "items": []}))
    );
}

#[rstest]
#[case("authorization,x-retry-count")]
#[case("content-type,x-write-key,x-ip-policy,x-enable-debug")]
#[case("anonymousid,authorization,content-type,sentat")]
#[case(
    "anonymousid,authorization,content-type,rsa-recovered,rsa-retry-attempt,rsa-retry-reason,rsa-since-first-attempt,rsa-since-last-attempt,sentat"
)]
#[tokio::test]
async fn a_preflight_allows_what_clients_send(#[case] asked: &str) {
    for path in ["/v1/batch", "/v1/t/", "/v1/m"] {
        let request = axum::http::Request::options(path)
            .header("origin", "https://shop.example")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", asked);
        let reply = send(&Program::default(), request.body(Body::empty()).unwrap()).await;
        assert!(reply.status.is_success());
        let allowed = reply.headers["access-control-allow-headers"]
            .to_str()
            .unwrap();
        assert!(
            asked
                .split(',')
                .all(|name| allowed.split(',').any(|one| one.trim() == name))
        );
        assert!(
            reply.headers["access-control-allow-methods"]
                .to_str()
                .unwrap()
                .contains("POST")
        );
        assert!(reply.headers.contains_key("access-control-max-age"));
    }
}

#[rstest]
#[case::segment("/v1/projects/KEY/settings")]
#[case::segment_with_a_slash("/v1/projects/KEY/settings/")]
#[case::rudderstack("/sourceConfig/?p=npm&v=3.34.1&writeKey=KEY")]
#[tokio::test]
async fn a_page_of_any_origin_learns_where_its_library_sends(#[case] path: &str) {
    let answer = async |key: &str| {
        let request = axum::http::Request::get(path.replace("KEY", key))
            .header("origin", "https://shop.example");
        send(&Program::default(), request.body(Body::empty()).unwrap()).await
    };
    let (known, unknown) = (answer("known").await, answer("unknown").await);
    assert_eq!(
        (known.status, unknown.status),
        (StatusCode::OK, StatusCode::OK)
    );
    assert_eq!(known.headers["access-control-allow-origin"], "*");
    let told = |reply: &Reply, key: &str| reply.json.to_string().replace(key, "KEY");
    assert_eq!(
        told(&known, "known"),
        told(&unknown, "unknown"),
        "it tells nobody which keys there are"
    );
}

#[rstest]
#[case("identify")]
#[case("track")]
#[case("page")]
#[case("group")]
#[tokio::test]
async fn jitsus_library_for_browsers_has_its_paths(#[case] call: &str) {
    let body = r#"{"userId":"u","event":"A","groupId":"g"}"#;
    let reply = post_body(&Program::default(), &format!("/api/s/{call}"), body).await;
    assert_eq!(
        (reply.status, statuses(&reply)),
        (StatusCode::OK, vec!["ACCEPTED"])
    );
}

#[tokio::test]
async fn each_item_is_answered_for_itself_and_in_order() {
    let deep = [
        b"{\"a\":".repeat(10_000),
        b"1".to_vec(),
        b"}".repeat(10_000),
    ]
    .concat();
    let items: [&[u8]; 6] = [
        br#"{"type":"track","event":"A","userId":"u","messageId":"good"}"#,
        b"{\"type\":\"track\",\"event\":\"\xFF\",\"userId\":\"u\",\"messageId\":\"bytes\"}",
        br#"{"type":"track","event":"A","userId":"u","messageId":"number","properties":{"n":1e400}}"#,
        &deep,
        br#"{"type":"track","event":"nul\u0000","userId":"u","messageId":"nul"}"#,
        br#"{"type":"track","event":"A","userId":"","messageId":"nobody"}"#,
    ];
    let body = [b"{\"batch\":[", items.join(&b","[..]).as_slice(), b"]}"].concat();
    let program = Program::default();
    let reply = post_body(&program, "/v1/batch", body).await;
    assert_eq!(reply.status, 200);
    let answer = |status: &str, code: Option<&str>, id: Option<&str>| {
        (
            status.to_owned(),
            code.map(str::to_owned),
            id.map(str::to_owned),
        )
    };
    let answers: Vec<_> = reply.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            answer(
                item["status"].as_str().unwrap(),
                item["code"].as_str(),
                item["messageId"].as_str(),
            )
        })
        .collect();
    let expected = [
        answer("ACCEPTED", None, Some("good")),
        answer("QUARANTINED", Some("INVALID_UTF8"), Some("bytes")),
        answer("QUARANTINED", Some("UNREADABLE"), Some("number")),
        answer("QUARANTINED", Some("EVENT_TOO_LARGE"), None),
        answer("ACCEPTED", None, Some("nul")),
        answer("QUARANTINED", Some("NO_IDENTIFIER"), Some("nobody")),
    ];
    assert_eq!(answers, expected);
    let first = json!({
        "messageId": "good",
        "status": "ACCEPTED",
        "touchpointId": "tpt_00000000000000000000000002",
        "profileId": "prf_00000000000000000000000003",
        "profileVersion": 4,
    });
    assert_eq!(reply.json["items"][0], first);
    let raw: Vec<Vec<u8>> = program
        .recorded()
        .into_iter()
        .map(|item| item.raw)
        .collect();
    assert_eq!(raw, items);
}

#[rstest]
#[case(0)]
#[case(2_500)]
#[tokio::test]
async fn a_batch_of_any_usual_size_is_taken_whole(#[case] count: usize) {
    let item = json!({"type": "track", "event": "A", "userId": "u"});
    let program = Program::default();
    let body = json!({"batch": vec![item; count]}).to_string();
    let reply = post_body(&program, "/v1/batch", body).await;
    assert_eq!(
        (reply.status, statuses(&reply).len()),
        (StatusCode::OK, count)
    );
    assert_eq!(program.recorded().len(), count);
}

#[tokio::test]
async fn items_of_a_test_source_are_answered_and_not_recorded() {
    let program = Program::default();
    let body =
        r#"{"batch":[{"type":"page","userId":"u"},{"type":"x"},1],"writeKey":"lazo_src_test"}"#;
    let reply = send(
        &program,
        post_to("/v1/batch").body(Body::from(body)).unwrap(),
    )
    .await;
    assert_eq!(statuses(&reply), ["ACCEPTED", "QUARANTINED", "REJECTED"]);
    assert_eq!(reply.json["items"][0]["code"], "TEST_SOURCE");
    assert!(reply.json["items"][0]["reason"].is_string());
    assert_eq!(reply.json["items"][1]["code"], "UNKNOWN_TYPE");
    assert!(program.recorded().is_empty());
}
