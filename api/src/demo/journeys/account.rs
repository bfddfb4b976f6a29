//! Who somebody says they are: accounts, sign-ins, handles.

use serde_json::{Value, json};

use super::super::DemoSource;
use super::super::items::{Visit, instagram_id};
use super::{Journey, MINUTE, SECOND};

impl Journey<'_> {
    /// Signs in on a device, with a new account if there is none: the browser claims it, the shop's own system confirms it.
    pub(super) fn sign_in(&mut self, device: usize) {
        let at = self.later();
        let visit = Visit {
            device: &self.person.devices[device],
            signed_in: true,
            delay: 0,
            campaign: None,
        };
        let traits = json!({ "email": self.person.email, "firstName": self.person.first_name });
        self.book.identify(&visit, at, &traits);
        self.signed_in[device] = true;
        self.enrol();
        if self.rng.percent(80) || self.person.number == 1 {
            let fields = json!({
                "type": "identify",
                "anonymousId": visit.device.anonymous_id,
                "traits": { "email": self.person.email },
            });
            self.book
                .customer(DemoSource::Server, self.now + 2 * SECOND, fields);
        }
    }

    /// Enters the customer in the shop's own system, once.
    pub(super) fn enrol(&mut self) {
        if self.registered {
            return;
        }
        self.registered = true;
        let person = self.person;
        let mut traits = json!({
            "email": person.email,
            "phone": person.phone,
            "firstName": person.first_name,
            "lastName": person.surnames,
            "address": { "city": person.city.name, "postalCode": person.city.postal_code, "country": "ES" },
            "language": "es",
        });
        if self.rng.percent(60) || person.number == 1 {
            traits["birthday"] = json!(person.birthday);
        }
        self.tell(DemoSource::Server, &traits);
    }

    pub(super) fn tell(&mut self, source: DemoSource, traits: &Value) {
        let fields = json!({ "type": "identify", "traits": traits });
        self.book.customer(source, self.now + SECOND, fields);
    }

    /// Tells the handle in the browser, which only claims it; for some customers the shop's own system confirms it.
    pub(super) fn give_handle(&mut self, device: usize) {
        let Some(handle) = &self.person.instagram else {
            return;
        };
        let visit = self.arrive(device);
        let fields = json!({
            "type": "identify",
            "traits": { "email": self.person.email, "instagram": format!("@{handle}") },
            "context": { "externalIds": [instagram_id(handle)] },
        });
        self.book.web(&visit, self.now, fields.clone());
        let confirmed = self.person.number == 1 || self.rng.percent(60);
        if confirmed && self.person.customer_id.is_some() {
            self.enrol();
            self.book
                .customer(DemoSource::Server, self.now + MINUTE, fields);
        }
    }
}
