//! What a visitor sees of themselves, as far as the trust of their links allows.

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    TestServer,
    graphql::Caller,
    segment::{identify, page, track},
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{PROGRAM, start};

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

#[rstest]
#[tokio::test]
async fn a_visitor_records_what_they_did_and_reads_it_at_once(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let admin = server.admin().await;
    let pages = server.source("pages", "web", false).await;
    for (customer, email) in [("ada", "ada@example.com"), ("bob", "bob@example.com")] {
        let traits = json!({ "email": email, "city": "Soria", "price_group": "retail" });
        backend
            .accept(identify().user(customer).traits(traits))
            .await;
    }
    let placed = json!({ "order_id": "o1", "revenue": 10, "currency": "EUR" });
    backend
        .accept(track("Order Completed").user("ada").properties(placed))
        .await;
    let issued = admin
        .mutate("visitorTokenIssue", "token", json!({ "customerId": "ada" }))
        .await;
    let ada = server.storefront(issued["token"].as_str().map(str::to_owned));
    let touchpoints = json!([
        { "type": "PAGE", "name": "Home", "messageId": "m1" },
        { "type": "IDENTIFY", "messageId": "m2", "traits": { "city": "Ávila" } },
        { "type": "IDENTIFY", "messageId": "m3", "traits": { "price_group": "staff", "email": "bob@example.com" } },
        { "type": "TRACK", "event": "Order Cancelled", "messageId": "m4", "properties": { "order_id": "o1" } },
        { "type": "PAGE", "name": "Home", "messageId": "m1" },
        { "type": "TRACK", "messageId": "m5" },
    ]);
    let input = json!({ "sourceKey": pages, "touchpoints": touchpoints });

    let recorded = ada
        .mutate("touchpointsRecord", "items { status code }", input)
        .await;

    let outcome = |status: &str, code: Value| json!({ "status": status, "code": code });
    assert_eq!(
        recorded["items"],
        json!([
            outcome("ACCEPTED", Value::Null),
            outcome("ACCEPTED", Value::Null),
            outcome("ACCEPTED", json!("IDENTIFIER_IGNORED")),
            outcome("ACCEPTED", Value::Null),
            outcome("DUPLICATE", Value::Null),
            outcome("QUARANTINED", json!("MISSING_EVENT")),
        ])
    );
    let seen = ada
        .query(
            "{ viewer { whole trait(name: \"city\") { value } summary { touchpoints orders }
               purchases { nodes { status } } } }",
            json!({}),
        )
        .await;
    assert_eq!(
        seen["viewer"],
        json!({
            "whole": true,
            "trait": { "value": "Ávila" },
            "summary": { "touchpoints": 6, "orders": 1 },
            "purchases": { "nodes": [{ "status": "PLACED" }] },
        })
    );
    let (ada, bob) = (admin.customer("ada").await, admin.customer("bob").await);
    assert_eq!(ada.value("price_group"), "retail");
    assert_eq!(ada.values("email"), ["ada@example.com"]);
    assert_eq!(bob.summary.touchpoints, 1);
    assert_eq!(admin.count_profiles().await, 2);
}

/// What a browser asks before it sends a request of a page of that origin.
async fn preflight(server: &TestServer, origin: &str) -> Option<String> {
    let answer = server
        .http()
        .request(reqwest::Method::OPTIONS, server.url("/storefront/graphql"))
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "authorization,content-type",
        )
        .send()
        .await
        .expect("the server answers");
    let headers = answer.headers();
    assert!(!headers.contains_key("access-control-allow-credentials"));
    let allowed = headers.get("access-control-allow-origin")?;
    Some(allowed.to_str().expect("an origin").to_owned())
}

#[rstest]
#[case::listed("https://shop.example", Some("https://shop.example"))]
#[case::of_another_host("https://evil.example", None)]
#[case::of_another_scheme("http://shop.example", None)]
#[case::that_begins_alike("https://shop.example.evil.example", None)]
#[case::none("null", None)]
#[tokio::test]
async fn where_origins_are_listed_no_other_gets_leave(
    #[case] origin: &str,
    #[case] allowed: Option<&str>,
) {
    let settings = [("LAZO_STOREFRONT__ORIGINS", "[\"https://shop.example/\"]")];
    let server = TestServer::start_with(Sqlite, PROGRAM, &settings).await;

    assert_eq!(preflight(&server, origin).await.as_deref(), allowed);
}

#[tokio::test]
async fn where_no_origin_is_listed_every_page_gets_leave_and_none_is_named() {
    let server = start(Sqlite).await;

    for origin in ["https://shop.example", "null"] {
        assert_eq!(preflight(&server, origin).await.as_deref(), Some("*"));
    }
}
