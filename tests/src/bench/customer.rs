//! A customer of whom much is known, for the time that it takes to decide about one.

use lazo_domain::{
    clock::Timestamp,
    condition::{
        Facts,
        evaluate::{Folded, PurchaseFact, TouchpointFact, Values},
    },
    id::{PurchaseId, TouchpointId},
    identity::Namespace,
    money::{Currency, Money},
    profile::Order,
    purchase::{Line, PurchaseStatus, PurchaseView},
    touchpoint::Channel,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// When is decided.
pub const NOW: Timestamp = Timestamp(1_795_000_000_000);

const HOUR: i64 = 3_600_000;
/// So often: 200 touchpoints in a year.
const EVERY: i64 = 43;
const TOUCHPOINTS: u32 = 200;
const PURCHASES: u32 = 20;
const NAMES: [&str; 10] = [
    "Product Viewed",
    "Home",
    "Category",
    "Product Viewed",
    "Search",
    "Product",
    "Product Viewed",
    "Cart",
    "Identify",
    "Order Completed",
];

/// What is known of the customer.
#[derive(Debug)]
pub struct Customer {
    traits: Value,
    touchpoints: Vec<Happened>,
    purchases: Vec<(PurchaseId, PurchaseView)>,
    namespaces: Vec<Namespace>,
    currency: Currency,
}

#[derive(Debug)]
struct Happened {
    id: TouchpointId,
    order: Order,
    name: &'static str,
    properties: Map<String, Value>,
    folded: Folded,
}

impl Customer {
    /// One of 200 touchpoints and 20 purchases within the last year.
    pub fn of_a_year() -> Self {
        let currency = "EUR".parse().expect("a currency");
        let namespaces = ["customer_id", "email", "anonymous_id"];
        Self {
            traits: json!({
                "email": "ana@mail.example", "firstName": "Ana", "lastName": "Díaz", "city": "Madrid", "plan": "gold",
                "visits": 30, "newsletter": true, "birthday": "1990-05-17", "country": "ES",
            }),
            touchpoints: (0..TOUCHPOINTS).map(happened).collect(),
            purchases: (0..PURCHASES).map(|one| purchase(one, currency)).collect(),
            namespaces: namespaces.into_iter().filter_map(Namespace::new).collect(),
            currency,
        }
    }

    /// What conditions read of it.
    pub fn facts(&self) -> Facts<'_> {
        let touchpoints = self.touchpoints.iter().map(|one| {
            TouchpointFact::new(
                one.id,
                &one.order,
                one.name,
                Channel::Web,
                "shop",
                &one.properties,
                true,
            )
            .keeping(&one.folded)
        });
        let purchases = self.purchases.iter();
        let purchases = purchases.filter_map(|(id, view)| PurchaseFact::of(*id, view));
        let mut facts = Facts::new(chrono_tz::Europe::Madrid, self.currency)
            .with_touchpoints(touchpoints.collect())
            .with_purchases(purchases.collect());
        let traits = self.traits.as_object().into_iter().flatten();
        facts.traits = Values::of(traits.map(|(name, value)| (name.as_str(), value)));
        facts.first_seen = self.touchpoints.first().map(|one| one.order.occurred_at);
        facts.last_seen = self.touchpoints.last().map(|one| one.order.occurred_at);
        facts.namespaces = self.namespaces.iter().collect();
        facts
    }
}

/// So many steps before the last of all.
fn ago(steps: u32, hours: i64) -> Timestamp {
    NOW.plus_millis(-(i64::from(steps) * hours + 1) * HOUR)
}

fn happened(number: u32) -> Happened {
    let at = ago(TOUCHPOINTS - 1 - number, EVERY);
    let place = usize::try_from(number).unwrap_or_default() % NAMES.len();
    let name = NAMES.get(place).copied().unwrap_or_default();
    let brand = ["Marca", "Otra", "Tercera"].get(place % 3);
    let properties = json!({
        "product_id": format!("p-{number}"), "sku": format!("sku-{number}"), "category": "Shoes", "name": format!("Shoe {number}"),
        "brand": brand, "variant": "blue", "price": 49.9, "quantity": 1, "currency": "EUR",
        "url": format!("https://shop.example/es/p/{number}"), "image_url": format!("https://shop.example/img/{number}.jpg"),
    });
    Happened {
        id: TouchpointId(Uuid::from_u128(u128::from(number))),
        order: Order {
            occurred_at: at,
            received_at: at,
            position: 0,
            message_id: format!("message-{number}"),
        },
        name,
        properties: properties.as_object().cloned().unwrap_or_default(),
        folded: Folded::default(),
    }
}

fn purchase(number: u32, currency: Currency) -> (PurchaseId, PurchaseView) {
    let line = |product: String, category: &str, minor: i64| Line {
        product_id: Some(product),
        sku: None,
        name: None,
        category: Some(category.to_owned()),
        brand: Some("Marca".to_owned()),
        variant: None,
        price: Some(Money { minor, currency }),
        quantity: 1,
    };
    let view = PurchaseView {
        status: PurchaseStatus::Placed,
        placed_at: Some(ago(PURCHASES - 1 - number, EVERY * 10)),
        currency,
        amount_minor: 9_980,
        refunded_minor: 0,
        net_minor: 9_980,
        counted: true,
        left_out: false,
        refunds_left_out: 0,
        lines: vec![
            line(format!("p-{number}"), "Shoes", 4_990),
            line("p-1".to_owned(), "Socks", 990),
        ],
    };
    (PurchaseId(Uuid::from_u128(u128::from(number))), view)
}
