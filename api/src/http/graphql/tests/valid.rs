//! A document that was found valid is not validated again, and nobody can tell.

use rstest::rstest;
use serde_json::json;

use super::*;

async fn asked(router: &Router, body: &serde_json::Value) -> (StatusCode, String) {
    let answer = send_to(router.clone(), post(body.to_string())).await;
    (answer.status, answer.text)
}

#[rstest]
#[case::an_object("query($v: ProfilePatch) { search(filter: $v) }", json!({ "inner": {} }), &[
    json!({ "inner": {}, "bogus": 1 }), json!(5), json!({ "inner": { "name": 1 } }), json!("x"),
])]
#[case::a_text("query($v: String!) { short(text: $v) }", json!("abc"), &[
    json!("abcd"), json!(5), json!(["abc"]), json!({}), json!(true),
])]
#[case::a_scalar_of_ours("query($v: Email!) { byEmail(email: $v) }", json!("a@b"), &[json!("ab"), json!(5)])]
#[case::a_number("query($v: Int) { profiles(first: $v) { totalCount nodes { id } } }", json!(2), &[
    json!("2"), json!(2.5), json!(5_000_000_000_000_i64), json!([2]), json!({}),
])]
#[case::a_member("query($v: String!) { search(filter: { name: $v }) }", json!("ada"), &[json!(5), json!([])])]
#[case::a_list_of_one("query($v: String) { short(text: \"abc\") search(filter: { name: $v }) }", json!("ada"), &[json!(5)])]
#[tokio::test]
async fn variables_are_refused_as_at_the_first_time(
    #[case] query: &str,
    #[case] good: serde_json::Value,
    #[case] bad: &[serde_json::Value],
) {
    let warm = router(Limits::default());
    let (_, first) = asked(
        &warm,
        &json!({ "query": query, "variables": { "v": good } }),
    )
    .await;
    assert!(!first.contains("errors"), "{first}");
    let mut variables: Vec<_> = bad.iter().map(|value| json!({ "v": value })).collect();
    variables.extend([
        json!({ "v": null }),
        json!({}),
        json!({ "w": 1 }),
        json!({ "v": good }),
    ]);
    for variables in variables {
        let body = json!({ "query": query, "variables": variables });
        let strict = asked(&strict_router(Limits::default()), &body).await;
        assert_eq!(asked(&warm, &body).await, strict, "{body}");
        assert_eq!(asked(&warm, &body).await, strict, "{body}, again");
    }
    let body = json!({ "query": query, "operationName": "nobody", "variables": { "v": good } });
    let strict = asked(&strict_router(Limits::default()), &body).await;
    assert_eq!(asked(&warm, &body).await, strict);
}

#[rstest]
#[case("{ me { nope } }")]
#[case("{ me }")]
#[case("{ me { id(nope: 1) } }")]
#[case("{ short }")]
#[case("query($v: String!) { me { id } }")]
#[case("{ short(text: $v) }")]
#[case("{ me { ...f } } fragment f on Query { me { id } }")]
#[case("query a { me { id } } query b { me { nope } }")]
#[tokio::test]
async fn a_document_that_is_not_valid_never_becomes_so(#[case] query: &str) {
    let router = router(Limits::default());
    for variables in [json!({}), json!({ "v": "abc" }), json!({ "v": "abc" })] {
        let body = json!({ "query": query, "variables": variables, "operationName": null });
        let strict = asked(&strict_router(Limits::default()), &body).await;
        assert_eq!(asked(&router, &body).await, strict);
        assert!(strict.1.contains("errors"), "{}", strict.1);
    }
}

#[tokio::test]
async fn introspection_stays_closed_to_a_document_that_others_may_use() {
    let router = router(Limits::default());
    let query = "{ __schema { queryType { name } } __typename }";
    for closed in [false, true, false, true] {
        let mut request = asking(query);
        if closed {
            let headers = request.headers_mut();
            headers.insert(
                "without-introspection",
                header::HeaderValue::from_static("1"),
            );
        }
        let answer = send_to(router.clone(), request).await.json();
        assert_eq!(answer["data"]["__schema"].is_null(), closed, "{answer}");
    }
}
