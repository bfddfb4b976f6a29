//! What a visitor may send of themself, and that it touches nobody else.

use async_graphql::Response;
use lazo_domain::clock::Timestamp;
use rstest::rstest;
use serde_json::{Value as Json, json};

use crate::auth::caller::Caller;
use crate::graphql::storefront;
use crate::graphql::tests::{ask, codes, execute, identified, identify};
use crate::testing::TestApp;
use crate::viewer::graphql::PageOrigin;

const RECORD: &str =
    "mutation($input: TouchpointsRecordInput!) { touchpointsRecord(input: $input) {
    items { messageId status code } userErrors { field code } } }";

const CUSTOMER: &[(&str, &str)] = &[("customer_id", "ada")];
const DEVICE: &[(&str, &str)] = &[("anonymous_id", "device-1")];

fn visitor(subjects: &[(&str, &str)]) -> Caller {
    let owned = |(namespace, value): &(&str, &str)| ((*namespace).to_owned(), (*value).to_owned());
    Caller::Visitor {
        subjects: subjects.iter().map(owned).collect(),
        purposes: vec![],
    }
}

/// An application that knows Ada and Bob from the backend, with an order of Ada's, and the key of its shop's pages.
async fn shop() -> (TestApp, String) {
    let test = TestApp::start().await;
    let order = json!({ "type": "track", "event": "Order Completed", "userId": "ada", "messageId": "order",
        "properties": { "order_id": "o1", "revenue": 10, "currency": "EUR" } });
    let ada = json!({ "email": "ada@example.com", "city": "Soria", "price_group": "retail" });
    let bob = json!({ "email": "bob@example.com" });
    identified(
        &test,
        &[identify("ada", &ada), identify("bob", &bob), order],
    )
    .await;
    let key = create(&test, json!({ "name": "pages", "channel": "WEB" })).await;
    (test, key)
}

async fn create(test: &TestApp, input: Json) -> String {
    let document = "mutation($input: SourceCreateInput!) { sourceCreate(input: $input) { key } }";
    let created = ask(test, document, json!({ "input": input })).await;
    created["sourceCreate"]["key"].as_str().unwrap().to_owned()
}

async fn send(test: &TestApp, subjects: &[(&str, &str)], key: &str, items: Json) -> Response {
    let input = json!({ "input": { "sourceKey": key, "touchpoints": items } });
    let caller = Some(visitor(subjects));
    execute(test, &storefront(&test.app), caller, RECORD, input).await
}

/// The status and code of the only item that is sent.
async fn record(test: &TestApp, subjects: &[(&str, &str)], key: &str, item: Json) -> (Json, Json) {
    let response = send(test, subjects, key, json!([item])).await;
    assert_eq!(response.errors, []);
    let payload = response.data.into_json().unwrap()["touchpointsRecord"].take();
    assert_eq!(payload["userErrors"], json!([]));
    (
        payload["items"][0]["status"].clone(),
        payload["items"][0]["code"].clone(),
    )
}

async fn view(test: &TestApp, subjects: &[(&str, &str)]) -> Json {
    let document = "{ viewer { identifiers { namespace value } traits(names: [\"city\", \"price_group\"]) { value }
        touchpoints { nodes { name } } purchases { nodes { orderId status } } } }";
    let caller = Some(visitor(subjects));
    let response = execute(test, &storefront(&test.app), caller, document, json!({})).await;
    response.data.into_json().unwrap()["viewer"].take()
}

async fn trait_of(test: &TestApp, customer: &str, name: &str) -> (Json, Json) {
    let document = "query($by: ProfileBy!, $name: String!) { profile(by: $by) { trait(name: $name) { value rank } } }";
    let given = json!({ "by": { "customerId": customer }, "name": name });
    let found = ask(test, document, given).await["profile"]["trait"].take();
    (found["value"].clone(), found["rank"].clone())
}

#[rstest]
#[case::customer(CUSTOMER)]
#[case::device(DEVICE)]
#[case::new_customer(&[("customer_id", "new")])]
#[case::both(&[("customer_id", "ada"), ("anonymous_id", "device-1")])]
#[tokio::test]
async fn a_visitor_sees_at_once_what_they_recorded(#[case] subjects: &[(&str, &str)]) {
    let (test, key) = shop().await;
    let item = json!({ "type": "TRACK", "event": "Lamp Lit", "messageId": "m" });
    let first = record(&test, subjects, &key, item.clone()).await;
    let second = record(&test, subjects, &key, item).await;
    assert_eq!(first, (json!("ACCEPTED"), Json::Null));
    assert_eq!(second, (json!("DUPLICATE"), Json::Null));
    let seen = view(&test, subjects).await;
    let names = seen["touchpoints"]["nodes"].as_array().unwrap();
    let lit = names.iter().filter(|node| node["name"] == "Lamp Lit");
    assert_eq!(lit.count(), 1);
}

#[rstest]
#[case::email(json!({ "traits": { "email": "bob@example.com" } }))]
#[case::email_in_the_context(json!({ "context": { "traits": { "email": "bob@example.com" } } }))]
#[case::external_id(json!({ "context": { "externalIds": [{ "id": "bob@example.com", "type": "email", "collection": "users" }] } }))]
#[case::device(json!({ "context": { "device": { "id": "d1" } } }))]
#[case::handle(json!({ "traits": { "instagram": "bob" } }))]
#[tokio::test]
async fn nothing_that_a_visitor_says_ties_another_identifier_to_them(
    #[case] said: Json,
    #[values(CUSTOMER, DEVICE)] subjects: &[(&str, &str)],
) {
    let (test, key) = shop().await;
    let before = view(&test, subjects).await["identifiers"].take();
    let mut item = json!({ "type": "IDENTIFY", "messageId": "m" });
    for (field, value) in said.as_object().unwrap() {
        item[field] = value.clone();
    }
    let links = "SELECT COUNT(*) FROM identity_link WHERE kind <> 'LINKED'";
    let links_before = test.number(links).await;
    let outcome = record(&test, subjects, &key, item).await;
    assert_eq!(outcome, (json!("ACCEPTED"), json!("IDENTIFIER_IGNORED")));
    let after = view(&test, subjects).await["identifiers"].take();
    if subjects == CUSTOMER {
        assert_eq!(after, before);
    } else {
        assert_eq!(
            after,
            json!([{ "namespace": "anonymous_id", "value": "device-1" }])
        );
    }
    assert_eq!(test.number(links).await, links_before);
}

#[tokio::test]
async fn a_customer_corrects_what_is_personal_and_gives_themself_no_right() {
    let (test, key) = shop().await;
    let says = |traits: Json| json!({ "type": "IDENTIFY", "traits": traits });
    record(&test, CUSTOMER, &key, says(json!({ "city": "Ávila" }))).await;
    record(
        &test,
        CUSTOMER,
        &key,
        says(json!({ "price_group": "staff" })),
    )
    .await;
    let both = says(json!({ "city": "Lugo", "price_group": "staff", "motto": "Light" }));
    record(&test, CUSTOMER, &key, both).await;
    let (city, group) = (
        trait_of(&test, "ada", "city").await,
        trait_of(&test, "ada", "price_group").await,
    );
    assert_eq!(city, (json!("Ávila"), json!("DECLARED")));
    assert_eq!(group, (json!("retail"), json!("TRUSTED")));
    let motto = trait_of(&test, "ada", "motto").await;
    assert_eq!(motto, (json!("Light"), json!("INFERRED")));
}

#[tokio::test]
async fn a_device_overrules_nothing_that_the_backend_says() {
    let (test, key) = shop().await;
    let backend = test.source("shop", true).await;
    let link = json!({ "type": "identify", "userId": "ada", "anonymousId": "device-1", "messageId": "link" });
    test.record(&backend, &[link]).await;
    let says = json!({ "type": "IDENTIFY", "traits": { "city": "Lugo" } });
    record(&test, DEVICE, &key, says).await;
    let city = trait_of(&test, "ada", "city").await;
    assert_eq!(city, (json!("Soria"), json!("TRUSTED")));
}

#[rstest]
#[case("Order Cancelled")]
#[case("Order Refunded")]
#[tokio::test]
async fn a_visitor_takes_nothing_from_an_order_that_the_backend_placed(#[case] event: &str) {
    let (test, key) = shop().await;
    let item = json!({ "type": "TRACK", "event": event, "properties": { "order_id": "o1" } });
    let outcome = record(&test, CUSTOMER, &key, item).await;
    assert_eq!(outcome.0, "ACCEPTED");
    let seen = view(&test, CUSTOMER).await;
    assert_eq!(
        seen["purchases"]["nodes"],
        json!([{ "orderId": "o1", "status": "PLACED" }])
    );
}

#[tokio::test]
async fn a_visitor_sends_under_the_key_of_a_public_source_in_use_alone() {
    let (test, _) = shop().await;
    let trusted = json!({ "name": "shop", "channel": "WEB", "trusted": true });
    let trusted = create(&test, trusted).await;
    let archived = create(&test, json!({ "name": "old", "channel": "WEB" })).await;
    let now = Timestamp(0).0;
    test.execute(&format!(
        "UPDATE source SET archived_at = {now} WHERE name = 'old'"
    ))
    .await
    .unwrap();
    for (key, code) in [
        ("nonsense", "NOT_FOUND"),
        (trusted.as_str(), "CONFLICT"),
        (archived.as_str(), "ARCHIVED"),
    ] {
        let response = send(&test, CUSTOMER, key, json!([{ "type": "PAGE" }])).await;
        let payload = response.data.into_json().unwrap()["touchpointsRecord"].take();
        assert_eq!(payload["items"], json!([]), "{code}");
        let error = json!([{ "field": ["input", "sourceKey"], "code": code }]);
        assert_eq!(payload["userErrors"], error);
    }
}

#[rstest]
#[case::listed(Some("https://shop.example"), true)]
#[case::another(Some("https://shop.example.evil"), false)]
#[case::none_of_a_sandbox(Some("null"), false)]
#[case::no_page(None, true)]
#[tokio::test]
async fn a_key_is_for_pages_of_the_origins_that_its_source_lists(
    #[case] origin: Option<&str>,
    #[case] allowed: bool,
) {
    let (test, key) = shop().await;
    test.execute(
        "UPDATE source SET allowed_origins = '[\"https://shop.example\"]' WHERE name = 'pages'",
    )
    .await
    .unwrap();
    let input = json!({ "sourceKey": key, "touchpoints": [{ "type": "PAGE" }] });
    let variables = async_graphql::Variables::from_json(json!({ "input": input }));
    let mut request = async_graphql::Request::new(RECORD).variables(variables);
    request.data = crate::graphql::request_data(&test.app, Some(visitor(CUSTOMER)));
    request
        .data
        .insert(PageOrigin(origin.map(ToOwned::to_owned)));
    let response = storefront(&test.app).execute(request).await;
    let expected: &[&str] = if allowed { &[] } else { &["FORBIDDEN"] };
    assert_eq!(codes(&response), expected);
}

#[tokio::test]
async fn an_item_that_is_too_large_is_told_and_harms_no_other() {
    let (test, key) = shop().await;
    let large = json!({ "type": "PAGE", "properties": { "text": "x".repeat(40_000) } });
    let items = json!([large, { "type": "TRACK" }, { "type": "PAGE", "name": "Home" }]);
    let response = send(&test, CUSTOMER, &key, items).await;
    let payload = response.data.into_json().unwrap()["touchpointsRecord"].take();
    let codes: Vec<_> = payload["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["status"].clone(), item["code"].clone()))
        .collect();
    assert_eq!(
        codes,
        [
            (json!("QUARANTINED"), json!("EVENT_TOO_LARGE")),
            (json!("QUARANTINED"), json!("MISSING_EVENT")),
            (json!("ACCEPTED"), Json::Null)
        ]
    );
}
