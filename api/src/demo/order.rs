//! Orders: what is in a cart, and how an order reads in JSON.

use serde_json::{Value, json};

use super::rng::Rng;
use super::shop::{CATEGORIES, Product};

/// Orders above it travel free, in cents.
const FREE_SHIPPING: u32 = 5_000;
const SHIPPING: u32 = 495;

/// Products with their numbers, and what the buyer pays for them.
pub(super) struct Order<'a> {
    pub(super) id: String,
    pub(super) lines: Vec<(&'a Product, u32)>,
    /// A tenth off, with a coupon.
    pub(super) discounted: bool,
    /// At the counter nothing is sent.
    pub(super) at_counter: bool,
}

impl<'a> Order<'a> {
    /// An order by chance, most often from the shelf that the buyer likes best.
    pub(super) fn draw(
        id: String,
        favourite: usize,
        catalogue: &'a [Product],
        rng: &mut Rng,
    ) -> Self {
        let mut lines: Vec<(&Product, u32)> = Vec::new();
        for _ in 0..rng.few().min(3) {
            let product = choose(favourite, catalogue, rng);
            let units = if rng.percent(75) {
                1
            } else {
                2 + u32::from(rng.percent(30))
            };
            if lines
                .iter()
                .all(|(known, _)| known.number != product.number)
            {
                lines.push((product, units));
            }
        }
        Self {
            id,
            lines,
            discounted: rng.percent(12),
            at_counter: false,
        }
    }

    fn subtotal(&self) -> u32 {
        self.lines
            .iter()
            .map(|(product, units)| product.cents * units)
            .sum()
    }

    fn discount(&self) -> u32 {
        if self.discounted {
            self.subtotal() / 10
        } else {
            0
        }
    }

    fn shipping(&self) -> u32 {
        if self.at_counter || self.revenue() >= FREE_SHIPPING {
            0
        } else {
            SHIPPING
        }
    }

    /// After the discount and without shipping, in cents.
    fn revenue(&self) -> u32 {
        self.subtotal() - self.discount()
    }

    fn total(&self) -> u32 {
        self.revenue() + self.shipping()
    }

    /// The properties of the e-commerce events of this order, amounts as decimal text.
    pub(super) fn properties(&self) -> Value {
        let products: Vec<Value> = self
            .lines
            .iter()
            .map(|(product, units)| product_json(product, *units))
            .collect();
        let mut properties = json!({
            "order_id": self.id,
            "affiliation": if self.at_counter { "Tienda Valencia" } else { "Tienda web" },
            "currency": "EUR",
            "subtotal": decimal(self.subtotal()),
            "revenue": decimal(self.revenue()),
            "shipping": decimal(self.shipping()),
            "total": decimal(self.total()),
            "products": products,
        });
        if self.discounted {
            properties["discount"] = json!(decimal(self.discount()));
            properties["coupon"] = json!("AMIGOS10");
        }
        properties
    }

    /// The properties of a refund of the whole order.
    pub(super) fn refund(&self) -> Value {
        json!({ "order_id": self.id, "currency": "EUR", "revenue": decimal(self.revenue()), "total": decimal(self.total()) })
    }
}

/// A product by chance, most often from the favourite shelf.
pub(super) fn choose<'a>(favourite: usize, catalogue: &'a [Product], rng: &mut Rng) -> &'a Product {
    let shelf = catalogue.len() / CATEGORIES.len();
    if rng.percent(65) {
        &catalogue[favourite * shelf + rng.index(shelf)]
    } else {
        rng.pick(catalogue)
    }
}

/// A product as the e-commerce events name it.
pub(super) fn product_json(product: &Product, units: u32) -> Value {
    json!({
        "product_id": format!("P-{:03}", product.number),
        "sku": format!("DSP-{:03}", product.number),
        "name": product.name,
        "category": product.category,
        "price": decimal(product.cents),
        "quantity": units,
    })
}

/// Cents as units with two decimals.
fn decimal(cents: u32) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}
