//! Orders become purchases, each once, in any order of arrival.

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    clock::{DAY, from_now},
    graphql::Caller,
    segment::{Item, track},
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::start;

fn order(event: &str, days_ago: i64, properties: Value) -> Item {
    track(event)
        .user("ada")
        .at(&from_now(-days_ago * DAY))
        .properties(properties)
}

async fn purchases(admin: &Caller) -> Vec<Value> {
    let data = admin
        .query(
            "{ profile(by: { customerId: \"ada\" }) { purchases(first: 50) { nodes {
                shop orderId status placedAt counted leftOut
                amount { minor amount currency } refunded { minor } net { minor }
                lines { productId sku name category quantity price { minor } }
            } } } }",
            json!({}),
        )
        .await;
    data["profile"]["purchases"]["nodes"]
        .as_array()
        .cloned()
        .expect("a list")
}

#[rstest]
#[tokio::test]
async fn an_order_is_a_purchase_with_its_lines_and_exact_money(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let admin = server.admin().await;

    backend
        .accept(order(
            "Order Completed",
            3,
            json!({
                "order_id": "o1", "revenue": 59.99, "total": 65.0, "currency": "EUR",
                "products": [
                    { "product_id": "p1", "sku": "s1", "name": "Shirt", "category": "Clothes", "quantity": 2, "price": 19.99 },
                    { "product_id": "p2", "quantity": 1, "price": "20.01" },
                ],
            }),
        ))
        .await;

    let found = purchases(&admin).await;
    assert_eq!(found.len(), 1);
    let purchase = &found[0];
    assert_eq!(purchase["shop"], "main");
    assert_eq!(purchase["orderId"], "o1");
    assert_eq!(purchase["status"], "PLACED");
    assert_eq!(purchase["counted"], true);
    assert_eq!(
        purchase["amount"],
        json!({ "minor": 5_999, "amount": "59.99", "currency": "EUR" })
    );
    assert_eq!(
        purchase["lines"][0],
        json!({
            "productId": "p1", "sku": "s1", "name": "Shirt", "category": "Clothes",
            "quantity": 2, "price": { "minor": 1_999 },
        })
    );
    assert_eq!(purchase["lines"][1]["price"]["minor"], 2_001);
    let ada = admin.customer("ada").await;
    assert_eq!(ada.summary.orders, 1);
    assert_eq!(ada.summary.spend.minor, 5_999);
    assert_eq!(ada.summary.first_order_at, ada.summary.last_order_at);
}

#[rstest]
#[tokio::test]
async fn the_same_order_sent_under_two_message_ids_counts_once(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let properties = json!({ "order_id": "o1", "revenue": 10, "currency": "EUR" });

    backend
        .accepted(&[
            order("Order Completed", 2, properties.clone()),
            order("Order Completed", 1, properties),
        ])
        .await;

    let ada = server.admin().await.customer("ada").await;
    assert_eq!(ada.summary.orders, 1);
    assert_eq!(ada.summary.spend.minor, 1_000);
    assert_eq!(ada.summary.touchpoints, 2);
}

#[rstest]
#[tokio::test]
async fn an_older_update_never_replaces_a_newer_one(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let admin = server.admin().await;
    let amount = |revenue: i64| json!({ "order_id": "o1", "revenue": revenue, "currency": "EUR" });

    backend.accept(order("Order Updated", 1, amount(30))).await;
    backend.accept(order("Order Updated", 2, amount(20))).await;
    backend
        .accept(order("Order Completed", 3, amount(10)))
        .await;

    let found = purchases(&admin).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["amount"]["minor"], 3_000);
    assert_eq!(admin.customer("ada").await.summary.spend.minor, 3_000);
}

#[rstest]
#[case::in_order([0, 1, 2])]
#[case::refund_first([2, 0, 1])]
#[case::backwards([2, 1, 0])]
#[tokio::test]
async fn a_refund_is_taken_off_whenever_it_arrives(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] arrival: [usize; 3],
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let admin = server.admin().await;
    let items = [
        order(
            "Order Completed",
            9,
            json!({ "order_id": "o1", "revenue": 50, "currency": "EUR" }),
        ),
        order(
            "Order Completed",
            8,
            json!({ "order_id": "o2", "revenue": 10, "currency": "EUR" }),
        ),
        order(
            "Order Refunded",
            7,
            json!({ "order_id": "o1", "total": 20, "currency": "EUR" }),
        ),
    ];

    for place in arrival {
        backend.accept(items[place].clone()).await;
    }

    let found = purchases(&admin).await;
    let refunded = found
        .iter()
        .find(|purchase| purchase["orderId"] == "o1")
        .expect("the purchase");
    assert_eq!(refunded["status"], "PARTIALLY_REFUNDED");
    assert_eq!(refunded["refunded"]["minor"], 2_000);
    assert_eq!(refunded["net"]["minor"], 3_000);
    let ada = admin.customer("ada").await;
    assert_eq!(ada.summary.orders, 2);
    assert_eq!(ada.summary.spend.minor, 4_000);
    assert_eq!(ada.summary.refunded.minor, 2_000);
}

#[rstest]
#[tokio::test]
async fn a_refund_without_its_order_is_a_stub_that_counts_nowhere(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let admin = server.admin().await;

    backend
        .accept(order(
            "Order Refunded",
            1,
            json!({ "order_id": "o1", "total": 20, "currency": "EUR" }),
        ))
        .await;

    let found = purchases(&admin).await;
    assert_eq!(found[0]["status"], "STUB");
    assert_eq!(found[0]["counted"], false);
    let ada = admin.customer("ada").await;
    assert_eq!((ada.summary.orders, ada.summary.spend.minor), (0, 0));
}

#[rstest]
#[tokio::test]
async fn a_full_refund_and_a_cancellation_leave_nothing_spent(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let admin = server.admin().await;
    let placed = |id: &str| json!({ "order_id": id, "revenue": 50, "currency": "EUR" });

    backend
        .accepted(&[
            order("Order Completed", 9, placed("o1")),
            order("Order Completed", 8, placed("o2")),
            order("Order Refunded", 2, json!({ "order_id": "o1" })),
            order("Order Cancelled", 1, placed("o2")),
        ])
        .await;

    let status = |found: &[Value], id: &str| {
        found
            .iter()
            .find(|purchase| purchase["orderId"] == id)
            .map(|purchase| purchase["status"].clone())
    };
    let found = purchases(&admin).await;
    assert_eq!(status(&found, "o1"), Some(json!("REFUNDED")));
    assert_eq!(status(&found, "o2"), Some(json!("CANCELLED")));
    assert_eq!(admin.customer("ada").await.summary.spend.minor, 0);
}

#[rstest]
#[case::a_cancellation("Order Cancelled", json!({ "order_id": "o1" }))]
#[case::a_refund("Order Refunded", json!({ "order_id": "o1" }))]
#[case::a_completion("Order Completed", json!({ "order_id": "o1", "revenue": 9_000, "currency": "EUR" }))]
#[tokio::test]
async fn a_public_source_does_not_change_an_order_of_a_trusted_one(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] event: &str,
    #[case] properties: Value,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let browser = server.browser().await;
    let admin = server.admin().await;
    let placed = json!({ "order_id": "o1", "revenue": 50, "currency": "EUR" });

    backend.accept(order("Order Completed", 9, placed)).await;
    let before = purchases(&admin).await;
    browser.accept(order(event, 12, properties.clone())).await;
    browser.accept(order(event, 1, properties)).await;

    assert_eq!(purchases(&admin).await, before);
    assert_eq!(before[0]["net"]["minor"], 5_000);
}

#[rstest]
#[tokio::test]
async fn another_currency_is_kept_left_out_and_counted_as_left_out(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let admin = server.admin().await;

    backend
        .accepted(&[
            order(
                "Order Completed",
                2,
                json!({ "order_id": "o1", "revenue": 10, "currency": "EUR" }),
            ),
            order(
                "Order Completed",
                1,
                json!({ "order_id": "o2", "revenue": 9_000, "currency": "JPY" }),
            ),
        ])
        .await;

    let found = purchases(&admin).await;
    assert_eq!(found[0]["orderId"], "o2", "newest first");
    assert_eq!(found[0]["leftOut"], true);
    assert_eq!(
        found[0]["amount"],
        json!({ "minor": 9_000, "amount": "9000", "currency": "JPY" }),
        "the yen has no minor unit"
    );
    let summary = admin.customer("ada").await.summary;
    assert_eq!(summary.spend.minor, 1_000);
    assert_eq!(summary.orders_left_out, 1);
}

#[rstest]
#[tokio::test]
async fn two_shops_may_use_the_same_order_id(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let admin = server.admin().await;
    let mut senders = Vec::new();
    for shop in ["madrid", "lisbon"] {
        let payload = admin
            .mutate(
                "sourceCreate",
                "key",
                json!({ "name": shop, "channel": "WEB", "trusted": true, "shop": shop }),
            )
            .await;
        let key = payload["key"].as_str().expect("a key").to_owned();
        senders.push(lazo_tests::segment::Sender::new(&server, key));
    }

    for sender in &senders {
        sender
            .accept(order(
                "Order Completed",
                1,
                json!({ "order_id": "o1", "revenue": 10, "currency": "EUR" }),
            ))
            .await;
    }

    assert_eq!(purchases(&admin).await.len(), 2);
    assert_eq!(admin.customer("ada").await.summary.spend.minor, 2_000);
}

#[rstest]
#[tokio::test]
async fn an_order_without_an_id_is_a_touchpoint_and_no_purchase(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let admin = server.admin().await;

    let outcome = backend
        .one(order(
            "Order Completed",
            1,
            json!({ "revenue": 10, "currency": "EUR" }),
        ))
        .await;

    assert_eq!(outcome.status, "ACCEPTED");
    assert!(purchases(&admin).await.is_empty());
}
