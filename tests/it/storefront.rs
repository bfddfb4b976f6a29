//! What a visitor sees of themselves, as far as the trust of their links allows.

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    TestServer,
    graphql::Caller,
    segment::{identify, page, track},
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::start;

async fn viewer(server: &TestServer, admin: &Caller, input: Value) -> Value {
    let payload = admin.mutate("visitorTokenIssue", "token", input).await;
    let token = payload["token"].as_str().expect("a token").to_owned();
    let data = server
        .storefront(Some(token))
        .query(
            "{ viewer { whole version trait(name: \"city\") { value }
               identifiers { namespace value } summary { touchpoints orders }
               purchases(first: 5) { nodes { orderId } } } }",
            json!({}),
        )
        .await;
    data["viewer"].clone()
}

#[rstest]
#[tokio::test]
async fn a_customer_whom_the_backend_vouches_for_sees_their_whole_profile(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let admin = server.admin().await;
    backend
        .accept(identify().user("ada").traits(json!({ "city": "Soria" })))
        .await;
    backend
        .accept(
            track("Order Completed")
                .user("ada")
                .properties(json!({ "order_id": "o1", "revenue": 10, "currency": "EUR" })),
        )
        .await;

    let ada = viewer(&server, &admin, json!({ "customerId": "ada" })).await;

    assert_eq!(ada["whole"], true);
    assert_eq!(ada["trait"]["value"], "Soria");
    assert_eq!(ada["summary"], json!({ "touchpoints": 2, "orders": 1 }));
    assert_eq!(ada["purchases"]["nodes"], json!([{ "orderId": "o1" }]));
}

#[rstest]
#[tokio::test]
async fn a_device_sees_the_whole_profile_only_over_a_verified_link(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let browser = server.browser().await;
    let admin = server.admin().await;
    backend
        .accept(
            identify()
                .user("ada")
                .traits(json!({ "email": "ada@example.com", "city": "Soria" })),
        )
        .await;
    browser.accept(page("Home").anonymous("device-1")).await;
    browser
        .accept(
            identify()
                .anonymous("device-1")
                .traits(json!({ "email": "ada@example.com" })),
        )
        .await;

    let claimed = viewer(&server, &admin, json!({ "anonymousId": "device-1" })).await;
    viewer(
        &server,
        &admin,
        json!({ "customerId": "ada", "anonymousId": "device-1" }),
    )
    .await;
    let verified = viewer(&server, &admin, json!({ "anonymousId": "device-1" })).await;

    assert_eq!(claimed["whole"], false);
    assert_eq!(claimed["trait"], Value::Null);
    assert_eq!(
        claimed["summary"]["touchpoints"], 2,
        "what was collected under the device's id"
    );
    assert_eq!(verified["whole"], true);
    assert_eq!(verified["trait"]["value"], "Soria");
}

#[rstest]
#[tokio::test]
async fn the_storefront_has_no_path_to_another_profile(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;

    let schema = server.cli_ok(&["schema", "export", "--storefront"]).await;

    let query = schema
        .split("type Query {")
        .nth(1)
        .and_then(|rest| rest.split("\n}").next())
        .expect("the query type");
    for field in ["node", "nodes", "profile", "profiles", "identityLog"] {
        let there = query.lines().any(|line| {
            let line = line.trim_start();
            line.starts_with(&format!("{field}(")) || line.starts_with(&format!("{field}:"))
        });
        assert!(!there, "the storefront's query type has {field}");
    }
}
