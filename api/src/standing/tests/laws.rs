//! Laws of standings: whatever happens, in any order, what is stored is what a fresh evaluation says.

use std::collections::BTreeMap;

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::Condition;
use lazo_domain::condition::generate::{BEGIN, HOUR, condition};
use lazo_domain::id::{ComputedTraitId, ProfileId, ScoreModelId, SegmentId};
use lazo_entity::{computed_trait, score_model};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseResult, TestError, TestRunner};
use sea_orm::{ActiveModelTrait, ActiveValue, EntityTrait, IntoActiveModel};
use serde_json::{Value as Json, json};

use super::fresh::{differences, settle_all, settle_due};
use super::{Shop, create};
use crate::auth::caller::Caller;
use crate::segment::Update;
use crate::segment::service::{self, Pin};
use crate::standing::sweep;
use crate::testing::NOW;
use crate::writer::{MergeByHand, UnmergeByHand};

const KEYS: [&str; 3] = ["first", "second", "third"];
const NAMES: [&str; 3] = ["Product Viewed", "Added To Cart", "Email Opened"];
const TEXTS: [&str; 4] = ["Málaga", "MALAGA", "ropa", "5"];
const ORDERS: [&str; 4] = [
    "Order Completed",
    "Order Completed",
    "Order Refunded",
    "Order Cancelled",
];
const PRICES: [f64; 5] = [-1.5, 0.0, 0.1, 12.345_67, 1e308];

/// By what a touchpoint names a person.
#[derive(Clone, Debug)]
struct Who {
    user: Option<usize>,
    email: Option<usize>,
    device: usize,
}

/// What happens to a deployment.
#[derive(Clone, Debug)]
enum Event {
    Track {
        who: Who,
        name: usize,
        text: usize,
        price: usize,
        hours_ago: i64,
    },
    Identify {
        who: Who,
        text: usize,
        age: usize,
        birthday: usize,
        zone: usize,
    },
    Order {
        who: Who,
        order: usize,
        event: usize,
        amount: u32,
        hours_ago: i64,
    },
    Merge(usize, usize),
    Part(usize),
    /// Time passes, and the timer does what is due or is late.
    Pass {
        millis: i64,
        timer: bool,
    },
    Define {
        which: usize,
        condition: Option<Condition>,
    },
    Archive(usize),
    Pin {
        which: usize,
        profile: usize,
        pin: Pin,
    },
    Score {
        which: usize,
        model: usize,
    },
    Compute {
        which: usize,
        definition: usize,
    },
}

fn who() -> impl Strategy<Value = Who> {
    (
        option::weighted(0.5, 0..4_usize),
        option::weighted(0.3, 0..3_usize),
        0..4_usize,
    )
        .prop_map(|(user, email, device)| Who {
            user,
            email,
            device,
        })
}

fn event() -> impl Strategy<Value = Event> {
    let millis = prop_oneof![
        4 => (1..40_i64).prop_map(|hours| hours * HOUR),
        1 => (24..400_i64).prop_map(|hours| hours * HOUR),
        1 => Just(1_i64),
        1 => (1..40_i64).prop_map(|hours| hours * HOUR - 1),
    ];
    let pin = prop_oneof![
        Just(Pin::Included),
        Just(Pin::Excluded),
        Just(Pin::Released)
    ];
    prop_oneof![
        8 => (who(), 0..3_usize, 0..4_usize, 0..5_usize, 0..60_i64).prop_map(
            |(who, name, text, price, hours_ago)| Event::Track { who, name, text, price, hours_ago }
        ),
        4 => (who(), 0..4_usize, 0..4_usize, 0..3_usize, 0..3_usize).prop_map(
            |(who, text, age, birthday, zone)| Event::Identify { who, text, age, birthday, zone }
        ),
        5 => (who(), 0..4_usize, 0..4_usize, 0..50_u32, 0..60_i64).prop_map(
            |(who, order, event, amount, hours_ago)| Event::Order { who, order, event, amount, hours_ago }
        ),
        2 => (0..8_usize, 0..8_usize).prop_map(|(one, other)| Event::Merge(one, other)),
        2 => (0..8_usize).prop_map(Event::Part),
        6 => (millis, any::<bool>()).prop_map(|(millis, timer)| Event::Pass { millis, timer }),
        4 => (0..3_usize, option::weighted(0.9, condition()))
            .prop_map(|(which, condition)| Event::Define { which, condition }),
        1 => (0..3_usize).prop_map(Event::Archive),
        2 => (0..3_usize, 0..8_usize, pin)
            .prop_map(|(which, profile, pin)| Event::Pin { which, profile, pin }),
        1 => (0..2_usize, 0..5_usize).prop_map(|(which, model)| Event::Score { which, model }),
        1 => (0..2_usize, 0..5_usize)
            .prop_map(|(which, definition)| Event::Compute { which, definition }),
    ]
}

/// A history: after each event that says so, all is settled and compared.
fn history() -> impl Strategy<Value = Vec<(Event, bool)>> {
    vec((event(), prop::bool::weighted(0.3)), 8..45)
}

/// Models of scores, some of which time changes.
fn model(which: usize) -> Option<Json> {
    let views = json!({ "names": ["Product Viewed"] });
    let rule = |key: &str, when: Json, fades: bool| json!({ "key": key, "title": key, "points": 7.0, "when": when, "fades": fades });
    Some(match which {
        0 => json!({ "kind": { "points": { "rules": [
            rule("views", json!({ "each": { "filter": views, "window": { "last": 30 * HOUR } } }), false),
            rule("member", json!({ "holds": { "segment": { "key": "third" } } }), false),
        ] } }, "scale": 40.0 }),
        1 => json!({ "kind": { "points": { "rules": [
            rule("views", json!({ "each": { "filter": views, "window": "ever", "cap": { "most": 2, "per": 24 * HOUR } } }), true),
            rule("once", json!({ "once": { "window": { "last": 50 * HOUR } } }), false),
        ], "half_life": 20 * HOUR } }, "grades": [{ "name": "COLD", "at_least": 0.0 }, { "name": "HOT", "at_least": 6.0 }] }),
        2 => json!({ "kind": { "similarity": { "features": [
            { "key": "city", "title": "City", "weight": 1.0, "value": { "trait": "country" }, "kind": { "category": { "ideal": { "malaga": 0.5 } } } },
            { "key": "orders", "title": "Orders", "weight": 1.0, "value": "orders", "kind": { "numeric": { "ideal": 3.0, "range": 2.0 } } },
        ], "prior": 50.0 } } }),
        3 => {
            json!({ "kind": { "rfm": { "window": { "last": 100 * HOUR }, "method": "rank_min", "boundaries": {
            "recency": { "least": 1, "from": [1, 2, 3, 4] }, "frequency": { "least": 1, "from": [3] }, "monetary": { "least": -5, "from": [] },
        } } } })
        }
        _ => return None,
    })
}

/// Computed traits, some of which time changes; one has the name of a trait that people have.
fn computed(which: usize, name: &str) -> Option<Json> {
    let of = match which {
        0 => json!({ "touchpoints": { "measure": "count" } }),
        1 => {
            json!({ "touchpoints": { "filter": { "names": ["Product Viewed"] }, "measure": { "sum": "price" } } })
        }
        2 => {
            json!({ "touchpoints": { "measure": { "distinct_values": { "property": "category", "cap": 2 } } } })
        }
        3 => json!({ "purchases": { "measure": "mean_spend" } }),
        _ => return None,
    };
    let window = if which == 2 {
        json!("ever")
    } else {
        json!({ "last": 36 * HOUR })
    };
    Some(json!({ "name": name, "of": of, "window": window }))
}

/// A deployment to which things happen.
struct Play {
    shop: Shop,
    segments: BTreeMap<usize, SegmentId>,
    scores: BTreeMap<usize, ScoreModelId>,
    computed: BTreeMap<usize, ComputedTraitId>,
    generation: usize,
    /// The profiles that there ever were.
    known: Vec<ProfileId>,
}

impl Play {
    async fn open() -> Self {
        let shop = Shop::open().await;
        // What is generated is near this instant.
        shop.pass(BEGIN.0 + 100 * HOUR - NOW);
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

    async fn happens(&mut self, event: &Event) {
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

    /// Defines a segment, or changes it; one that would ask for itself is refused.
    async fn define(&mut self, which: usize, condition: Option<Condition>) {
        let app = &self.shop.test.app;
        if let Some(id) = self.segments.get(&which) {
            let mut update = Update::of(*id);
            update.condition = Some(condition);
            let _ = service::update(app, &Caller::Local, &update).await;
            return;
        }
        // A key is used once for all; those of the first segments are what conditions ask for.
        let key = match self.generation {
            0..3 => KEYS[which].to_owned(),
            generation => format!("{}{generation}", KEYS[which]),
        };
        self.generation += 1;
        let mut created = create(&key, None);
        created.condition = condition;
        if let Ok(segment) = service::create(app, &Caller::Local, &created, None).await {
            self.segments.insert(which, segment.id);
        }
    }

    async fn score(&mut self, which: usize, model: Option<Json>) {
        let app = &self.shop.test.app;
        let now = app.now();
        let transaction = app.db().begin().await.unwrap();
        let defined = sweep::begin(&transaction, now).await.unwrap();
        let id = self.scores.get(&which).copied();
        match (id, model) {
            (Some(id), model) => {
                let found = score_model::Entity::find_by_id(id).one(&transaction).await;
                let mut row = found.unwrap().unwrap();
                row.version += 1;
                row.archived_at = model.is_none().then_some(now);
                row.model = model.unwrap_or(row.model);
                row.into_active_model()
                    .reset_all()
                    .update(&transaction)
                    .await
                    .unwrap();
            }
            (None, Some(model)) => {
                let row = score_model::Model {
                    id: app.ids().next(now),
                    key: KEYS[which].to_owned(),
                    name: KEYS[which].to_owned(),
                    description: None,
                    model,
                    version: 1,
                    defined,
                    created_at: now,
                    updated_at: now,
                    archived_at: None,
                };
                let row = row.into_active_model().insert(&transaction).await.unwrap();
                self.scores.insert(which, row.id);
            }
            (None, None) => {}
        }
        transaction.commit().await.unwrap();
    }

    async fn compute(&mut self, which: usize, name: &str, definition: Option<Json>) {
        let app = &self.shop.test.app;
        let now = app.now();
        let transaction = app.db().begin().await.unwrap();
        let defined = sweep::begin(&transaction, now).await.unwrap();
        let id = self.computed.get(&which).copied();
        match (id, definition) {
            (Some(id), definition) => {
                let found = computed_trait::Entity::find_by_id(id)
                    .one(&transaction)
                    .await;
                let mut row = found.unwrap().unwrap().into_active_model();
                row.archived_at = ActiveValue::Set(definition.is_none().then_some(now));
                if let Some(definition) = definition {
                    row.definition = ActiveValue::Set(definition);
                }
                row.update(&transaction).await.unwrap();
            }
            (None, Some(definition)) => {
                let row = computed_trait::Model {
                    id: app.ids().next(now),
                    name: name.to_owned(),
                    description: None,
                    definition,
                    version: 1,
                    defined,
                    created_at: now,
                    updated_at: now,
                    archived_at: None,
                };
                let row = row.into_active_model().insert(&transaction).await.unwrap();
                self.computed.insert(which, row.id);
            }
            (None, None) => {}
        }
        transaction.commit().await.unwrap();
    }

    /// That all stands as a fresh evaluation says, and that nothing that was sent waits in the quarantine.
    async fn check(&self) -> TestCaseResult {
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

async fn play(events: Vec<(Event, bool)>) -> TestCaseResult {
    let mut play = Play::open().await;
    for (event, checked) in &events {
        play.happens(event).await;
        if *checked {
            play.check().await?;
        }
    }
    play.check().await
}

/// How many histories are played: so many as `LAZO_TEST_HISTORIES` says.
fn cases() -> u32 {
    let wanted = std::env::var_os("LAZO_TEST_HISTORIES");
    let wanted = wanted.and_then(|cases| cases.to_str()?.parse().ok());
    wanted.unwrap_or(20)
}

#[test]
fn whatever_happens_what_is_stored_is_what_a_fresh_evaluation_says() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let config = Config {
        cases: cases(),
        max_shrink_iters: 200,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&history(), |events| runtime.block_on(play(events)));
    if let Err(TestError::Fail(reason, history)) = outcome {
        panic!("{reason}\n{history:#?}");
    }
    outcome.unwrap();
}
