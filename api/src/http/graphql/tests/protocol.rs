//! GraphQL over HTTP: methods, media types, statuses, headers.

use rstest::rstest;

use super::*;

#[tokio::test]
async fn a_query_is_answered_with_its_cost_and_never_stored() {
    let answer = ask("{ me { ...a ...a } } fragment a on Profile { id friend { id } }").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.json(),
        serde_json::json!({
            "data": { "me": { "id": 1, "friend": { "id": 2 } } },
            "extensions": { "cost": { "requestedQueryCost": 7 } },
        })
    );
    assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(
        answer.header(header::CONTENT_TYPE),
        "application/json; charset=utf-8"
    );
}

#[tokio::test]
async fn resolvers_find_the_data_of_their_request() {
    assert_eq!(
        ask("{ caller }").await.json()["data"]["caller"],
        "the caller"
    );
}

#[tokio::test]
async fn the_same_document_is_answered_again_from_the_cache() {
    let router = router(Limits::default());
    for _ in 0..2 {
        let answer = send_to(router.clone(), asking("{ me { id } }")).await;
        assert_eq!(answer.json()["data"]["me"]["id"], 1);
    }
}

#[tokio::test]
async fn a_query_may_use_get() {
    let query =
        "query a($f: ProfilePatch) { search(filter: $f) } mutation b { profileUpdate(input: {}) }";
    let variables = r#"{"f": {"inner": {}}}"#;
    let answer = get(&[
        ("query", query),
        ("operationName", "a"),
        ("variables", variables),
    ])
    .await;
    assert_eq!(
        (answer.status, answer.json()["data"]["search"].as_bool()),
        (StatusCode::OK, Some(true))
    );
}

#[rstest]
#[case("mutation { profileUpdate(input: {}) }", "")]
#[case("query a { me { id } } mutation b { profileUpdate(input: {}) }", "b")]
#[case("subscription { a }", "")]
#[tokio::test]
async fn a_mutation_by_get_is_refused(#[case] query: &str, #[case] name: &str) {
    let answer = get(&[("query", query), ("operationName", name)]).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header(header::ALLOW)),
        (405, "POST")
    );
    assert_eq!(answer.code(), "METHOD_NOT_ALLOWED");
}

#[rstest]
#[case("PUT")]
#[case("DELETE")]
#[case("OPTIONS")]
#[case("HEAD")]
#[case("PATCH")]
#[tokio::test]
async fn other_methods_are_refused(#[case] method: &str) {
    let request = Request::builder()
        .method(method)
        .uri("/graphql")
        .body(Body::empty())
        .unwrap();
    let answer = send(request).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header(header::ALLOW)),
        (405, "GET, POST")
    );
}

#[rstest]
#[case(Some("text/plain"))]
#[case(Some("application/x-www-form-urlencoded"))]
#[case(Some("multipart/form-data; boundary=x"))]
#[case(Some("application/graphql"))]
#[case(Some("application/json; charset=latin1"))]
#[case(None)]
#[tokio::test]
async fn a_foreign_content_type_is_refused(#[case] content_type: Option<&str>) {
    let mut request = asking("{ me { id } }");
    request.headers_mut().remove(header::CONTENT_TYPE);
    if let Some(content_type) = content_type {
        request
            .headers_mut()
            .insert(header::CONTENT_TYPE, content_type.parse().unwrap());
    }
    let answer = send(request).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (415, "UNSUPPORTED_MEDIA_TYPE")
    );
}

#[tokio::test]
async fn a_compressed_body_is_refused() {
    let mut request = asking("{ me { id } }");
    request
        .headers_mut()
        .insert(header::CONTENT_ENCODING, "gzip".parse().unwrap());
    assert_eq!(send(request).await.status.as_u16(), 415);
}

#[rstest]
#[case(r#"[{"query":"{ me { id } }"},{"query":"{ me { id } }"}]"#)]
#[case(r#"["{ me { id } }",null,null,null]"#)]
#[case(r#"{"operationName":"a"}"#)]
#[case("{")]
#[tokio::test]
async fn a_batch_or_any_other_body_is_a_bad_request(#[case] body: &'static str) {
    let answer = send(post(body)).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (400, "BAD_REQUEST")
    );
}

#[rstest]
#[case::data("{ me { id } }", "", 200, 200)]
#[case::null_data("{ leak }", "INTERNAL_SERVER_ERROR", 200, 200)]
#[case::partial("{ forbidden me { id } }", "FORBIDDEN", 200, 200)]
#[case::syntax("{ me { id }", "GRAPHQL_PARSE_FAILED", 200, 400)]
#[case::two_anonymous("{ me { id } } { me { id } }", "GRAPHQL_PARSE_FAILED", 200, 400)]
#[case::empty("", "GRAPHQL_PARSE_FAILED", 200, 400)]
#[case::unknown_field("{ nothing }", "GRAPHQL_VALIDATION_FAILED", 200, 400)]
#[case::undefined_fragment("{ ...a }", "GRAPHQL_VALIDATION_FAILED", 200, 400)]
#[case::no_operation_name(
    "query a { caller } query b { caller }",
    "GRAPHQL_VALIDATION_FAILED",
    200,
    400
)]
#[case::subscription("subscription { a }", "GRAPHQL_VALIDATION_FAILED", 200, 400)]
#[case::too_complex(
    "{ me { friend { friend { friend { friend { friend { friend { friend { friend \
    { friend { friend { friend { id } } } } } } } } } } } } }",
    "QUERY_TOO_COMPLEX",
    200,
    400
)]
#[case::unavailable("{ unavailable }", "UNAVAILABLE", 503, 503)]
#[case::throttled("{ throttled }", "THROTTLED", 429, 429)]
#[case::partly_unavailable("{ me { unavailable } }", "UNAVAILABLE", 200, 200)]
#[tokio::test]
async fn the_status_follows_the_media_type(
    #[case] query: &str,
    #[case] code: &str,
    #[case] json: u16,
    #[case] graphql_response: u16,
) {
    for (accept, status) in [
        (JSON, json),
        ("*/*", json),
        (GRAPHQL_RESPONSE, graphql_response),
    ] {
        let answer = ask_accepting(accept, query).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (status, code),
            "{accept}"
        );
        let media_type = if accept == GRAPHQL_RESPONSE {
            GRAPHQL_RESPONSE
        } else {
            JSON
        };
        assert!(answer.header(header::CONTENT_TYPE).starts_with(media_type));
        let refused = matches!(graphql_response, 400);
        assert_eq!(
            answer.json().get("data").is_none(),
            refused,
            "data is absent on request errors"
        );
    }
}

#[tokio::test]
async fn a_nullable_field_that_fails_leaves_its_neighbours_alone() {
    let answer = ask("{ forbidden me { unavailable id } }").await.json();
    assert_eq!(
        answer["data"],
        serde_json::json!({ "forbidden": null, "me": { "unavailable": null, "id": 1 } })
    );
    assert_eq!(answer["errors"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_client_that_should_come_back_is_told_when() {
    let answer = ask("{ unavailable }").await;
    assert_eq!(answer.header(header::RETRY_AFTER), "2");
    assert_eq!(answer.json()["errors"][0]["extensions"]["retryAfter"], 2);
    assert_eq!(ask("{ throttled }").await.header(header::RETRY_AFTER), "2");
    assert_eq!(
        ask("{ me { unavailable } }")
            .await
            .header(header::RETRY_AFTER),
        ""
    );
}

#[tokio::test]
async fn an_omitted_variable_in_a_patch_is_undefined_and_not_null() {
    let query = "mutation ($e: String, $n: String) { profileUpdate(input: {email: $e, name: $n}) }";
    for (variables, told) in [
        (serde_json::json!({ "n": "Ana" }), "undefined Ana"),
        (serde_json::json!({ "n": null }), "undefined null"),
        (serde_json::json!({}), "undefined undefined"),
    ] {
        let body = serde_json::json!({ "query": query, "variables": variables });
        assert_eq!(
            send(post(body.to_string())).await.json()["data"]["profileUpdate"],
            told
        );
    }
}
