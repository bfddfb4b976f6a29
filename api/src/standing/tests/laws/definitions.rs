//! What is defined, changed and archived meanwhile.

use lazo_domain::condition::Condition;
use lazo_domain::condition::generate::HOUR;
use lazo_entity::{computed_trait, score_model};
use sea_orm::{ActiveModelTrait, ActiveValue, EntityTrait, IntoActiveModel};
use serde_json::{Value as Json, json};

use super::play::Play;
use crate::auth::caller::Caller;
use crate::segment::Update;
use crate::segment::service;
use crate::standing::sweep;
use crate::standing::tests::create;

const KEYS: [&str; 3] = ["first", "second", "third"];

/// Models of scores, some of which time changes.
pub(super) fn model(which: usize) -> Option<Json> {
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
pub(super) fn computed(which: usize, name: &str) -> Option<Json> {
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

impl Play {
    /// Defines a segment, or changes it; one that would ask for itself is refused.
    pub(super) async fn define(&mut self, which: usize, condition: Option<Condition>) {
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

    pub(super) async fn score(&mut self, which: usize, model: Option<Json>) {
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

    pub(super) async fn compute(&mut self, which: usize, name: &str, definition: Option<Json>) {
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
}
