//! The segments of a profile, as integrations and as visitors see them.

use serde_json::{Value as Json, json};

use super::{DAY, Shop};
use crate::auth::caller::Caller;
use crate::graphql::storefront;
use crate::graphql::tests::execute;

async fn seen(shop: &Shop, subject: (&str, &str)) -> Json {
    let caller = Caller::Visitor {
        subjects: vec![(subject.0.to_owned(), subject.1.to_owned())],
        purposes: vec![],
    };
    let schema = storefront(&shop.test.app);
    let document = "{ viewer { whole segments } }";
    let response = execute(&shop.test, &schema, Some(caller), document, json!({})).await;
    assert_eq!(response.errors, []);
    response.data.into_json().unwrap()["viewer"].take()
}

#[tokio::test]
async fn a_membership_is_shown_to_nobody_past_its_end_though_no_timer_has_come_by() {
    let shop = Shop::open().await;
    shop.segment("recent", "performed('Viewed', within 7d)")
        .await;
    shop.segment("ever", "performed('Viewed')").await;
    let ana = shop.track("ana", "Viewed").await;
    let document =
        "query($id: ID!) { profile(by: { id: $id }) { segments { segment { key } validUntil } }
        profiles { nodes { segments { segment { key } } } } }";
    let until = shop.test.app.now().plus_millis(7 * DAY).to_string();
    let told = shop.ask(document, json!({ "id": ana })).await;
    let both = json!([
        { "segment": { "key": "ever" }, "validUntil": null },
        { "segment": { "key": "recent" }, "validUntil": until },
    ]);
    assert_eq!(told["profile"]["segments"], both);
    let listed = told["profiles"]["nodes"][0]["segments"].as_array().unwrap();
    assert_eq!(listed.len(), 2);
    let customer = ("customer_id", "ana");
    assert_eq!(
        seen(&shop, customer).await["segments"],
        json!(["ever", "recent"])
    );
    shop.pass(7 * DAY);
    assert_eq!(seen(&shop, customer).await["segments"], json!(["ever"]));
    let told = shop.ask(document, json!({ "id": ana })).await;
    let one = json!([{ "segment": { "key": "ever" } }]);
    assert_eq!(told["profiles"]["nodes"][0]["segments"], one);
    assert_eq!(told["profile"]["segments"][0]["segment"]["key"], "ever");
    assert_eq!(told["profile"]["segments"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_visitor_who_sees_a_part_of_a_profile_is_told_of_no_segment() {
    let shop = Shop::open().await;
    shop.segment("viewers", "performed('Viewed')").await;
    shop.send(
        "ana",
        json!({ "type": "identify", "traits": { "email": "ana@example.com" } }),
    )
    .await;
    shop.track("ana", "Viewed").await;
    let browser = shop.test.source("browser", false).await;
    let claim = json!({ "type": "identify", "anonymousId": "b1", "messageId": "claim",
        "traits": { "email": "ana@example.com" } });
    shop.test.record(&browser, &[claim]).await;
    let part = json!({ "whole": false, "segments": [] });
    assert_eq!(seen(&shop, ("anonymous_id", "b1")).await, part);
}
