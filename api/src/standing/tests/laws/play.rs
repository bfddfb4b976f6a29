//! A deployment to which things happen, and what is true of it afterwards.

use std::collections::BTreeMap;

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::generate::{BEGIN, HOUR};
use lazo_domain::id::{ComputedTraitId, ProfileId, ScoreModelId, SegmentId};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use serde_json::{Value as Json, json};

use super::decisions;
use super::definitions::{computed, model};
use super::events::{Event, Who};
use crate::auth::caller::Caller;
use crate::segment::service;
use crate::standing::tests::Shop;
use crate::standing::tests::fresh::{differences, settle_all, settle_due};
use crate::testing::NOW;
use crate::writer::{MergeByHand, UnmergeByHand};

const NAMES: [&str; 3] = ["Product Viewed", "Added To Cart", "Email Opened"];
const TEXTS: [&str; 4] = ["Málaga", "MALAGA", "ropa", "5"];
const ORDERS: [&str; 4] = [
    "Order Completed",
    "Order Completed",
    "Order Refunded",
    "Order Cancelled",
];
const PRICES: [f64; 5] = [-1.5, 0.0, 0.1, 12.345_67, 1e308];

/// A deployment to which things happen.
pub(super) struct Play {
    pub(super) shop: Shop,
    pub(super) segments: BTreeMap<usize, SegmentId>,
    pub(super) scores: BTreeMap<usize, ScoreModelId>,
    pub(super) computed: BTreeMap<usize, ComputedTraitId>,
    pub(super) generation: usize,
    /// The profiles that there ever were.
    known: Vec<ProfileId>,
}

impl Play {
    pub(super) async fn open() -> Self {
        let shop = Shop::open().await;
        // What is generated is near this instant.
        shop.pass(BEGIN.0 + 100 * HOUR - NOW);
        decisions::purposes(&shop.test.app).await;
        Self {
            shop,
            segments: BTreeMap::new(),
            scores: BTreeMap::new(),
            computed: BTreeMap::new(),
            generation: 0,
            known: Vec::new(),
        }
    }

    fn profile(&self, which: usize) -> Option<ProfileId> {
        self.known.get(which % self.known.len().max(1)).copied()
    }

    async fn sends(&mut self, who: &Who, hours_ago: i64, mut item: Json) {
        let at = self.shop.test.app.now().plus_millis(-hours_ago * HOUR);
        item["timestamp"] = json!(rfc3339(at));
        item["anonymousId"] = json!(format!("d{}", who.device));
        let user = who.user.map(|user| format!("u{user}")).unwrap_or_default();
        if let Some(email) = who.email {
            let email = json!(format!("e{email}@example.com"));
            if item["type"] == "identify" {
                item["traits"]["email"] = email;
            } else {
                item["context"] = json!({ "traits": { "email": email } });
            }
        }
        let profile = self.shop.send(&user, item).await;
        if !self.known.contains(&profile) {
            self.known.push(profile);
        }
    }

    pub(super) async fn happens(&mut self, event: &Event) {
        let app = self.shop.test.app.clone();
        match event {
            Event::Track {
                who,
                name,
                text,
                price,
                hours_ago,
            } => {
                let properties = json!({ "category": TEXTS[*text], "price": PRICES[*price], "tags": [TEXTS[*text], price] });
                let item =
                    json!({ "type": "track", "event": NAMES[*name], "properties": properties });
                self.sends(who, *hours_ago, item).await;
            }
            Event::Identify {
                who,
                text,
                age,
                birthday,
                zone,
            } => {
                let birthday = ["1990-02-29", "1985-03-01", "--02-25"][*birthday];
                let zone = ["Europe/Madrid", "Pacific/Auckland", "nowhere"][*zone];
                let traits = json!({ "country": TEXTS[*text], "age": PRICES[*age], "birthday": birthday, "timezone": zone, "likes": [TEXTS[*text]] });
                self.sends(who, 0, json!({ "type": "identify", "traits": traits }))
                    .await;
            }
            Event::Order {
                who,
                order,
                event,
                amount,
                hours_ago,
            } => {
                let product = TEXTS[*order];
                let properties = json!({ "order_id": format!("o{order}"), "revenue": amount, "currency": "EUR",
                    "products": [{ "product_id": product, "category": product, "quantity": 1, "price": amount }] });
                let item =
                    json!({ "type": "track", "event": ORDERS[*event], "properties": properties });
                self.sends(who, *hours_ago, item).await;
            }
            Event::Merge(one, other) => {
                let Some((one, other)) = self.profile(*one).zip(self.profile(*other)) else {
                    return;
                };
                let merge = MergeByHand {
                    profiles: vec![one, other],
                    actor: "me".to_owned(),
                    reason: None,
                    once: None,
                };
                app.writer().merge(merge).await.unwrap();
            }
            Event::Part(which) => {
                let Some(former) = self.profile(*which) else {
                    return;
                };
                let unmerge = UnmergeByHand {
                    former,
                    actor: "me".to_owned(),
                    reason: None,
                    once: None,
                };
                app.writer().unmerge(unmerge).await.unwrap();
            }
            Event::Pass { millis, timer } => {
                self.shop.pass(*millis);
                if *timer {
                    settle_due(&app).await;
                }
            }
            Event::Define { which, condition } => self.define(*which, condition.clone()).await,
            Event::Archive(which) => {
                if let Some(id) = self.segments.get(which).copied()
                    && service::archive(&app, &Caller::Local, id).await.is_ok()
                {
                    self.segments.remove(which);
                }
            }
            Event::Pin {
                which,
                profile,
                pin,
            } => {
                let pinned = self.segments.get(which).zip(self.profile(*profile));
                if let Some((id, profile)) = pinned {
                    service::pin(&app, &Caller::Local, *id, &[profile], *pin)
                        .await
                        .unwrap();
                }
            }
            Event::Decide {
                profile,
                purpose,
                channel,
                kind,
                hours_ago,
            } => {
                if let Some(profile) = self.profile(*profile) {
                    let at = app.now().plus_millis(-hours_ago * HOUR);
                    decisions::decide(&app, profile, *purpose, *channel, *kind, at).await;
                }
            }
            Event::Score {
                which,
                model: index,
            } => self.score(*which, model(*index)).await,
            Event::Compute { which, definition } => {
                let name = ["bought", "age"][*which];
                self.compute(*which, name, computed(*definition, name))
                    .await;
            }
        }
    }

    /// That all stands as a fresh evaluation says, and that nothing that was sent waits in the quarantine.
    pub(super) async fn check(&self) -> TestCaseResult {
        let app = &self.shop.test.app;
        settle_all(app).await;
        let differences = differences(app).await;
        prop_assert!(differences.is_empty(), "{differences:#?}");
        let held = self
            .shop
            .test
            .number("SELECT count(*) FROM quarantine")
            .await;
        prop_assert_eq!(held, 0, "in quarantine");
        Ok(())
    }
}

fn rfc3339(at: Timestamp) -> String {
    chrono::DateTime::from_timestamp_millis(at.0)
        .unwrap()
        .to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
