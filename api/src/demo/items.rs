//! Writing touchpoints down as items of the Segment protocol, each under its source.

use lazo_domain::clock::Timestamp;
use serde_json::{Value, json};

use super::people::{Device, Person};
use super::rng::Rng;
use super::{DemoItem, DemoSource};

/// What somebody's journey has written so far.
pub(super) struct Book<'a> {
    person: &'a Person,
    rng: Rng,
    items: Vec<DemoItem>,
}

/// A visit to the web shop: on which device, signed in or not, and how it got there.
pub(super) struct Visit<'a> {
    pub(super) device: &'a Device,
    pub(super) signed_in: bool,
    /// How long the browser was without a connection before it could send, in milliseconds.
    pub(super) delay: i64,
    /// The newsletter that led here.
    pub(super) campaign: Option<&'static str>,
}

impl<'a> Book<'a> {
    pub(super) fn new(person: &'a Person) -> Self {
        Self {
            person,
            rng: Rng::new(3, person.number),
            items: Vec::new(),
        }
    }

    pub(super) fn into_items(self) -> Vec<DemoItem> {
        self.items
    }

    /// A page of the web shop.
    pub(super) fn page(&mut self, visit: &Visit<'_>, at: i64, path: &str, title: &str) {
        let url = format!("https://tienda.example{path}");
        let properties = json!({ "path": path, "title": title, "url": url });
        self.web(
            visit,
            at,
            json!({ "type": "page", "name": title, "properties": properties }),
        );
    }

    /// Something done in the web shop.
    pub(super) fn track(&mut self, visit: &Visit<'_>, at: i64, event: &str, properties: &Value) {
        self.web(
            visit,
            at,
            json!({ "type": "track", "event": event, "properties": properties }),
        );
    }

    /// What somebody says of themselves in the browser.
    pub(super) fn identify(&mut self, visit: &Visit<'_>, at: i64, traits: &Value) {
        self.web(visit, at, json!({ "type": "identify", "traits": traits }));
    }

    /// Something that the shop's own systems know of a customer.
    pub(super) fn customer(&mut self, source: DemoSource, at: i64, mut fields: Value) {
        fields["userId"] = json!(self.person.customer_id);
        self.backend(source, at, fields);
    }

    /// Something that the email provider tells.
    pub(super) fn email(&mut self, at: i64, event: &str, properties: &Value) {
        let context = json!({ "traits": { "email": self.person.email } });
        let fields = json!({ "type": "track", "event": event, "properties": properties, "context": context });
        self.backend(DemoSource::Email, at, fields);
    }

    /// Something that happened on Instagram.
    pub(super) fn instagram(&mut self, at: i64, event: &str, properties: &Value) {
        let Some(handle) = &self.person.instagram else {
            return;
        };
        let context = json!({ "externalIds": [instagram_id(handle)] });
        let fields = json!({ "type": "track", "event": event, "properties": properties, "context": context });
        self.backend(DemoSource::Instagram, at, fields);
    }

    /// Any item of the web shop's pages, with what the browser adds of itself.
    pub(super) fn web(&mut self, visit: &Visit<'_>, at: i64, mut fields: Value) {
        let device = visit.device;
        let shown = at + device.clock_error;
        let sent = shown + visit.delay + self.rng.between(300, 4_000);
        fields["anonymousId"] = json!(device.anonymous_id);
        if visit.signed_in {
            fields["userId"] = json!(self.person.customer_id);
        }
        fields["timestamp"] = json!(Timestamp(shown).to_string());
        if visit.delay > 0 || device.clock_error != 0 {
            fields["originalTimestamp"] = fields["timestamp"].clone();
        }
        fields["sentAt"] = json!(Timestamp(sent).to_string());
        let mut context = json!({
            "externalIds": fields["context"]["externalIds"],
            "library": { "name": "analytics.js", "version": "next-1.70.0" },
            "locale": "es-ES",
            "timezone": "Europe/Madrid",
            "userAgent": device.user_agent,
        });
        if let Some(name) = visit.campaign {
            context["campaign"] = json!({ "name": name, "source": "boletin", "medium": "email" });
        }
        fields["context"] = without_nulls(context);
        let received = sent - device.clock_error + self.rng.between(40, 900);
        self.push(DemoSource::Web, received, fields);
    }

    fn backend(&mut self, source: DemoSource, at: i64, mut fields: Value) {
        fields["timestamp"] = json!(Timestamp(at).to_string());
        // The till sends what it has sold a few times a day; the others at once.
        let wait = match source {
            DemoSource::Store => self.rng.between(60_000, 4 * 3_600_000),
            _ => self.rng.between(200, 5_000),
        };
        self.push(source, at + wait, fields);
    }

    fn push(&mut self, source: DemoSource, received: i64, mut fields: Value) {
        fields["messageId"] = json!(format!(
            "demo-{:04}-{:04}",
            self.person.number,
            self.items.len()
        ));
        let item = without_nulls(fields);
        self.items.push(DemoItem {
            source,
            received_at: Timestamp(received),
            item,
        });
    }
}

/// A handle as the protocol writes identifiers of other networks.
pub(super) fn instagram_id(handle: &str) -> Value {
    json!({ "id": handle, "type": "instagram", "collection": "users", "encoding": "none" })
}

/// The object without the fields that say nothing.
fn without_nulls(mut value: Value) -> Value {
    if let Value::Object(fields) = &mut value {
        fields.retain(|_, field| !field.is_null());
    }
    value
}
