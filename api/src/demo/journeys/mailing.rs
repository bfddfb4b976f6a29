//! Newsletters: asking for them, and what becomes of each.

use serde_json::json;

use super::super::plan::Reply;
use super::super::shop::CAMPAIGNS;
use super::{HOUR, Journey, MINUTE};

impl Journey<'_> {
    pub(super) fn subscribe(&mut self, device: usize) {
        if !self.person.devices.is_empty() {
            let visit = self.arrive(device);
            let traits = json!({ "email": self.person.email, "newsletter": true });
            self.book.identify(&visit, self.now, &traits);
        }
        self.book.email(
            self.now + MINUTE,
            "Newsletter Subscribed",
            &json!({ "list_id": "boletin" }),
        );
    }

    pub(super) fn newsletter(&mut self, device: usize, position: usize, reply: Reply) {
        let campaign = &CAMPAIGNS[position];
        let properties = json!({
            "email_id": format!("{}-{:04}", campaign.id, self.person.number),
            "email_subject": campaign.subject,
            "campaign_id": campaign.id,
            "campaign_name": campaign.id,
        });
        if reply == Reply::Bounced {
            self.book.email(self.now, "Email Bounced", &properties);
            return;
        }
        self.book.email(self.now, "Email Delivered", &properties);
        if reply == Reply::Ignored {
            return;
        }
        self.now += self.rng.between(MINUTE, 3 * HOUR);
        self.book.email(self.now, "Email Opened", &properties);
        let at = self.later();
        match reply {
            Reply::Clicked => {
                let mut clicked = properties;
                clicked["link_url"] = json!("https://tienda.example/novedades");
                self.book.email(at, "Email Link Clicked", &clicked);
                self.campaign = Some(campaign.id);
                if !self.person.devices.is_empty() {
                    let visit = self.arrive(device);
                    self.look_around(&visit);
                }
            }
            Reply::Unsubscribed => {
                let mut left = properties;
                left["list_id"] = json!("boletin");
                self.book.email(at, "Unsubscribed", &left);
            }
            _ => {}
        }
    }
}
