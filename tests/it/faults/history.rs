//! A history of customers with devices, traits and orders, each thing at a moment of its own, and what became of it.

use std::collections::BTreeMap;

use lazo_tests::{
    clock::{DAY, now, rfc3339},
    graphql::Caller,
    segment::{Item, identify, page, track},
    standing::Standing,
};
use serde_json::{Value, json};

/// Things that happened, in the order of their times.
pub(super) fn history(length: usize, customers: usize) -> Vec<Item> {
    let base = now() - 3 * DAY;
    (0..length)
        .map(|number| {
            let whose = number % customers;
            let turn = number / customers;
            let device = format!("device-{whose}-{}", turn % 3);
            let order = json!({
                "order_id": format!("order-{whose}-{}", turn / 4), "revenue": 10 + turn,
                "currency": if turn / 4 % 2 == 1 { "USD" } else { "EUR" },
                "products": [{ "product_id": format!("product-{turn}"), "name": "Shirt", "price": 5 + turn, "quantity": 1 + turn % 3 }],
            });
            let item = match turn % 4 {
                0 => identify().traits(json!({
                    "email": format!("customer{whose}@example.com"),
                    "city": format!("city {turn}"),
                    format!("only{turn}"): whose,
                })),
                1 => track("Order Completed").properties(order),
                2 => page("Home"),
                _ => track("Order Refunded").properties(json!({
                    "order_id": order["order_id"], "revenue": 5, "currency": order["currency"],
                })),
            };
            let at = base + 1_000 * i64::try_from(number).expect("a short history");
            item.user(&name(whose))
                .anonymous(&device)
                .message(&format!("history-{number}"))
                .at(&rfc3339(at))
        })
        .collect()
}

fn name(customer: usize) -> String {
    format!("customer-{customer}")
}

/// What all customers look like.
pub(super) async fn portraits(admin: &Caller, customers: usize) -> BTreeMap<usize, Value> {
    let mut portraits = BTreeMap::new();
    for customer in 0..customers {
        let profile = admin.customer(&name(customer)).await;
        portraits.insert(customer, profile.portrait());
    }
    portraits
}

/// Where all customers stand.
pub(super) async fn standings(admin: &Caller, customers: usize) -> BTreeMap<usize, Standing> {
    let mut standings = BTreeMap::new();
    for customer in 0..customers {
        standings.insert(customer, admin.standing(&name(customer)).await);
    }
    standings
}
