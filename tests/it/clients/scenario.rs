//! A day at a shop: what each client is made to say, and what the profiles then hold.

use lazo_tests::graphql::Caller;
use serde_json::{Value, json};

use super::Client;

/// When the first order was placed, where a client can say it.
const ORDERED_AT: &str = "2026-01-15T10:00:00.000Z";

/// The message that is sent twice.
pub(super) const REPEATED: &str = "added";

/// The calls about three customers, as far as the client has them.
pub(super) fn calls(client: Client) -> Vec<Value> {
    let order =
        |id: &str, revenue: f64| json!({ "order_id": id, "revenue": revenue, "currency": "EUR" });
    let created = "2020-01-01T00:00:00.000Z";
    let mut calls = vec![
        json!({ "call": "page", "anonymousId": "device-ada", "name": "Home", "properties": { "url": "https://shop.example/" } }),
        json!({ "call": "identify", "userId": "ada", "anonymousId": "device-ada",
            "traits": { "email": "Ada@Example.com", "age": 36, "plan": "free", "nothing": null, "createdAt": created } }),
        json!({ "call": "track", "userId": "ada", "event": "Product Viewed", "properties": { "product_id": "p1", "price": 12.5 } }),
        json!({ "call": "track", "userId": "ada", "event": "Order Completed", "messageId": "order-o1", "timestamp": ORDERED_AT,
            "properties": order("o1", 12.5) }),
        json!({ "call": "identify", "userId": "berta", "traits": { "email": "berta@example.com", "city": "Sevilla" } }),
        json!({ "call": "track", "userId": "berta", "event": "Signed Up", "properties": {} }),
        json!({ "call": "identify", "userId": "ada", "traits": { "plan": "pro" } }),
        json!({ "call": "group", "userId": "ada", "groupId": "club", "traits": { "name": "The club" } }),
        json!({ "call": "track", "userId": "berta", "event": "Order Completed", "properties": order("o2", 20.0) }),
        json!({ "call": "track", "userId": "berta", "event": "Order Refunded", "properties": { "order_id": "o2", "total": 5.0, "currency": "EUR" } }),
        json!({ "call": "track", "userId": "carl", "event": "Product Added", "messageId": REPEATED, "properties": { "product_id": "p2" } }),
    ];
    if !client.is_jitsu() {
        calls.extend([
            // A program that runs again sends the same message again: it counts once.
            json!({ "call": "track", "userId": "carl", "event": "Product Added", "messageId": REPEATED, "properties": { "product_id": "p2" } }),
            json!({ "call": "screen", "userId": "ada", "name": "Main", "properties": {} }),
            json!({ "call": "alias", "userId": "ada", "previousId": "device-old" }),
        ]);
    }
    calls
}

/// Holds the profiles to what [`calls`] said, each call once.
pub(super) async fn is_told_once(client: Client, admin: &Caller) {
    let ada = admin.customer("ada").await;
    let mut expected = vec![
        "Group",
        "Home",
        "Identify",
        "Identify",
        "Order Completed",
        "Product Viewed",
    ];
    if !client.is_jitsu() {
        expected.extend(["Alias", "Main"]);
    }
    expected.sort_unstable();
    let mut story = ada.story();
    story.sort_unstable();
    assert_eq!(story, expected);
    assert_eq!(ada.values("email"), ["ada@example.com"]);
    assert!(ada.values("anonymous_id").contains(&"device-ada"));
    assert_eq!(ada.value("age"), json!(36));
    assert_eq!(ada.value("plan"), json!("pro"));
    let created = ada.value("createdAt");
    let created = created.as_str().expect("a time as text");
    assert!(created.starts_with("2020-01-01T00:00:00"), "{created}");
    assert_eq!((ada.summary.orders, ada.summary.spend.minor), (1, 1_250));
    assert_eq!(
        purchases(admin, "ada").await,
        [json!(["o1", "PLACED", 1_250])]
    );
    if !client.is_jitsu() {
        assert_eq!(ada.values("anonymous_id"), ["device-ada", "device-old"]);
        let order = ada
            .timeline()
            .iter()
            .find(|touchpoint| touchpoint.message_id == "order-o1")
            .expect("the order keeps its id");
        assert_eq!(order.occurred_at, ORDERED_AT);
    }

    let berta = admin.customer("berta").await;
    let story = ["Identify", "Signed Up", "Order Completed", "Order Refunded"];
    assert_eq!(berta.story(), story, "in the order of the calls");
    assert_eq!(berta.value("city"), json!("Sevilla"));
    assert_eq!(
        (berta.summary.orders, berta.summary.spend.minor),
        (1, 1_500)
    );
    assert_eq!(berta.summary.refunded.minor, 500);
    let refunded = json!(["o2", "PARTIALLY_REFUNDED", 1_500]);
    assert_eq!(purchases(admin, "berta").await, [refunded]);

    assert_eq!(admin.customer("carl").await.story(), ["Product Added"]);
    assert_eq!(admin.count_profiles().await, 3);
}

async fn purchases(admin: &Caller, customer: &str) -> Vec<Value> {
    let document = "query($id: String!) { profile(by: { customerId: $id }) {
        purchases(first: 50) { nodes { orderId status net { minor } } } } }";
    let data = admin.query(document, json!({ "id": customer })).await;
    let nodes = data["profile"]["purchases"]["nodes"].as_array();
    nodes
        .expect("a list")
        .iter()
        .map(|one| json!([one["orderId"], one["status"], one["net"]["minor"]]))
        .collect()
}
