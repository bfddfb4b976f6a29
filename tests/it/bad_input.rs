//! Bad input has a defined answer, harms no neighbour, and nothing is dropped in silence.

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    segment::{Item, Reply, identify, track},
};
use rstest::rstest;
use serde_json::{Map, Value, json};

use crate::start;

const KILOBYTE: usize = 1024;
const MEGABYTE: usize = 1024 * KILOBYTE;

#[rstest]
#[case::empty(b"")]
#[case::cut_off(b"{\"batch\": [")]
#[case::no_json(b"event=Opened&userId=ada")]
#[case::no_object(b"[]")]
#[case::text(b"\"batch\"")]
#[case::batch_is_no_list(b"{\"batch\": 1}")]
#[case::no_batch(b"{}")]
#[tokio::test]
async fn an_unreadable_body_is_400(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] body: &[u8],
) {
    let server = start(engine).await;
    let backend = server.backend().await;

    let reply = backend
        .post_bytes("/v1/batch", "application/json", body.to_vec())
        .await;

    reply.refused(400);
}

#[rstest]
#[tokio::test]
async fn invalid_utf_8_is_never_taken_for_text(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let mut body =
        br#"{"batch":[{"type":"track","event":"Opened","userId":"ada","properties":{"name":""#
            .to_vec();
    body.extend([0xff, 0xfe]);
    body.extend(br#""}},{"type":"track","event":"Closed","userId":"ada"}]}"#);

    let outcomes = backend
        .post_bytes("/v1/batch", "application/json", body)
        .await
        .outcomes();

    assert_eq!(outcomes[0].status, "QUARANTINED");
    assert_eq!(outcomes[0].code.as_deref(), Some("INVALID_UTF8"));
    assert_eq!(outcomes[1].status, "ACCEPTED");
}

#[rstest]
#[case::gzip(b"this is no gzip".as_slice(), "gzip")]
#[case::another_encoding(b"{\"batch\":[]}".as_slice(), "br")]
#[tokio::test]
async fn a_body_that_does_not_unpack_is_refused(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] body: &[u8],
    #[case] encoding: &str,
) {
    let server = start(engine).await;
    let backend = server.backend().await;

    let request = backend
        .request("/v1/batch")
        .header("content-encoding", encoding)
        .body(body.to_vec());

    Reply::of(request)
        .await
        .refused(if encoding == "gzip" { 400 } else { 415 });
}

#[rstest]
#[tokio::test]
async fn an_unknown_key_is_401(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let body = json!({ "batch": [track("Opened").user("ada").0] });

    backend
        .with_key("unknown")
        .post("/v1/batch", &body)
        .await
        .refused(401);
    backend
        .with_key("")
        .post("/v1/batch", &body)
        .await
        .refused(401);
    let none = backend.request_without_key("/v1/batch").json(&body);
    Reply::of(none).await.refused(401);
    let swapped = backend.with_key(&backend.key().to_uppercase());
    swapped.post("/v1/batch", &body).await.refused(401);
}

#[rstest]
#[tokio::test]
async fn a_body_over_the_limit_is_413(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let body = json!({ "batch": [], "filler": "a".repeat(11 * MEGABYTE) });

    backend.post("/v1/batch", &body).await.refused(413);

    backend.accept(track("Opened").user("ada")).await;
}

#[rstest]
#[tokio::test]
async fn a_wrong_method_or_path_is_named_as_such(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let get = server.http().get(server.url("/v1/batch"));
    let nowhere = server.http().post(server.url("/v1/nowhere"));

    assert_eq!(Reply::of(get).await.status, 405);
    assert_eq!(Reply::of(nowhere).await.status, 404);
}

#[rstest]
#[case::number(json!(1), "REJECTED", "NOT_AN_OBJECT")]
#[case::text(json!("track"), "REJECTED", "NOT_AN_OBJECT")]
#[case::list(json!([]), "REJECTED", "NOT_AN_OBJECT")]
#[case::null(json!(null), "REJECTED", "NOT_AN_OBJECT")]
#[case::no_type(json!({ "userId": "ada" }), "QUARANTINED", "UNKNOWN_TYPE")]
#[case::unknown_type(json!({ "type": "dance", "userId": "ada" }), "QUARANTINED", "UNKNOWN_TYPE")]
#[case::type_is_a_number(json!({ "type": 7, "userId": "ada" }), "QUARANTINED", "UNKNOWN_TYPE")]
#[case::nobody(json!({ "type": "track", "event": "Opened" }), "QUARANTINED", "NO_IDENTIFIER")]
#[case::nobody_named(
    json!({ "type": "track", "event": "Opened", "userId": "", "anonymousId": null }),
    "QUARANTINED",
    "NO_IDENTIFIER"
)]
#[case::no_event(json!({ "type": "track", "userId": "ada" }), "QUARANTINED", "MISSING_EVENT")]
#[case::group_without_id(json!({ "type": "group", "userId": "ada" }), "QUARANTINED", "MISSING_GROUP")]
#[case::alias_of_nothing(json!({ "type": "alias", "userId": "ada" }), "QUARANTINED", "MISSING_PREVIOUS_ID")]
#[case::traits_are_a_list(
    json!({ "type": "identify", "userId": "ada", "traits": [] }),
    "QUARANTINED",
    "WRONG_TYPE"
)]
#[case::properties_are_a_text(
    json!({ "type": "track", "event": "Opened", "userId": "ada", "properties": "none" }),
    "QUARANTINED",
    "WRONG_TYPE"
)]
#[case::before_everything(
    json!({ "type": "track", "event": "Opened", "userId": "ada", "timestamp": "1970-01-01T00:00:00Z" }),
    "QUARANTINED",
    "TOO_EARLY"
)]
#[tokio::test]
async fn a_bad_item_is_answered_by_name_and_harms_no_neighbour(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] bad: Value,
    #[case] status: &str,
    #[case] code: &str,
) {
    let server = start(engine).await;
    let backend = server.backend().await;

    let outcomes = backend
        .batch(&[
            track("Before").user("berta"),
            Item(bad),
            track("After").user("berta"),
        ])
        .await;

    assert_eq!(outcomes[0].status, "ACCEPTED");
    assert_eq!(outcomes[1].status, status, "{:?}", outcomes[1]);
    assert_eq!(outcomes[1].code.as_deref(), Some(code), "{:?}", outcomes[1]);
    assert!(
        outcomes[1]
            .reason
            .as_ref()
            .is_some_and(|reason| !reason.is_empty())
    );
    assert_eq!(outcomes[1].touchpoint_id, None);
    assert_eq!(outcomes[2].status, "ACCEPTED");
    let berta = server.admin().await.customer("berta").await;
    assert_eq!(berta.story(), ["Before", "After"]);
}

#[rstest]
#[tokio::test]
async fn nul_in_a_text_becomes_a_replacement_character_and_the_answer_says_so(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;

    let outcome = backend
        .one(
            identify()
                .user("ada")
                .traits(json!({ "first\u{0}name": "A\u{0}da", "emoji": "👩‍🔬", "tab": "a\tb" })),
        )
        .await;

    assert_eq!(outcome.status, "ACCEPTED");
    assert_eq!(outcome.code.as_deref(), Some("TEXT_CLEANED"));
    let ada = server.admin().await.customer("ada").await;
    assert_eq!(ada.value("first\u{fffd}name"), json!("A\u{fffd}da"));
    assert_eq!(ada.value("emoji"), json!("👩‍🔬"));
    assert_eq!(ada.value("tab"), json!("a\tb"));
}

#[rstest]
#[tokio::test]
async fn an_unreadable_time_counts_as_none_and_the_answer_says_so(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;

    let outcome = backend
        .one(track("Opened").user("ada").at("yesterday"))
        .await;

    assert_eq!(outcome.status, "ACCEPTED");
    assert_eq!(outcome.code.as_deref(), Some("UNREADABLE_TIME"));
    let ada = server.admin().await.customer("ada").await;
    let touchpoint = &ada.timeline()[0];
    assert_eq!(touchpoint.occurred_at, touchpoint.received_at);
    assert_eq!(touchpoint.extra["timestamp"], "yesterday");
}

#[rstest]
#[tokio::test]
async fn a_lone_surrogate_is_never_stored_as_text(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let body = br#"{"batch":[{"type":"track","event":"A\ud800","userId":"ada"},{"type":"track","event":"B","userId":"ada"}]}"#;

    let outcomes = backend
        .post_bytes("/v1/batch", "application/json", body.to_vec())
        .await
        .outcomes();

    assert_eq!(outcomes[0].status, "QUARANTINED");
    assert_eq!(outcomes[1].status, "ACCEPTED");
}

#[rstest]
#[tokio::test]
async fn huge_numbers_arrive_or_are_answered_and_never_become_others(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let body = br#"{"batch":[
        {"type":"track","event":"Whole","userId":"ada","properties":{"n":9007199254740993,"m":-9223372036854775808}},
        {"type":"track","event":"Beyond","userId":"berta","properties":{"n":1e400}},
        {"type":"track","event":"Order Completed","userId":"carla","properties":{"order_id":"o1","revenue":1e30,"currency":"EUR"}},
        {"type":"track","event":"After","userId":"ada"}]}"#;

    let outcomes = backend
        .post_bytes("/v1/batch", "application/json", body.to_vec())
        .await
        .outcomes();

    assert_eq!(outcomes[0].status, "ACCEPTED");
    assert_eq!(
        outcomes[1].status, "QUARANTINED",
        "no number of JSON readers is that large"
    );
    assert_eq!(outcomes[2].status, "ACCEPTED");
    assert_eq!(outcomes[2].code.as_deref(), Some("AMOUNT_UNREADABLE"));
    assert_eq!(outcomes[3].status, "ACCEPTED");
    let ada = server.admin().await.customer("ada").await;
    let whole = ada
        .timeline()
        .iter()
        .find(|touchpoint| touchpoint.name == "Whole")
        .expect("the touchpoint");
    assert_eq!(
        whole.properties,
        json!({ "n": 9_007_199_254_740_993_i64, "m": i64::MIN })
    );
}

#[rstest]
#[tokio::test]
async fn an_item_over_32_kilobytes_is_kept_in_quarantine(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let large = |size: usize| {
        track("Opened")
            .user("ada")
            .properties(json!({ "text": "a".repeat(size) }))
    };

    let outcomes = backend
        .batch(&[large(30 * KILOBYTE), large(40 * KILOBYTE), large(10)])
        .await;

    assert_eq!(outcomes[0].status, "ACCEPTED");
    assert_eq!(outcomes[1].status, "QUARANTINED");
    assert_eq!(outcomes[1].code.as_deref(), Some("EVENT_TOO_LARGE"));
    assert_eq!(outcomes[2].status, "ACCEPTED");
}

#[rstest]
#[tokio::test]
async fn ten_thousand_properties_are_answered(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let many = |count: usize| -> Value {
        (0..count)
            .map(|number| (format!("p{number}"), json!(1)))
            .collect::<Map<_, _>>()
            .into()
    };

    let outcomes = backend
        .batch(&[
            track("Opened").user("ada").properties(many(1_000)),
            track("Opened").user("ada").properties(many(10_000)),
            identify().user("ada").traits(many(500)),
            identify().user("ada").traits(many(501)),
        ])
        .await;

    assert_eq!(outcomes[0].status, "ACCEPTED");
    assert_eq!(outcomes[1].status, "QUARANTINED");
    assert_eq!(outcomes[1].code.as_deref(), Some("EVENT_TOO_LARGE"));
    assert_eq!(outcomes[2].status, "ACCEPTED");
    assert_eq!(outcomes[3].status, "QUARANTINED");
    assert_eq!(outcomes[3].code.as_deref(), Some("TOO_MANY_TRAITS"));
}

#[rstest]
#[tokio::test]
async fn deep_nesting_within_an_item_is_answered(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let nested = |depth: usize| {
        format!(
            r#"{{"batch":[{{"type":"track","event":"Deep","userId":"ada","properties":{{"p":{}{}}}}},{{"type":"track","event":"After","userId":"ada"}}]}}"#,
            "[".repeat(depth),
            "]".repeat(depth)
        )
        .into_bytes()
    };

    let shallow = backend
        .post_bytes("/v1/batch", "application/json", nested(20))
        .await;
    let deep = backend
        .post_bytes("/v1/batch", "application/json", nested(12_000))
        .await;

    assert_eq!(shallow.outcomes()[0].status, "ACCEPTED");
    let outcomes = deep.outcomes();
    assert_eq!(outcomes[0].status, "QUARANTINED");
    assert_eq!(outcomes[1].status, "ACCEPTED");
}

#[rstest]
#[tokio::test]
async fn a_batch_of_2500_items_is_accepted_whole(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let items: Vec<Item> = (0..2_500)
        .map(|number| track("Opened").user(&format!("customer-{}", number % 100)))
        .collect();

    backend.accepted(&items).await;

    let one = server.admin().await.customer("customer-7").await;
    assert_eq!(one.summary.touchpoints, 25);
}

#[rstest]
#[tokio::test]
async fn a_batch_of_more_items_than_the_limit_is_refused_whole(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let items: Vec<Value> = (0..10_001).map(|_| json!({})).collect();

    backend
        .post("/v1/batch", &json!({ "batch": items }))
        .await
        .refused(413);
}

#[rstest]
#[tokio::test]
async fn an_empty_batch_is_a_success(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let backend = server.backend().await;

    assert_eq!(backend.batch(&[]).await, []);
}

#[rstest]
#[tokio::test]
async fn a_message_id_of_more_than_100_characters_is_answered(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;

    let outcomes = backend
        .batch(&[
            track("Opened").user("ada").message(&"ñ".repeat(100)),
            track("Opened").user("ada").message(&"m".repeat(101)),
        ])
        .await;

    assert_eq!(outcomes[0].status, "ACCEPTED");
    assert_eq!(outcomes[1].status, "QUARANTINED");
    assert_eq!(outcomes[1].code.as_deref(), Some("BAD_MESSAGE_ID"));
}

#[rstest]
#[tokio::test]
async fn text_that_looks_like_sql_is_text(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let admin = server.admin().await;
    let nasty = "'; DROP TABLE profile; -- \" ` $1 ?1 %s";

    backend
        .accepted(&[
            identify()
                .user(nasty)
                .traits(json!({ nasty: nasty, "__proto__": "x", "constructor": 1 })),
            track(nasty).user(nasty),
        ])
        .await;

    let found = admin.customer(nasty).await;
    assert_eq!(found.value(nasty), json!(nasty));
    assert_eq!(found.value("__proto__"), json!("x"));
    assert_eq!(found.timeline()[0].name, nasty);
}

#[rstest]
#[case::unknown_field("{ nothing }", "GRAPHQL_VALIDATION_FAILED")]
#[case::syntax("{ profiles(", "GRAPHQL_PARSE_FAILED")]
#[case::no_id("{ profile(by: { id: \"nonsense\" }) { id } }", "BAD_USER_INPUT")]
#[case::two_of_one_of(
    "{ profile(by: { email: \"a@example.com\", customerId: \"a\" }) { id } }",
    "GRAPHQL_VALIDATION_FAILED"
)]
#[case::a_page_too_long("{ profiles(first: 100000) { nodes { id } } }", "BAD_USER_INPUT")]
#[case::a_page_of_less_than_nothing("{ profiles(first: -1) { nodes { id } } }", "BAD_USER_INPUT")]
#[case::a_cursor_of_nothing(
    "{ profiles(first: 1, after: \"x\") { nodes { id } } }",
    "BAD_USER_INPUT"
)]
#[case::both_ends("{ profiles(first: 1, last: 1) { nodes { id } } }", "BAD_USER_INPUT")]
#[tokio::test]
async fn a_bad_query_is_refused_with_a_code_of_the_table(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] query: &str,
    #[case] code: &str,
) {
    let server = start(engine).await;

    server
        .admin()
        .await
        .send(query, json!({}))
        .await
        .refused(code);
}

#[rstest]
#[tokio::test]
async fn an_id_of_another_kind_is_no_profile(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    server.source("shop", "web", true).await;
    let admin = server.admin().await;
    let sources = admin
        .query("{ sources(first: 1) { nodes { id } } }", json!({}))
        .await;
    let source = &sources["sources"]["nodes"][0]["id"];

    admin
        .send(
            "query($id: ID!) { profile(by: { id: $id }) { id } }",
            json!({ "id": source }),
        )
        .await
        .refused("BAD_USER_INPUT");
}
