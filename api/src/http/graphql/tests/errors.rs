//! What clients read of errors, and what they never read.

use rstest::rstest;

use super::*;

#[rstest]
#[case("{ leak }")]
#[case("{ leakWithoutSource }")]
#[tokio::test]
async fn an_internal_error_is_masked(#[case] query: &str) {
    let answer = ask(query).await;
    assert_eq!(answer.code(), "INTERNAL_SERVER_ERROR");
    assert_eq!(
        answer.json()["errors"][0]["message"],
        "Something went wrong on our side."
    );
    assert!(!answer.text.contains("s3cret"));
}

#[tokio::test]
async fn a_panic_of_a_resolver_is_answered_as_a_fault_of_ours() {
    let answer = ask("{ panics }").await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (500, "INTERNAL_SERVER_ERROR")
    );
    assert!(!answer.text.contains("s3cret"));
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_given_up() {
    let limits = Limits {
        execution_time: Duration::from_millis(20),
        ..Limits::default()
    };
    let answer = send_to(router(limits), asking("{ slow }")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (504, "TIMEOUT")
    );
}

#[tokio::test]
async fn an_error_of_a_field_names_its_place() {
    let error = ask("{ a: forbidden }").await.json()["errors"][0].clone();
    assert_eq!(
        error,
        serde_json::json!({
            "message": "This needs `profiles:read`.",
            "locations": [{ "line": 1, "column": 3 }],
            "path": ["a"],
            "extensions": { "code": "FORBIDDEN" },
        })
    );
}

#[rstest]
#[case::literal(r#"{ byEmail(email: "nobody") }"#)]
#[case::validator(r#"{ short(text: "long") }"#)]
#[tokio::test]
async fn an_argument_that_a_field_cannot_read_is_the_client_s_to_mend(#[case] query: &str) {
    let answer = ask(query).await;
    assert_eq!(answer.code(), "BAD_USER_INPUT", "{}", answer.text);
}

#[tokio::test]
async fn a_variable_of_the_wrong_type_is_the_client_s_to_mend() {
    let body = serde_json::json!({
        "query": "query ($e: Email!) { byEmail(email: $e) }", "variables": { "e": "nobody" },
    });
    let code = send(post(body.to_string())).await.code();
    assert!(
        matches!(
            code.as_str(),
            "BAD_USER_INPUT" | "GRAPHQL_VALIDATION_FAILED"
        ),
        "{code}"
    );
}

#[tokio::test]
async fn an_answer_holds_at_most_ten_errors_of_bounded_length() {
    let fields: Vec<_> = (0..100).map(|n| format!("a{n} ")).collect();
    let answer = ask(&format!("{{ me {{ {} }} }}", fields.concat())).await;
    assert_eq!(answer.json()["errors"].as_array().unwrap().len(), 10);

    let long = "a".repeat(90_000);
    let answer = ask(&format!("{{ short(text: [\"{long}\"]) }}")).await;
    assert!(answer.text.len() < 2_000, "{}", answer.text.len());
}

#[tokio::test]
async fn whoever_stands_before_the_handler_refuses_in_the_same_form() {
    let headers = HeaderMap::from_iter([(header::ACCEPT, GRAPHQL_RESPONSE.parse().unwrap())]);
    let error = ApiError::from(Error::Overloaded {
        retry_after: Duration::from_secs(3),
    });
    let response = super::super::refuse(&headers, &error);
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()[header::RETRY_AFTER], "3");
}
