//! What purchases come to.

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::generate::History;
use lazo_domain::id::PurchaseId;
use lazo_domain::money::Money;
use lazo_domain::purchase::Line;
use lazo_domain::purchase::PurchaseStatus;
use lazo_domain::purchase::PurchaseView;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

use super::{DAY, euro, hold, nobody};

/// A purchase in euros at an instant, whose number is its id.
pub(super) fn bought(
    number: u32,
    placed_at: Timestamp,
    net_minor: i64,
    lines: Vec<Line>,
) -> (PurchaseId, PurchaseView) {
    let view = PurchaseView {
        status: PurchaseStatus::Placed,
        placed_at: Some(placed_at),
        currency: euro(),
        amount_minor: net_minor,
        refunded_minor: 0,
        net_minor,
        counted: true,
        left_out: false,
        refunds_left_out: 0,
        lines,
    };
    (PurchaseId(Uuid::from_u128(number.into())), view)
}

fn line(product: &str, category: &str, minor: i64, quantity: i64) -> Line {
    Line {
        product_id: Some(product.to_owned()),
        sku: None,
        name: None,
        category: Some(category.to_owned()),
        brand: None,
        variant: None,
        price: Some(Money {
            minor,
            currency: euro(),
        }),
        quantity,
    }
}

#[tokio::test]
async fn purchases_come_to_what_they_come_to() {
    let day = |day: i64| Timestamp(day * DAY);
    let mut dollars = bought(3, day(20), 70_000, vec![line("P-3", "Hogar", 1_000, 1)]);
    dollars.1.left_out = true;
    let mut cancelled = bought(4, day(25), 0, Vec::new());
    cancelled.1.counted = false;
    let person = History {
        purchases: vec![
            bought(
                1,
                day(1),
                1_210,
                vec![
                    line("P-1", "Niños", 605, 2),
                    line("p-1", "ROPA", i64::MAX, 3),
                ],
            ),
            bought(2, day(11), 990, vec![line("P-2", "ninos", 990, 1)]),
            dollars,
            cancelled,
        ],
        ..nobody()
    };
    let of = |lines: Value, window: Value, measure: Value| json!({"purchase": {"lines": lines, "window": window, "measure": measure}});
    let ever = |measure: Value| of(json!({}), json!("ever"), measure);
    let children = |measure: Value| of(json!({"categories": ["NIÑOS"]}), json!("ever"), measure);
    let cases = [
        (ever(json!({"count": {"equal": 3}})), 30, true),
        (ever(json!({"spend": {"equal": 22.0}})), 30, true),
        (ever(json!({"mean_spend": {"equal": 11.0}})), 30, true),
        (ever(json!({"max_spend": {"equal": 12.1}})), 30, true),
        (ever(json!({"max_spend": {"less": 12.1}})), 30, false),
        (
            ever(json!({"max_spend": {"more": 12.099_999_999}})),
            30,
            true,
        ),
        (ever(json!({"products": {"equal": 3}})), 30, true),
        (children(json!({"count": {"equal": 2}})), 30, true),
        (children(json!({"spend": {"equal": 22.0}})), 30, true),
        (children(json!({"products": {"equal": 2}})), 30, true),
        (
            of(
                json!({"products": ["P-1", "x"], "categories": ["ropa"]}),
                json!("ever"),
                json!({"spend": {"more": 9e9}}),
            ),
            30,
            true,
        ),
        (
            of(
                json!({"products": ["p-2"], "categories": ["ropa"]}),
                json!("ever"),
                json!({"count": {"equal": 0}}),
            ),
            30,
            true,
        ),
        (
            of(
                json!({"brands": ["x"]}),
                json!("ever"),
                json!({"spend": {"equal": 0.0}}),
            ),
            30,
            true,
        ),
        (
            of(
                json!({}),
                json!({"last": 10 * DAY}),
                json!({"count": {"equal": 0}}),
            ),
            30,
            true,
        ),
        (
            of(
                json!({}),
                json!({"last": 10 * DAY + 1_000}),
                json!({"count": {"equal": 1}}),
            ),
            30,
            true,
        ),
        (ever(json!({"first": {"before": 2 * DAY}})), 30, true),
        (ever(json!({"last": {"longer_ago": 10 * DAY}})), 30, true),
        // The mean interval is nine and a half days.
        (
            ever(json!({"since_last_in_intervals": {"equal": 2.0}})),
            39,
            true,
        ),
        (
            ever(json!({"since_last_in_intervals": {"at_least": 2.0}})),
            38,
            false,
        ),
        (
            ever(json!({"since_last_in_intervals": {"less": 1e300}})),
            38,
            true,
        ),
        (
            ever(json!({"since_last_in_intervals": {"more": -1e300}})),
            38,
            true,
        ),
        (
            ever(json!({"since_last_in_intervals": {"more": 0.0}})),
            1,
            false,
        ),
    ];
    hold(
        person,
        cases.map(|(json, now, holds)| (json, day(now), holds)),
    )
    .await;
}
