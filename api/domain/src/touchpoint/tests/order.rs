//! The total order of touchpoints.

use super::*;

fn order(occurred_at: i64, received_at: i64, position: u32, message_id: &str) -> Order {
    Order {
        occurred_at: Timestamp(occurred_at),
        received_at: Timestamp(received_at),
        position,
        message_id: message_id.to_owned(),
    }
}

#[test]
fn time_decides_first_then_arrival_then_position_then_the_message_id() {
    let sorted = [
        order(1, 9, 9, "z"),
        order(2, 1, 9, "z"),
        order(2, 2, 0, "z"),
        order(2, 2, 1, "a"),
        order(2, 2, 1, "b"),
    ];
    assert!(sorted.is_sorted());
}

#[test]
fn the_stored_form_is_an_array_and_reads_back() {
    let order = order(1, 2, 3, "m");
    let json = serde_json::to_string(&order).unwrap();
    assert_eq!(json, r#"[1,2,3,"m"]"#);
    assert_eq!(serde_json::from_str::<Order>(&json).unwrap(), order);
}

#[test]
fn a_touchpoint_knows_its_place() {
    let item = serde_json::json!({"type": "page", "userId": "u1", "messageId": "m1",
        "timestamp": "2026-11-22T00:39:30.422Z"});
    assert_eq!(
        accept(&item).order_key(),
        order(1_795_307_970_422, RECEIVED.0, 3, "m1")
    );
}
