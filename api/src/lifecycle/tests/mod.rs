mod measure;
mod migration;
mod rules;
mod stages;

use std::cell::Cell;
use std::sync::Arc;

use lazo_domain::clock::Timestamp;
use lazo_entity::source;
use serde_json::{Value as Json, json};

use crate::auth::caller::Caller;
use crate::standing::Step;
use crate::testing::{NOW, TestApp};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// A deployment with a source that customers buy at, whose clock is moved by hand.
struct Shop {
    test: TestApp,
    source: Arc<source::Model>,
    sent: Cell<u32>,
}

impl Shop {
    async fn open() -> Self {
        let test = TestApp::start().await;
        let source = test.source("shop", true).await;
        let sent = Cell::new(0);
        Self { test, source, sent }
    }

    async fn send(&self, mut item: Json) -> String {
        let number = self.sent.get();
        self.sent.set(number + 1);
        item["messageId"] = json!(format!("m{number}"));
        let answers = self.test.record(&self.source, &[item]).await;
        answers[0].profile.unwrap().to_string()
    }

    async fn view(&self, device: &str) -> String {
        let item = json!({ "type": "track", "event": "Viewed", "anonymousId": device });
        self.send(item).await
    }

    /// An order of so many euros.
    async fn order(&self, customer: &str, at: Timestamp, euros: i64) -> String {
        let order_id = format!("o{}", self.sent.get());
        let properties = json!({ "order_id": order_id, "revenue": euros, "currency": "EUR" });
        let order = json!({ "type": "track", "event": "Order Completed", "userId": customer,
            "timestamp": at.to_string(), "properties": properties });
        self.send(order).await
    }

    /// Customers who bought so many days ago, for so many euros.
    async fn history(&self, customers: &[(&str, &[(i64, i64)])]) {
        for (customer, bought) in customers {
            for (days_ago, euros) in *bought {
                let at = Timestamp(NOW - days_ago * DAY);
                self.order(customer, at, *euros).await;
            }
        }
    }

    /// Lets time pass, and does what is due by then.
    async fn pass(&self, millis: i64) {
        self.test.clock.advance(millis);
        while self.test.app.writer().stand(Step::Due).await.unwrap() > 0 {}
    }

    async fn sweep(&self) -> usize {
        crate::standing::tests::sweep(&self.test.app).await
    }

    async fn answer(&self, document: &str) -> Json {
        let answer = self.test.answer(Caller::Local, document).await;
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"].clone()
    }

    /// The stage and the level of a profile.
    async fn standing(&self, profile: &str) -> (String, String) {
        let document = format!(r#"{{ profile(by: {{ id: "{profile}" }}) {{ stage level }} }}"#);
        let found = self.answer(&document).await["profile"].clone();
        let text = |field: &str| found[field].as_str().unwrap().to_owned();
        (text("stage"), text("level"))
    }

    /// The number of the last change of what is defined.
    async fn definitions(&self) -> i64 {
        let sql = "SELECT coalesce(max(value), 0) FROM counter WHERE name = 'definitions'";
        self.test.number(sql).await
    }
}

fn pair(stage: &str, level: &str) -> (String, String) {
    (stage.to_owned(), level.to_owned())
}

/// Customers of whom each bought a few times within three years, on days that look like chance.
fn some_history() -> Vec<(String, Vec<(i64, i64)>)> {
    let mut number = 7_i64;
    let mut next = |below: i64| {
        number = (number * 1_103_515_245 + 12_345) % 2_147_483_648;
        number / 65_536 % below
    };
    let mut customers = Vec::new();
    for customer in 0..40 {
        let mut bought = Vec::new();
        for _ in 0..=next(6) {
            bought.push((next(1_100), 5 + next(200)));
        }
        customers.push((format!("c{customer}"), bought));
    }
    customers
}
