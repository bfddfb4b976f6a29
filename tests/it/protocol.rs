//! The Segment protocol, in every form in which the clients of the field speak it.

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    segment::{Item, Reply, gzip, identify, track},
};
use reqwest::Url;
use rstest::rstest;
use serde_json::{Value, json};

use crate::start;

#[rstest]
#[case::plain("application/json")]
#[case::charset("application/json;charset=UTF-8")]
#[case::browser("text/plain")]
#[case::form("application/x-www-form-urlencoded")]
#[tokio::test]
async fn a_body_is_read_as_json_whatever_its_content_type_and_encoding(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] content_type: &str,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let body = |item: Item| serde_json::to_vec(&json!({ "batch": [item.0] })).expect("JSON");

    let plain = backend
        .post_bytes("/v1/batch", content_type, body(track("Opened").user("ada")))
        .await;
    let packed = backend
        .post_gzip(
            "/v1/batch",
            content_type,
            &body(track("Closed").user("ada")),
        )
        .await;

    assert_eq!(plain.outcomes()[0].status, "ACCEPTED");
    assert_eq!(packed.outcomes()[0].status, "ACCEPTED");
}

#[rstest]
#[tokio::test]
async fn every_path_of_the_protocol_takes_its_kind_with_and_without_a_slash(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let calls = [
        ("identify", "i", json!({ "traits": { "plan": "gold" } })),
        ("track", "t", json!({ "event": "Opened" })),
        ("page", "p", json!({ "name": "Home" })),
        ("screen", "s", json!({ "name": "Main" })),
        ("group", "g", json!({ "groupId": "club" })),
        ("alias", "a", json!({ "previousId": "former" })),
    ];

    for (long, short, fields) in &calls {
        for path in [
            format!("/v1/{long}"),
            format!("/v1/{long}/"),
            format!("/v1/{short}"),
        ] {
            let mut body = fields.clone();
            body["userId"] = json!("ada");
            let outcomes = backend.post(&path, &body).await.outcomes();
            assert_eq!(outcomes.len(), 1, "{path}");
            assert_eq!(outcomes[0].status, "ACCEPTED", "{path}");
        }
    }
    for path in ["/v1/batch/", "/v1/b"] {
        let body = json!({ "batch": [track("Opened").user("ada").0] });
        assert_eq!(
            backend.post(path, &body).await.outcomes()[0].status,
            "ACCEPTED"
        );
    }

    let ada = server.admin().await.customer("ada").await;
    let kinds: Vec<String> = ada
        .timeline()
        .iter()
        .map(|touchpoint| touchpoint.kind.to_lowercase())
        .collect();
    for (long, ..) in &calls {
        let count = kinds.iter().filter(|kind| kind == long).count();
        assert_eq!(count, if *long == "track" { 5 } else { 3 }, "{long}");
    }
}

#[rstest]
#[tokio::test]
async fn the_key_is_taken_from_the_header_and_else_from_the_body(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let body = |key: &str| json!({ "writeKey": key, "batch": [track("Opened").user("ada").0] });
    let ok = |reply: Reply| assert_eq!(reply.status, 200, "{:#}", reply.body);

    ok(backend.post("/v1/batch", &body("masked:***")).await);
    let plain = backend.request_without_key("/v1/batch");
    ok(Reply::of(plain.json(&body(backend.key()))).await);
    let header = backend.request_without_key("/v1/batch");
    ok(Reply::of(
        header
            .header("x-write-key", backend.key())
            .json(&body("masked")),
    )
    .await);
    let bearer = backend.request_without_key("/v1/batch");
    ok(Reply::of(bearer.bearer_auth("issued").json(&body(backend.key()))).await);
    let user_only = backend.request_without_key("/v1/batch");
    ok(Reply::of(
        user_only
            .basic_auth(backend.key(), None::<&str>)
            .json(&body("masked")),
    )
    .await);
}

#[rstest]
#[tokio::test]
async fn a_browser_may_call_from_another_origin_and_reads_errors_too(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let browser = server.browser().await;
    let preflight = server
        .http()
        .request(reqwest::Method::OPTIONS, server.url("/v1/t"))
        .header("origin", "https://shop.example")
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "authorization,x-retry-count",
        )
        .send()
        .await
        .expect("an answer");
    let refused = browser
        .request("/v1/batch")
        .header("origin", "https://shop.example")
        .body("{")
        .send()
        .await
        .expect("an answer");

    assert!(preflight.status().is_success());
    let allowed = preflight.headers()["access-control-allow-headers"]
        .to_str()
        .expect("text")
        .to_lowercase();
    assert!(allowed.contains("authorization") && allowed.contains("x-retry-count"));
    assert!(
        preflight
            .headers()
            .contains_key("access-control-allow-origin")
    );
    assert_eq!(refused.status(), 400);
    assert!(
        refused
            .headers()
            .contains_key("access-control-allow-origin")
    );
}

#[tokio::test]
async fn a_page_with_a_wrong_path_reads_that_there_is_nothing() {
    let server = start(Sqlite).await;
    let at = |method: reqwest::Method| {
        let request = server.http().request(method, server.url("/v2/t"));
        request.header("origin", "https://shop.example")
    };

    let preflight = at(reqwest::Method::OPTIONS)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization")
        .send()
        .await
        .expect("an answer");
    let refused = at(reqwest::Method::POST)
        .body("{}")
        .send()
        .await
        .expect("an answer");

    assert!(preflight.status().is_success());
    assert!(
        preflight
            .headers()
            .contains_key("access-control-allow-headers")
    );
    assert_eq!(refused.status(), 404);
    assert_eq!(refused.headers()["access-control-allow-origin"], "*");
}

#[rstest]
#[tokio::test]
async fn the_context_of_a_batch_reaches_each_of_its_items(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let own = track("Opened")
        .user("ada")
        .with("context", json!({ "locale": "ca-ES" }));

    backend
        .post(
            "/v1/batch",
            &json!({ "context": { "locale": "es-ES", "app": "shop" }, "batch": [own.0] }),
        )
        .await
        .outcomes();

    let ada = server.admin().await.customer("ada").await;
    assert_eq!(ada.timeline()[0].context["locale"], "ca-ES");
    assert_eq!(ada.timeline()[0].context["app"], "shop");
}

#[rstest]
#[tokio::test]
async fn the_traits_of_an_identify_may_come_in_its_context_and_a_track_sets_none(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;

    backend
        .accepted(&[
            identify()
                .user("ada")
                .with("context", json!({ "traits": { "plan": "gold" } })),
            track("Opened")
                .user("ada")
                .with("context", json!({ "traits": { "plan": "tin" } })),
        ])
        .await;

    let ada = server.admin().await.customer("ada").await;
    assert_eq!(ada.value("plan"), json!("gold"));
}

#[rstest]
#[tokio::test]
async fn metrics_of_the_browser_library_are_answered_and_dropped(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let browser = server.browser().await;

    let metrics = browser
        .request_without_key("/v1/m")
        .header("content-type", "text/plain")
        .body(r#"{"series":[]}"#)
        .send()
        .await
        .expect("an answer");
    let settings: Value = server
        .http()
        .get(server.url(&format!("/v1/projects/{}/settings", browser.key())))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");

    assert_eq!(metrics.status(), 200);
    assert_eq!(
        settings["integrations"]["Segment.io"]["apiKey"],
        browser.key()
    );
    assert_eq!(settings["metrics"]["sampleRate"], 0);
}

#[rstest]
#[tokio::test]
async fn a_compressed_body_that_swells_beyond_the_limit_is_refused(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let swollen = format!(
        "{{\"batch\":[],\"filler\":\"{}\"}}",
        "a".repeat(64 * 1024 * 1024)
    );
    assert!(gzip(swollen.as_bytes()).len() < 1024 * 1024);

    let reply = backend
        .post_gzip("/v1/batch", "application/json", swollen.as_bytes())
        .await;

    reply.refused(413);
}

#[rstest]
#[tokio::test]
async fn jitsus_paths_take_their_kind_and_a_key_with_a_secret(
    #[values("/api/s", "/api/s/s2s")] prefix: &str,
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let key = format!("{}:secret", backend.key());

    for (call, fields) in [
        ("identify", json!({ "traits": { "plan": "gold" } })),
        ("page", json!({ "properties": { "name": "Home" } })),
        ("track", json!({ "event": "Opened" })),
        ("group", json!({ "groupId": "club" })),
    ] {
        let mut body = fields;
        body["userId"] = json!("ada");
        body["writeKey"] = json!("masked:***");
        let request = backend
            .request_without_key(&format!("{prefix}/{call}"))
            .header("x-write-key", &key)
            .json(&body);
        assert_eq!(Reply::of(request).await.outcomes()[0].status, "ACCEPTED");
    }

    let ada = server.admin().await.customer("ada").await;
    let mut story = ada.story();
    story.sort_unstable();
    assert_eq!(story, ["Group", "Home", "Identify", "Opened"]);
    assert_eq!(ada.value("plan"), json!("gold"));
}

#[rstest]
#[tokio::test]
async fn an_opened_email_asks_for_an_image_and_is_a_touchpoint_of_its_reader(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    backend.accept(identify().user("ada")).await;
    // {"userId":"ada","event":"Email Opened"}
    let item = "eyJ1c2VySWQiOiJhZGEiLCJldmVudCI6IkVtYWlsIE9wZW5lZCJ9";
    let fields = [
        ("userId", "ada"),
        ("event", "Email Opened"),
        ("properties.email_id", "7"),
        ("writeKey", backend.key()),
    ];
    let data = [("data", item), ("writeKey", backend.key())];
    let unknown = [("userId", "ada"), ("event", "A"), ("writeKey", "unknown")];

    for parameters in [fields.as_slice(), &data, &unknown, &[]] {
        let url = Url::parse_with_params(&server.url("/v1/pixel/track"), parameters);
        let request = server.http().get(url.expect("an address"));
        let answer = request.send().await.expect("the server answers");
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "image/gif");
        let image = answer.bytes().await.expect("an image");
        assert!(image.starts_with(b"GIF89a"));
    }

    let ada = server.admin().await.customer("ada").await;
    assert_eq!(ada.story(), ["Identify", "Email Opened", "Email Opened"]);
    let by_fields = ada
        .timeline()
        .iter()
        .find(|touchpoint| touchpoint.properties == json!({ "email_id": "7" }))
        .expect("the fields are properties");
    assert_eq!(by_fields.channel, "EMAIL");
}
