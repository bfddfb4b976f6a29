//! What a visitor sees of themself, and that they see nobody else.

use std::sync::Arc;

use async_graphql::{Request, Response};
use lazo_domain::profile::Projection;
use serde_json::{Value as Json, json};

use super::service::View;
use crate::auth::caller::Caller;
use crate::graphql::tests::{execute, identified, identify};
use crate::graphql::{AnswerSize, Straight, request_data, storefront};
use crate::identity;
use crate::profile::hot::Present;
use crate::testing::TestApp;

const VIEWER: &str = "{ viewer { whole identifiers { namespace value } traits { name value }
    summary { touchpoints orders spend { minor } }
    touchpoints(first: 10) { totalCount nodes { name } } purchases { nodes { orderId status } } } }";

fn visitor(subjects: &[(&str, &str)]) -> Caller {
    Caller::Visitor {
        subjects: subjects
            .iter()
            .map(|(namespace, value)| ((*namespace).to_owned(), (*value).to_owned()))
            .collect(),
        purposes: vec![],
    }
}

async fn view(test: &TestApp, subjects: &[(&str, &str)]) -> Json {
    let response: Response = execute(
        test,
        &storefront(&test.app),
        Some(visitor(subjects)),
        VIEWER,
        json!({}),
    )
    .await;
    assert_eq!(response.errors, []);
    response.data.into_json().unwrap()["viewer"].clone()
}

/// Ada, whom the backend knows, and a browser that claims her email address.
async fn a_claim() -> TestApp {
    let test = TestApp::start().await;
    let order = json!({ "type": "track", "event": "Order Completed", "userId": "ada",
        "properties": { "order_id": "o1", "revenue": 10, "currency": "EUR" } });
    identified(
        &test,
        &[
            identify(
                "ada",
                &json!({ "email": "ada@example.com", "city": "Soria" }),
            ),
            order,
        ],
    )
    .await;
    let browser = test.source("browser", false).await;
    let page =
        json!({ "type": "page", "name": "Home", "anonymousId": "device-1", "messageId": "p" });
    let claim = json!({ "type": "identify", "anonymousId": "device-1", "messageId": "c",
        "traits": { "email": "ada@example.com", "nick": "a" } });
    test.record(&browser, &[page, claim]).await;
    test
}

#[tokio::test]
async fn a_device_that_claims_a_customer_sees_only_what_was_collected_under_it() {
    let test = a_claim().await;
    let device = view(&test, &[("anonymous_id", "device-1")]).await;
    let names: Vec<_> = device["traits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| found["name"].clone())
        .collect();
    assert_eq!(device["whole"], false);
    assert!(!names.contains(&json!("city")));
    assert_eq!(
        device["identifiers"],
        json!([{ "namespace": "anonymous_id", "value": "device-1" }])
    );
    assert_eq!(
        device["summary"],
        json!({ "touchpoints": 2, "orders": 0, "spend": { "minor": 0 } })
    );
    assert_eq!(device["touchpoints"]["totalCount"], 2);
    assert_eq!(device["purchases"]["nodes"], json!([]));
}

#[tokio::test]
async fn a_customer_sees_what_is_vouched_for_and_not_what_a_stranger_claimed() {
    let test = a_claim().await;
    let ada = view(&test, &[("customer_id", "ada")]).await;
    let names: Vec<_> = ada["traits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| found["name"].clone())
        .collect();
    assert_eq!(
        (&ada["whole"], names),
        (&json!(false), vec![json!("city"), json!("email")])
    );
    assert_eq!(
        ada["summary"],
        json!({ "touchpoints": 2, "orders": 1, "spend": { "minor": 1000 } })
    );
    assert_eq!(
        ada["purchases"]["nodes"],
        json!([{ "orderId": "o1", "status": "PLACED" }])
    );
}

#[tokio::test]
async fn stage_and_level_are_shown_only_with_the_whole_profile() {
    let shown = async |test: &TestApp, customer: &str| {
        let caller = visitor(&[("customer_id", customer)]);
        let document = "{ viewer { whole stage level } }";
        let schema = storefront(&test.app);
        let response = execute(test, &schema, Some(caller), document, json!({})).await;
        assert_eq!(response.errors, []);
        response.data.into_json().unwrap()["viewer"].clone()
    };
    let test = a_claim().await;
    let part = json!({ "whole": false, "stage": null, "level": null });
    assert_eq!(shown(&test, "ada").await, part);
    let test = TestApp::start().await;
    let traits = json!({ "email": "bob@example.com" });
    identified(&test, &[identify("bob", &traits)]).await;
    let whole = json!({ "whole": true, "stage": "LEAD", "level": "POTENTIAL" });
    assert_eq!(shown(&test, "bob").await, whole);
}

#[tokio::test]
async fn a_token_with_both_ids_sees_both_sides() {
    let test = a_claim().await;
    let both = view(
        &test,
        &[("anonymous_id", "device-1"), ("customer_id", "ada")],
    )
    .await;
    assert_eq!(both["whole"], true);
    assert_eq!(both["summary"]["touchpoints"], 4);
}

#[tokio::test]
async fn a_token_of_two_devices_that_claim_a_customer_sees_what_both_know_and_no_more() {
    let test = a_claim().await;
    let browser = test.source("another browser", false).await;
    let told = |event: &str, device: &str, properties: Json| {
        json!({ "type": "track", "event": event, "anonymousId": device, "messageId": format!("{event} {device}"),
            "properties": properties })
    };
    let claim = json!({ "type": "identify", "anonymousId": "device-2", "messageId": "c2",
        "traits": { "email": "ada@example.com", "shoe": 38 } });
    let items = [
        claim,
        told(
            "Order Completed",
            "device-1",
            json!({ "order_id": "o9", "revenue": 30, "currency": "EUR" }),
        ),
        told(
            "Order Refunded",
            "device-2",
            json!({ "order_id": "o9", "total": 10, "currency": "EUR" }),
        ),
    ];
    test.record(&browser, &items).await;
    let subjects = [("anonymous_id", "device-1"), ("anonymous_id", "device-2")];
    for _ in 0..2 {
        let seen = view(&test, &subjects).await;
        let names: Vec<_> = seen["traits"].as_array().unwrap().iter().collect();
        assert_eq!(seen["whole"], false);
        assert!(!names.iter().any(|found| found["name"] == "city"));
        assert!(names.iter().any(|found| found["name"] == "nick"));
        assert!(names.iter().any(|found| found["name"] == "shoe"));
        assert_eq!(
            seen["summary"],
            json!({ "touchpoints": 5, "orders": 1, "spend": { "minor": 2000 } })
        );
        assert_eq!(seen["touchpoints"]["totalCount"], 5);
        assert_eq!(
            seen["purchases"]["nodes"],
            json!([{ "orderId": "o9", "status": "PARTIALLY_REFUNDED" }])
        );
    }
}

#[tokio::test]
async fn a_part_that_does_not_say_what_it_adds_up_to_shows_nothing() {
    let test = a_claim().await;
    let found = identity::service::find(&test.app, "customer_id", "ada", None).await;
    let found = found.unwrap().unwrap();
    let place = found.profile.component_of(found.fragment).unwrap();
    let mut profile = Present::clone(&found.profile);
    profile.components[place].own = None;
    let view = View::of(Arc::new(profile), vec![place]);
    assert!(!view.whole());
    assert_eq!(
        (view.version(), view.projection()),
        (0, &Projection::default())
    );
    let summary = view.summary(&test.app).await.unwrap();
    assert_eq!(
        (summary.orders, summary.spend_minor),
        (1, 1000),
        "what its fragments bought"
    );
}

#[tokio::test]
async fn a_verified_link_shows_the_whole_profile_to_either_id() {
    let test = a_claim().await;
    let backend = test.source("shop", true).await;
    test.record(
        &backend,
        &[json!({ "type": "identify", "userId": "ada", "anonymousId": "device-1" })],
    )
    .await;
    for subject in [("anonymous_id", "device-1"), ("customer_id", "ada")] {
        let seen = view(&test, &[subject]).await;
        assert_eq!(
            (&seen["whole"], &seen["summary"]["touchpoints"]),
            (&json!(true), &json!(5))
        );
    }
}

#[tokio::test]
async fn nothing_is_shown_of_a_stranger_or_of_a_restricted_profile() {
    let test = a_claim().await;
    assert_eq!(view(&test, &[("anonymous_id", "nobody")]).await, Json::Null);
    test.execute("UPDATE profile SET restricted = true")
        .await
        .unwrap();
    assert_eq!(view(&test, &[("customer_id", "ada")]).await, Json::Null);
}

#[tokio::test]
async fn a_device_cannot_tell_from_the_version_whether_whom_it_claims_is_known_or_active() {
    let test = a_claim().await;
    let browser = test.source("another browser", false).await;
    let page =
        json!({ "type": "page", "name": "Home", "anonymousId": "device-2", "messageId": "p2" });
    let claim = json!({ "type": "identify", "anonymousId": "device-2", "messageId": "c2",
        "traits": { "email": "nobody@example.com", "nick": "a" } });
    test.record(&browser, &[page, claim]).await;
    let version = async |device: &str| {
        let caller = visitor(&[("anonymous_id", device)]);
        let document = "{ viewer { version whole } }";
        let response = execute(
            &test,
            &storefront(&test.app),
            Some(caller),
            document,
            json!({}),
        )
        .await;
        response.data.into_json().unwrap()["viewer"].clone()
    };
    let before = version("device-1").await;
    assert_eq!(before, version("device-2").await);
    let later = json!({ "type": "track", "event": "Order Completed", "userId": "ada", "messageId": "later",
        "properties": { "order_id": "o2", "revenue": 10 } });
    let shop = test.source("shop system", true).await;
    test.record(&shop, &[later]).await;
    assert_eq!(version("device-1").await, before);
}

async fn version(test: &TestApp, subjects: &[(&str, &str)]) -> i64 {
    let caller = Some(visitor(subjects));
    let asked = "{ viewer { version } }";
    let response: Response = execute(test, &storefront(&test.app), caller, asked, json!({})).await;
    response.data.into_json().unwrap()["viewer"]["version"]
        .as_i64()
        .unwrap()
}

#[tokio::test]
async fn an_answer_holds_only_so_much() {
    let test = TestApp::start().await;
    let backend = test.source("backend", true).await;
    let long = "x".repeat(30_000);
    for number in 0..20 {
        let traits = json!({ format!("t{number}"): long });
        let item = json!({ "type": "identify", "userId": "ada", "messageId": format!("m{number}"), "traits": traits });
        test.record(&backend, &[item]).await;
    }
    let asked = |times: usize| {
        let traits: Vec<_> = (0..times)
            .map(|n| format!("a{n}: traits {{ value }}"))
            .collect();
        let traits = traits.join(" ");
        format!("{{ viewer {{ {traits} }} }}")
    };
    for (times, is_whole) in [(20, true), (40, false)] {
        for straight in [false, true] {
            let mut request = Request::new(asked(times));
            request.data = request_data(&test.app, Some(visitor(&[("customer_id", "ada")])));
            request.data.insert(AnswerSize::default());
            if straight {
                request.data.insert(Straight::default());
            }
            let response = storefront(&test.app).execute(request).await;
            let told = response.errors.iter().map(|error| error.message.as_str());
            let told: Vec<_> = told.collect();
            assert_eq!(told.is_empty(), is_whole, "{told:?}");
            let is_named = |told: &&str| told.starts_with("The answer would hold more than 16 MiB");
            assert!(told.iter().all(is_named), "{told:?}");
        }
    }
}

#[tokio::test]
async fn a_visitor_reads_what_they_have_written_on_another_server() {
    let test = TestApp::start().await;
    let other = test.another().await;
    let subjects = [("customer_id", "ada")];
    let backend = test.source("backend", true).await;
    let item = |n: usize| json!({ "type": "track", "event": "A", "userId": "ada", "messageId": format!("m{n}") });
    test.record(&backend, &[item(0)]).await;
    for n in 1..20 {
        // It has the profile at hand, as it was before.
        let before = version(&other, &subjects).await;
        test.record(&backend, &[item(n)]).await;
        let document = format!(
            "{{ viewer(minVersion: {}) {{ version summary {{ touchpoints }} }} }}",
            before + 1
        );
        let caller = Some(visitor(&subjects));
        let response: Response = execute(
            &other,
            &storefront(&other.app),
            caller,
            &document,
            json!({}),
        )
        .await;
        let answer = response.data.into_json().unwrap();
        assert_eq!(
            answer["viewer"]["summary"]["touchpoints"],
            n + 1,
            "{answer}"
        );
    }
}
