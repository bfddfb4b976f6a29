//! No personal data and no secret reaches a log line or an error.

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    TestServer,
    segment::{Item, alias, identify, track},
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::PROGRAM;

const EMAIL: &str = "canary-7f3a@example.com";
const PHONE: &str = "+34699887766";
const NAME: &str = "Canaria Quetzalcoatl";
const CUSTOMER: &str = "canary-customer-51d2";
const DEVICE: &str = "canary-device-9b0e";
const EVENT: &str = "Canary Event 44aa";

#[rstest]
#[tokio::test]
async fn canaries_are_in_no_log_line_and_every_request_has_an_id(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let settings = [("LAZO_LOG", "trace")];
    let mut server = TestServer::start_with(engine, PROGRAM, &settings).await;
    let backend = server.backend().await;
    let browser = server.browser().await;
    let admin_token = server.admin_token().await;
    let admin = server.platform(Some(admin_token.clone()));
    let traits = json!({ "email": EMAIL, "phone": PHONE, "name": NAME });

    backend
        .batch(&[
            identify()
                .user(CUSTOMER)
                .anonymous(DEVICE)
                .traits(traits.clone()),
            track(EVENT).user(CUSTOMER),
            alias(DEVICE, CUSTOMER),
            Item(json!({ "type": EVENT, "userId": CUSTOMER, "traits": { "email": EMAIL } })),
            track("Order Completed")
                .user(CUSTOMER)
                .properties(json!({ "order_id": EMAIL, "revenue": NAME })),
            identify()
                .user(CUSTOMER)
                .at("1970-01-01")
                .traits(json!({ "email": EMAIL })),
            track(&"x".repeat(40_000)).user(CUSTOMER),
            Item(json!(EMAIL)),
        ])
        .await;
    browser
        .batch(&[identify().anonymous(DEVICE).user("another").traits(traits)])
        .await;
    backend
        .post_bytes(
            "/v1/batch",
            "text/plain",
            format!("{{ {EMAIL}").into_bytes(),
        )
        .await;
    backend
        .with_key(EMAIL)
        .post("/v1/batch", &json!({ "batch": [] }))
        .await;
    let by = [
        json!({ "email": EMAIL }),
        json!({ "phone": PHONE }),
        json!({ "customerId": CUSTOMER }),
        json!({ "id": EMAIL }),
    ];
    for by in by {
        let query = "query($by: ProfileBy!) { profile(by: $by) { id traits { value } } }";
        admin.send(query, json!({ "by": by })).await;
    }
    admin
        .send(
            &format!("{{ profile(by: {{ email: \"{EMAIL}\" }}) {{ nothing }} }}"),
            json!({}),
        )
        .await;
    admin
        .send(&format!("{{ profile(by: \"{EMAIL}\""), json!({}))
        .await;
    let wrong = format!("lazo_int_{CUSTOMER}");
    server
        .platform(Some(wrong))
        .send("{ __typename }", json!({}))
        .await;
    let reply = server
        .http()
        .get(server.url(&format!("/health/live?email={EMAIL}")))
        .send()
        .await
        .expect("an answer");
    let request_id = reply.headers()["x-request-id"]
        .to_str()
        .expect("text")
        .to_owned();
    let profile = admin.customer(CUSTOMER).await;
    let visitor = admin
        .mutate(
            "visitorTokenIssue",
            "token",
            json!({ "customerId": CUSTOMER }),
        )
        .await;
    admin
        .mutate(
            "profileUpdate",
            "profile { id }",
            json!({ "id": profile.id, "set": { "name": NAME } }),
        )
        .await;
    server.stop().await;

    let output = server.output();
    let visitor = visitor["token"].as_str().expect("a token");
    let secrets = [
        EMAIL,
        PHONE,
        "699887766",
        NAME,
        CUSTOMER,
        DEVICE,
        EVENT,
        &admin_token,
        visitor,
        backend.key(),
        browser.key(),
        "0123456789abcdef0123456789abcdef",
    ];
    for secret in secrets {
        let line = output.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} is in the log");
    }
    assert!(
        output.contains(&request_id),
        "the request's id is in the log"
    );
}

#[rstest]
#[tokio::test]
async fn log_lines_are_structured_and_cannot_be_forged(#[values(Sqlite, Postgres)] engine: Engine) {
    let settings = [("LAZO_LOG", "info"), ("LAZO_LOG__FORMAT", "json")];
    let mut server = TestServer::start_with(engine, PROGRAM, &settings).await;
    let path = "/v1/batch%0A%7B%22level%22%3A%22FORGED%22%7D";
    let forged = server
        .http()
        .post(server.url(path))
        .send()
        .await
        .expect("an answer");
    assert_eq!(forged.status(), 404);
    let method = "X".repeat(10_000);
    for path in ["/v1/batch", "/graphql"] {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let request = server.http().request(method, server.url(path));
        request.send().await.expect("an answer");
    }
    server.stop().await;

    let output = server.output();
    assert!(
        !output.contains("XXXX"),
        "a line is as long as anybody wants"
    );
    for status in ["\"status\":404", "\"status\":405"] {
        assert!(!output.contains(status), "{output}");
    }
    for line in output.lines().filter(|line| !line.is_empty()) {
        let parsed: Value = serde_json::from_str(line)
            .unwrap_or_else(|error| panic!("{line} is not a log line: {error}"));
        assert_ne!(parsed["level"], "FORGED");
    }
}
