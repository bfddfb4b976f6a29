//! Requests made to hurt are answered at once, in linear time, and the server lives.

use std::{
    fmt::Write,
    time::{Duration, Instant},
};

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    TestServer,
    graphql::{Answer, Caller},
};
use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::start;

/// More than any of these requests may take, on a machine busy with other tests.
const AT_ONCE: Duration = Duration::from_secs(2);

async fn lives(server: &mut TestServer, caller: &Caller) {
    assert!(server.lives());
    caller.query("{ __typename }", json!({})).await;
}

fn nested(open: &str, close: &str, depth: usize) -> String {
    format!(
        "{{ profile(by: {{ email: {}{} }}) {{ id }} }}",
        open.repeat(depth),
        close.repeat(depth)
    )
}

/// Fragments of which each spreads the next one twice.
fn doubling(count: usize) -> String {
    let mut document = String::from("{ ...f0 }");
    for number in 0..count {
        let next = number + 1;
        write!(
            document,
            " fragment f{number} on Query {{ ...f{next} ...f{next} }}"
        )
        .expect("a text grows");
    }
    write!(document, " fragment f{count} on Query {{ __typename }}").expect("a text grows");
    document
}

fn aliases(field: &str, count: usize) -> String {
    let fields: Vec<String> = (0..count)
        .map(|number| format!("a{number}: {field}"))
        .collect();
    format!("{{ {} }}", fields.join(" "))
}

#[rstest]
#[case::lists(nested("[", "]", 1_600))]
#[case::objects(nested("{a:", "}", 1_500))]
#[case::unclosed(format!("{{ profile(by: {}", "[".repeat(3_000)))]
#[case::selections("{a".repeat(3_000))]
#[case::list_types(format!("query($a: {}Int{}) {{ __typename }}", "[".repeat(1_500), "]".repeat(1_500)))]
#[case::doubling_fragments(doubling(24))]
#[case::a_circle("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }".to_owned())]
#[case::aliases(aliases("__typename", 1_000))]
#[case::aliases_of_a_field(aliases("profiles(first: 100) { nodes { id } }", 200))]
#[case::directives(format!("{{ __typename {} }}", "@include(if: true) ".repeat(1_000)))]
#[case::unknown_directives(format!("{{ __typename {} }}", "@aa ".repeat(1_000)))]
#[case::operations("query a { __typename } ".repeat(500))]
#[case::commas(format!("{{ __typename {} }}", ",".repeat(60_000)))]
#[case::a_long_name(format!("{{ {} }}", "a".repeat(60_000)))]
#[case::a_quotation_mark_alone("{ profile(by: { email: \"".to_owned())]
#[case::a_block_string_alone("{ profile(by: { email: \"\"\" \\\"\"\" ".to_owned())]
#[tokio::test]
async fn a_document_made_to_hurt_is_refused_at_once(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] document: String,
) {
    let mut server = start(engine).await;
    let admin = server.admin().await;

    for caller in [
        admin.clone(),
        server.platform(None),
        server.storefront(None),
    ] {
        let started = Instant::now();
        let answer = caller.send(&document, json!({})).await;
        let took = started.elapsed();

        assert!(took < AT_ONCE, "it took {took:?}");
        assert!(
            !answer.codes().is_empty(),
            "{} {:#}",
            answer.status,
            answer.body
        );
        assert!(answer.body["data"].is_null());
    }
    lives(&mut server, &admin).await;
}

#[rstest]
#[tokio::test]
async fn deep_variables_are_refused_and_the_server_lives(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let mut server = start(engine).await;
    let admin = server.admin().await;
    let body = format!(
        r#"{{"query":"{{ __typename }}","variables":{{"a":{}{}}}}}"#,
        "[".repeat(20_000),
        "]".repeat(20_000)
    );

    let request = admin
        .request(Method::POST)
        .header("content-type", "application/json")
        .body(body);

    assert_eq!(Answer::of(request).await.status, 400);
    lives(&mut server, &admin).await;
}

#[rstest]
#[tokio::test]
async fn a_batch_of_requests_is_refused(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let admin = server.admin().await;
    let one = json!({ "query": "{ __typename }" });

    let answer = Answer::of(admin.request(Method::POST).json(&json!([one, one]))).await;

    assert_eq!(answer.status, 400);
    assert_eq!(answer.codes().len(), 1);
}

#[rstest]
#[case::none(None)]
#[case::text(Some("text/plain"))]
#[case::form(Some("application/x-www-form-urlencoded"))]
#[case::multipart(Some("multipart/form-data; boundary=x"))]
#[case::another_charset(Some("application/json; charset=utf-16"))]
#[tokio::test]
async fn a_foreign_content_type_is_415(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] content_type: Option<&str>,
) {
    let server = start(engine).await;
    let admin = server.admin().await;
    let mut request = admin
        .request(Method::POST)
        .body(r#"{"query":"{ __typename }"}"#);
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }

    assert_eq!(Answer::of(request).await.status, 415);
}

#[rstest]
#[tokio::test]
async fn a_query_may_come_by_get_and_a_mutation_never(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let admin = server.admin().await;
    let mutation =
        "mutation { sourceCreate(input: { name: \"x\", channel: WEB }) { source { id } } }";

    let query = admin.by_get("{ __typename }");
    let change = admin.by_get(mutation);
    let put = admin
        .request(Method::PUT)
        .json(&json!({ "query": "{ __typename }" }));

    assert_eq!(Answer::of(query).await.data()["__typename"], "Query");
    assert_eq!(Answer::of(change).await.status, 405);
    let put = Answer::of(put).await;
    assert_eq!(put.status, 405);
    assert!(put.headers.contains_key("allow"));
    let sources = admin
        .query("{ sources(first: 10) { nodes { id } } }", json!({}))
        .await;
    assert_eq!(
        sources["sources"]["nodes"],
        json!([]),
        "nothing was changed"
    );
}

#[rstest]
#[tokio::test]
async fn a_body_of_ten_megabytes_is_413_at_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let mut server = start(engine).await;
    let admin = server.admin().await;
    let body = json!({ "query": format!("{{ __typename }} # {}", "x".repeat(10 * 1024 * 1024)) });

    let started = Instant::now();
    let response = admin.request(Method::POST).json(&body).send().await;
    let took = started.elapsed();

    // A server may answer and close before it has read what it refuses.
    if let Ok(response) = response {
        assert_eq!(response.status(), 413);
    }
    assert!(took < AT_ONCE, "it took {took:?}");
    lives(&mut server, &admin).await;
}

#[rstest]
#[case::error_in_the_new_type(
    "application/graphql-response+json",
    "{ nothing }",
    400,
    "application/graphql-response+json"
)]
#[case::data_in_the_new_type(
    "application/graphql-response+json",
    "{ __typename }",
    200,
    "application/graphql-response+json"
)]
#[case::error_in_the_old_type("application/json", "{ nothing }", 200, "application/json")]
#[case::error_in_any_type("*/*", "{ nothing }", 200, "application/json")]
#[tokio::test]
async fn the_status_follows_the_specification_of_graphql_over_http(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] accept: &str,
    #[case] query: &str,
    #[case] status: u16,
    #[case] content_type: &str,
) {
    let server = start(engine).await;
    let admin = server.admin().await;

    let request = admin
        .request(Method::POST)
        .header("accept", accept)
        .json(&json!({ "query": query }));
    let answer = Answer::of(request).await;

    assert_eq!(answer.status.as_u16(), status);
    let given = answer.headers["content-type"].to_str().expect("text");
    assert!(given.starts_with(content_type), "{given}");
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    assert_eq!(answer.headers["cache-control"], "no-store");
}

#[rstest]
#[tokio::test]
async fn errors_show_nothing_of_the_inside(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let admin = server.admin().await;

    for query in [
        "{ profiles(",
        "{ profil }",
        "query($a: Nothing) { __typename }",
        "{ profile(by: 1) { id } }",
    ] {
        let text = admin
            .send(query, json!({}))
            .await
            .body
            .to_string()
            .to_lowercase();
        for word in [
            "panicked",
            "pest",
            "positives",
            "sqlx",
            "sqlite",
            "postgres",
            ".rs:",
        ] {
            assert!(!text.contains(word), "{query}: {text}");
        }
    }
}

/// The shortest of several times, which other work on the machine disturbs least.
async fn shortest(caller: &Caller, document: &str) -> Duration {
    let mut shortest = Duration::MAX;
    for _ in 0..9 {
        let started = Instant::now();
        caller.send(document, json!({})).await;
        shortest = shortest.min(started.elapsed());
    }
    shortest
}

#[rstest]
#[case::brackets(|size| "[".repeat(size * 1_000))]
#[case::pairs_of_brackets(|size| format!("{{ a(b: [{}]) }}", "[]".repeat(size * 500)))]
#[case::commas(|size| ",".repeat(size * 1_000))]
#[case::comments(|size| "#\n".repeat(size * 500))]
#[case::names(|size| "a ".repeat(size * 500))]
#[case::quotation_marks(|size| "\"".repeat(size * 1_000))]
#[case::spreads(|size| format!("{{ {} }}", "...f ".repeat(size * 200)))]
#[case::fragments(|size| doubling(size * 2 / 3))]
#[tokio::test]
async fn twice_the_input_takes_less_than_two_and_a_half_times_as_long(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] document: fn(usize) -> String,
) {
    let server = start(engine).await;
    let caller = server.admin().await;

    let once = shortest(&caller, &document(40)).await;
    let twice = shortest(&caller, &document(80)).await;

    // What an empty request costs would hide a bad ratio of short times and excuse none of long ones.
    let noise = Duration::from_millis(3);
    assert!(
        twice.as_secs_f64() < 2.5 * once.as_secs_f64() + noise.as_secs_f64(),
        "{once:?}, then {twice:?}"
    );
}
