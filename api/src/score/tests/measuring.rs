//! What is measured of all customers, whatever they bought and whatever fails.

use super::*;

const MINUTE: i64 = 60_000;

#[tokio::test]
async fn orders_of_any_amount_are_measured() {
    let shop = Shop::open().await;
    for number in 0..2 {
        let item = json!({ "type": "track", "event": "Order Completed",
            "properties": { "order_id": format!("o{number}"), "revenue": 9e16, "currency": "EUR" } });
        shop.send("ana", item).await;
    }
    let bob = shop.send("bob", order(3, 10)).await;
    let app = &shop.test.app;
    let greatest = shop.test.number("SELECT max(net) FROM purchase").await;
    assert!(greatest > i64::MAX / 2, "{greatest}");
    let id = shop
        .model("rfm", json!({ "kind": { "rfm": {} }, "grades": [] }))
        .await;
    assert!(service::measure(app, "me", id).await.is_ok());
    assert_eq!(shop.scores(bob).await.len(), 1);
}

#[tokio::test]
async fn a_model_that_cannot_be_measured_stops_no_other_and_is_tried_again() {
    let shop = Shop::open().await;
    let app = &shop.test.app;
    shop.segment("loyal", "plan = 'gold'").await;
    let feature = json!({ "key": "age", "title": "Age", "weight": 1, "value": { "trait": "age" },
        "kind": { "numeric": { "ideal": 1, "range": 9 } } });
    let alike = json!({ "kind": { "similarity": { "prior": 50, "segment": "loyal", "features": [feature] } }, "grades": [] });
    shop.model("alike", alike).await;
    let rfm = json!({ "kind": { "rfm": {} }, "grades": [] });
    let rfm = shop.model("rfm", rfm).await;
    shop.send("ana", order(1, 10)).await;
    let rename = async |from: &str, to: &str| {
        let sql = format!("ALTER TABLE {from} RENAME TO {to}");
        shop.test.execute(&sql).await.unwrap();
    };
    rename("segment_member", "segment_member_away").await;
    assert!(daily::measure_if_due(app).await.is_err());
    let version = async |id| service::find(app, id).await.unwrap().unwrap().version;
    assert_eq!(version(rfm).await, 2);
    assert!(!daily::measure_if_due(app).await.unwrap());
    rename("segment_member_away", "segment_member").await;
    shop.pass(10 * MINUTE);
    assert!(daily::measure_if_due(app).await.unwrap());
    shop.pass(10 * MINUTE);
    assert!(!daily::measure_if_due(app).await.unwrap());
}
