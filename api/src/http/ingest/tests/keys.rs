//! Where a client may put the key of its source, and which keys are taken.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rstest::rstest;

use super::*;

fn basic(credentials: &str) -> String {
    format!("Basic {}", STANDARD.encode(credentials))
}

async fn with_headers(headers: &[(&str, String)], body: &str) -> Reply {
    let mut request = post_to("/v1/page");
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    send(
        &Program::default(),
        request.body(Body::from(body.to_owned())).unwrap(),
    )
    .await
}

#[rstest]
#[case::write_key(&[("x-write-key", KEY.into())], "")]
#[case::write_key_with_a_secret(&[("x-write-key", format!("{KEY}:secret"))], "")]
#[case::basic(&[("authorization", basic(&format!("{KEY}:")))], "")]
#[case::basic_without_colon(&[("authorization", basic(KEY))], "")]
#[case::basic_without_padding(&[("authorization", basic(KEY).trim_end_matches('=').to_owned())], "")]
#[case::basic_in_lower_case(&[("authorization", basic(KEY).replace("Basic", "basic"))], "")]
#[case::body(&[], KEY)]
#[case::bearer_and_body(&[("authorization", "Bearer x".into())], KEY)]
#[case::header_before_a_masked_body(&[("x-write-key", KEY.into())], "known:***")]
#[case::header_before_basic(&[("x-write-key", KEY.into()), ("authorization", basic("other:"))], "")]
#[case::basic_before_body(&[("authorization", basic(KEY))], "other")]
#[case::empty_header(&[("x-write-key", String::new()), ("authorization", basic(":"))], KEY)]
#[tokio::test]
async fn a_key_is_found(#[case] headers: &[(&str, String)], #[case] in_body: &str) {
    let body = json!({"userId": "u", "writeKey": in_body}).to_string();
    let reply = with_headers(headers, &body).await;
    assert_eq!(reply.status, 200, "{}", reply.json);
}

#[rstest]
#[case::none(&[], "")]
#[case::unknown(&[("x-write-key", "lazo_src_unknown".into())], "")]
#[case::unknown_before_a_known_one(&[("x-write-key", "lazo_src_unknown".into())], KEY)]
#[case::archived(&[("x-write-key", "lazo_src_archived".into())], "")]
#[case::no_base64(&[("authorization", "Basic §".into())], "")]
#[case::other_scheme(&[("authorization", format!("Bearer {KEY}"))], "")]
#[tokio::test]
async fn without_a_good_key_the_answer_is_401(
    #[case] headers: &[(&str, String)],
    #[case] in_body: &str,
) {
    let body = json!({"userId": "u", "writeKey": in_body}).to_string();
    let reply = with_headers(headers, &body).await;
    assert_eq!(reply.status, 401);
    assert_eq!(reply.json["code"], "UNAUTHENTICATED");
    assert!(reply.json["message"].is_string());
    assert!(!reply.json.to_string().contains("lazo_src"));
    assert!(
        !reply.headers.contains_key("www-authenticate"),
        "no page asks for a password"
    );
}

#[tokio::test]
async fn a_key_of_a_batch_may_be_in_its_envelope() {
    let body = json!({"batch": [{"type": "page", "userId": "u"}], "writeKey": KEY}).to_string();
    let request = post_to("/v1/batch").body(Body::from(body)).unwrap();
    assert_eq!(send(&Program::default(), request).await.status, 200);
}

#[rstest]
#[case(Some("https://shop.example"), 200)]
#[case(Some("https://other.example"), 403)]
#[case(Some("null"), 403)]
#[case(None, 200)]
#[tokio::test]
async fn a_key_bound_to_origins_is_for_their_pages(
    #[case] origin: Option<&str>,
    #[case] status: u16,
) {
    let mut headers = vec![("x-write-key", "lazo_src_bound".to_owned())];
    headers.extend(origin.map(|origin| ("origin", origin.to_owned())));
    assert_eq!(
        with_headers(&headers, r#"{"userId":"u"}"#).await.status,
        status
    );
}

#[rstest]
#[case::trusted(KEY, Holder::Trusted)]
#[case::public("lazo_src_public", Holder::Stranger(None))]
#[case::none_yet("", Holder::Stranger(None))]
#[tokio::test]
async fn only_the_key_of_a_trusted_source_in_a_header_takes_the_memory_of_the_trusted(
    #[case] key: &str,
    #[case] holder: Holder,
) {
    let program = Program::default();
    let body = json!({"userId": "u", "writeKey": KEY}).to_string();
    let mut request = post_to("/v1/page");
    if !key.is_empty() {
        request = request.header("x-write-key", key);
    }
    let reply = send(&program, request.body(Body::from(body)).unwrap()).await;
    assert_eq!(reply.status, 200);
    assert_eq!(*program.0.holder.lock().unwrap(), Some(holder));
}
