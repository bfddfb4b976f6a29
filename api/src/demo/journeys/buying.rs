//! Carts and orders, and what the shop tells of an order afterwards.

use serde_json::{Value, json};

use super::super::items::Visit;
use super::super::order::{Order, product_json};
use super::super::plan::Outcome;
use super::super::{DAY, DemoSource};
use super::{HOUR, Journey, SECOND};

impl<'a> Journey<'a> {
    pub(super) fn order(&mut self) -> Order<'a> {
        let id = format!("P-{:04}-{:02}", self.person.number, self.orders + 1);
        Order::draw(id, self.person.favourite, self.catalogue, &mut self.rng)
    }

    pub(super) fn fill_cart(&mut self, visit: &Visit<'_>, order: &Order<'_>) {
        for (product, units) in &order.lines {
            let at = self.later();
            self.book
                .track(visit, at, "Product Added", &product_json(product, *units));
        }
        if self.rng.percent(30) {
            let at = self.later();
            let products: Vec<Value> = order
                .lines
                .iter()
                .map(|(product, units)| product_json(product, *units))
                .collect();
            self.book
                .track(visit, at, "Cart Viewed", &json!({ "products": products }));
        }
    }

    pub(super) fn buy(&mut self, device: usize, outcome: Outcome) {
        let mut visit = self.arrive(device);
        self.look_around(&visit);
        let order = self.order();
        self.orders += 1;
        self.fill_cart(&visit, &order);
        if !self.signed_in[device] {
            self.sign_in(device);
            visit.signed_in = true;
        }
        let at = self.later();
        self.book
            .track(&visit, at, "Checkout Started", &order.properties());
        let at = self.later();
        // Some browsers block what the page sends; the shop's own system always tells.
        if self.person.number == 1 || self.rng.percent(93) {
            self.book
                .track(&visit, at, "Order Completed", &order.properties());
        }
        let paid = at + self.rng.between(-2 * SECOND, 20 * SECOND);
        self.order_event(
            DemoSource::Server,
            paid,
            "Order Completed",
            &order.properties(),
        );
        self.settle(&order, DemoSource::Server, outcome);
    }

    pub(super) fn buy_at_counter(&mut self, outcome: Outcome) {
        self.enrol();
        let mut order = self.order();
        self.orders += 1;
        order.id = order.id.replacen('P', "T", 1);
        order.at_counter = true;
        let at = self.later();
        let fields = json!({
            "type": "track",
            "event": "Order Completed",
            "properties": order.properties(),
            "context": { "traits": { "phone": self.person.phone } },
        });
        self.book.customer(DemoSource::Store, at, fields);
        self.settle(&order, DemoSource::Store, outcome);
    }

    /// What the shop tells of an order in the days after it.
    pub(super) fn settle(&mut self, order: &Order<'_>, source: DemoSource, outcome: Outcome) {
        let (event, properties, wait) = match outcome {
            Outcome::Kept => return,
            Outcome::Updated => {
                let mut properties = order.properties();
                properties["note"] = json!("Cambio de dirección");
                (
                    "Order Updated",
                    properties,
                    self.rng.between(HOUR, 6 * HOUR),
                )
            }
            Outcome::Cancelled => {
                let wait = self.rng.between(HOUR, 20 * HOUR);
                ("Order Cancelled", json!({ "order_id": order.id }), wait)
            }
            Outcome::Refunded => (
                "Order Refunded",
                order.refund(),
                self.rng.between(3 * DAY, 12 * DAY),
            ),
        };
        self.order_event(source, self.now + wait, event, &properties);
    }

    pub(super) fn order_event(
        &mut self,
        source: DemoSource,
        at: i64,
        event: &str,
        properties: &Value,
    ) {
        let fields = json!({ "type": "track", "event": event, "properties": properties });
        self.book.customer(source, at, fields);
    }
}
