//! A database with profiles whose histories are known, stored by the stores of the writer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono_tz::Tz;
use lazo_domain::clock::Timestamp;
use lazo_domain::condition::evaluate::{Known, ScoreValue};
use lazo_domain::condition::generate::{BEGIN, Happened, History, KEYS};
use lazo_domain::condition::{Condition, decide};
use lazo_domain::id::{FragmentId, ProfileId, ScoreModelId};
use lazo_domain::lifecycle::{Level, Stage};
use lazo_domain::money::Currency;
use lazo_domain::profile::{Projection, PurchaseSummary, TypedRow, typed_rows_of};
use lazo_domain::score::{Model, Scored};
use lazo_domain::standing::ScoreModel;
use lazo_domain::touchpoint::{Channel, Clocks, Kind, Touchpoint, message_digest};
use lazo_entity::source;
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use crate::condition::sql::{CompileError, Definition, Query, Scope, Segments, compile};
use crate::db::{Part, Writes};
use crate::profile::store::{self as profiles, FragmentRow, ProfileRow};
use crate::purchase::store::{self as purchases, PurchaseRow};
use crate::testing::TestApp;
use crate::touchpoint::store::{Placed, insert};

/// The time zone of profiles that name none.
pub(super) const ZONE: Tz = chrono_tz::Europe::Madrid;

/// Profiles with their histories.
pub(super) struct World {
    pub(super) test: TestApp,
    people: BTreeMap<ProfileId, History>,
    currency: Currency,
    members: Members,
    computed: BTreeSet<&'static str>,
    models: Vec<ScoreModel>,
}

/// What is defined beside the score models.
#[derive(Default)]
pub(super) struct Defined {
    /// Segments with their conditions. Each may name those before it.
    pub(super) segments: Vec<(String, Condition)>,
    /// The traits that are computed. Something else was sent under their names.
    pub(super) computed: BTreeSet<&'static str>,
}

/// The key of the score model whose points fade.
pub(super) const FADING: &str = "second";

/// Score models of the keys that generated conditions name.
fn models() -> Vec<ScoreModel> {
    let model = |(number, key): (u128, &str)| {
        let half_life = (key == FADING).then_some(3_600_000);
        let model = json!({ "kind": { "points": { "rules": [], "half_life": half_life } }, "grades": [
            { "name": "COLD", "at_least": 0.0 }, { "name": "WARM", "at_least": 5.0 }, { "name": "HOT", "at_least": 40.0 } ] });
        ScoreModel {
            id: ScoreModelId(Uuid::from_u128(number)),
            key: key.to_owned(),
            version: 1,
            model: serde_json::from_value(model).unwrap(),
        }
    };
    (1..).zip(KEYS).map(model).collect()
}

/// The grade of a value.
fn grade_of(model: &Model, value: ScoreValue, now: Timestamp) -> Option<String> {
    let value = value.at(now);
    let mut reached = model.grades.iter().rev();
    reached
        .find(|grade| grade.at_least <= value)
        .map(|grade| grade.name.clone())
}

/// Who is a member of segments: those for whom their conditions hold, but for those whom people put in or took out.
struct Members {
    conditions: Vec<(String, Condition)>,
    added: BTreeMap<String, Vec<ProfileId>>,
    removed: BTreeMap<String, Vec<ProfileId>>,
}

static NOBODY: Condition = Condition::Any(Vec::new());

impl Segments for Members {
    fn definition(&self, key: &str) -> Option<Definition<'_>> {
        let own = self.conditions.iter().find(|(name, _)| name == key);
        let pinned = |of: &BTreeMap<String, Vec<ProfileId>>| of.contains_key(key);
        if own.is_none() && !pinned(&self.added) && !pinned(&self.removed) {
            return None;
        }
        Some(Definition {
            condition: own.map_or(&NOBODY, |(_, condition)| condition),
            added: self.added.get(key).map_or(&[], Vec::as_slice),
            removed: self.removed.get(key).map_or(&[], Vec::as_slice),
        })
    }
}

impl World {
    /// Stores histories, all of them in a deployment of this currency.
    pub(super) async fn of(histories: Vec<History>, currency: Currency) -> Self {
        Self::with(Defined::default(), histories, currency).await
    }

    /// The same where more is defined. Memberships of histories are what people decided.
    pub(super) async fn with(
        defined: Defined,
        histories: Vec<History>,
        currency: Currency,
    ) -> Self {
        let test = TestApp::start().await;
        let sources = [
            test.source("shop", true).await,
            test.source("mailer", true).await,
        ];
        let mut world = Self {
            test,
            people: BTreeMap::new(),
            currency,
            members: Members {
                conditions: defined.segments,
                added: BTreeMap::new(),
                removed: BTreeMap::new(),
            },
            computed: defined.computed,
            models: models(),
        };
        for (number, mut history) in (1_u128..).zip(histories) {
            history.currency = currency;
            // A purpose is decided by channel or once, and what it comes to whatever the channel follows from that.
            let by_channel = history
                .consents
                .keys()
                .filter(|(_, channel)| channel.is_some());
            let by_channel: BTreeSet<_> = by_channel.map(|(purpose, _)| purpose.clone()).collect();
            history
                .consents
                .retain(|(purpose, channel), _| channel.is_some() || !by_channel.contains(purpose));
            for model in &world.models {
                if let Some(score) = history.scores.get_mut(&model.key) {
                    if !model.model.fades() {
                        score.value = ScoreValue::Constant(score.value.at(BEGIN));
                    }
                    score.grade = grade_of(&model.model, score.value, BEGIN);
                }
            }
            history.time_zone = history.facts().traits.time_zone().unwrap_or(ZONE);
            world.store(number, &history, &sources).await;
            let profile = ProfileId(Uuid::from_u128(number));
            for (key, member) in &history.segments {
                let decided = if member.value {
                    &mut world.members.added
                } else {
                    &mut world.members.removed
                };
                decided.entry(key.clone()).or_default().push(profile);
            }
            world.people.insert(profile, history);
        }
        world
    }

    async fn store(&self, number: u128, history: &History, sources: &[Arc<source::Model>]) {
        let profile = ProfileId(Uuid::from_u128(number));
        // Every profile is of two fragments.
        let fragments = [number, number << 64].map(|id| FragmentId(Uuid::from_u128(id)));
        let (mut projection, at) = (Projection::default(), Timestamp(0));
        projection.first_seen = history.seen.map(|(first, _)| first);
        projection.last_seen = history.seen.map(|(_, last)| last);
        let row = ProfileRow {
            id: profile,
            created_at: at,
            merged_into: None,
            projection,
            summary: PurchaseSummary::of(history.purchases.iter().map(|(_, view)| view)),
            restricted: false,
            stage: Stage::Anonymous,
            level: Level::Probable,
            next_evaluation_at: None,
            version: 1,
        };
        let fragment = |id: &FragmentId| FragmentRow {
            id: *id,
            profile,
            created_at: at,
            projection: None,
        };
        let touchpoints: Vec<_> = history.touchpoints.iter().map(touchpoint).collect();
        let placed = history.touchpoints.iter().zip(&touchpoints).zip(0_usize..);
        let placed = placed.map(|((happened, touchpoint), place)| Placed {
            id: happened.id,
            seq: i64::try_from(number * 1_000).unwrap() + i64::try_from(place).unwrap(),
            source: sources
                .iter()
                .find(|one| one.name == happened.source)
                .unwrap()
                .id,
            fragment: fragments[place % 2],
            shop: "main",
            declared: false,
            touchpoint,
        });
        let bought: Vec<_> = history
            .purchases
            .iter()
            .map(|(id, view)| PurchaseRow {
                id: *id,
                profile,
                shop: "main".to_owned(),
                order_id: id.0.to_string(),
                parts: BTreeMap::new(),
                view: view.clone(),
            })
            .collect();
        let sorted: BTreeMap<_, _> = history.traits.iter().collect();
        let rows = typed_rows_of(
            sorted
                .into_iter()
                .map(|(name, value)| (name.as_str(), value)),
        );

        let is_computed = |row: &TypedRow| self.computed.contains(row.name.as_str());
        let (computed, mut rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(is_computed);
        rows.extend(self.computed.iter().map(|name| sent(name)));

        let transaction = self.test.app.db().begin().await.unwrap();
        let mut writes = Writes::default();
        profiles::save_profiles(&mut writes, [&row], |_| false);
        profiles::save_fragments(&mut writes, &fragments.each_ref().map(fragment));
        insert(&mut writes, placed);
        purchases::save(&mut writes, &bought, &self.currency, at);
        writes.execute(&transaction).await.unwrap();
        profiles::replace_traits(&transaction, [(profile, rows.as_slice())])
            .await
            .unwrap();
        for row in computed {
            let insert = Part::fill(
                "INSERT INTO computed_value (profile_id, name, position, text, number, time, truth) VALUES ({}, {}, {}, {}, {}, {}, {})",
                [
                    Part::value(profile.0),
                    Part::value(row.name),
                    Part::value(i64::from(row.position)),
                    Part::value(row.text),
                    Part::value(row.number),
                    Part::value(row.time.map(|time| time.0)),
                    Part::value(row.truth),
                ],
            );
            let insert = insert.statement(&transaction);
            transaction.execute_raw(insert).await.unwrap();
        }
        let text = |text: Option<&str>| Part::value(text.map(str::to_owned));
        let standing = Part::fill(
            "UPDATE profile SET stage = {}, level = {} WHERE id = {}",
            [
                text(history.stage.map(|stage| stage.value.as_str())),
                text(history.level.map(|level| level.value.as_str())),
                Part::value(profile.0),
            ],
        );
        transaction
            .execute_raw(standing.statement(&transaction))
            .await
            .unwrap();
        for model in &self.models {
            let Some(score) = history.scores.get(&model.key) else {
                continue;
            };
            let scored = Scored {
                value: Some(score.value),
                grade: score.grade.clone(),
                until: score.until,
                components: Vec::new(),
                coverage: None,
            };
            let row = Part::fill(
                "INSERT INTO score (profile_id, model_id, scored, grade, computed_at, valid_until) VALUES ({}, {}, {}, {}, 0, {})",
                [
                    Part::value(profile.0),
                    Part::value(model.id.0),
                    Part::value(json!(scored)),
                    text(score.grade.as_deref()),
                    Part::value(score.until.map(|until| until.0)),
                ],
            );
            let row = row.statement(&transaction);
            transaction.execute_raw(row).await.unwrap();
        }
        for ((purpose, channel), granted) in &history.consents {
            let row = Part::fill(
                "INSERT INTO consent_state (profile_id, purpose, channel, state, granted, valid_until) \
                 VALUES ({}, {}, {}, {}, {}, {})",
                [
                    Part::value(profile.0),
                    Part::value(purpose.as_str()),
                    Part::value(channel.map_or("", Channel::as_str)),
                    Part::value(json!({})),
                    Part::value(granted.value),
                    Part::value(granted.until.map(|until| until.0)),
                ],
            );
            let row = row.statement(&transaction);
            transaction.execute_raw(row).await.unwrap();
        }
        for (place, namespace) in (1_u128..).zip(&history.namespaces) {
            let identifier = Part::fill(
                "INSERT INTO identifier (id, namespace, value, fragment_id, trust, shared, first_seen, last_seen, source_id) \
                 VALUES ({}, {}, {}, {}, 'CLAIMED', FALSE, 0, 0, {})",
                [
                    Part::value(Uuid::from_u128(number << 32 | place)),
                    Part::value(namespace.as_str()),
                    Part::value(number.to_string()),
                    Part::value(fragments[1].0),
                    Part::value(sources[0].id.0),
                ],
            );
            transaction
                .execute_raw(identifier.statement(&transaction))
                .await
                .unwrap();
        }
        transaction.commit().await.unwrap();
    }

    /// Gives segments other conditions.
    pub(super) fn redefine(&mut self, segments: Vec<(String, Condition)>) {
        self.members.conditions = segments;
    }

    /// All profiles, in the order of their histories.
    pub(super) fn profiles(&self) -> impl Iterator<Item = ProfileId> {
        self.people.keys().copied()
    }

    /// The history of a profile.
    pub(super) fn history(&self, profile: ProfileId) -> &History {
        &self.people[&profile]
    }

    pub(super) fn compile(
        &self,
        condition: &Condition,
        now: Timestamp,
    ) -> Result<Query, CompileError> {
        let models = self.models.iter();
        let scope = Scope {
            engine: self.test.app.db().engine(),
            now,
            currency: self.currency,
            time_zone: ZONE,
            segments: &self.members,
            scores: &models.map(|model| (model.key.as_str(), model)).collect(),
            computed: &self.computed,
            all_placed: self.all_placed(now),
        };
        compile(condition, &scope)
    }

    /// Whether all purchases that count were placed by an instant.
    pub(super) fn all_placed(&self, now: Timestamp) -> bool {
        let mut purchases = self.people.values().flat_map(|person| &person.purchases);
        purchases.all(|(_, view)| !view.counted || view.placed_at.is_none_or(|at| at <= now))
    }

    /// Those for whom a condition holds, as the database says.
    pub(super) async fn selected(
        &self,
        condition: &Condition,
        now: Timestamp,
    ) -> BTreeSet<ProfileId> {
        let query = self.compile(condition, now).unwrap();
        let read = self.test.app.db().read();
        match query.first(read, 10_000).await {
            Ok(first) => first.into_iter().collect(),
            Err(error) => panic!("{error}\n{condition:?}\n{query:?}"),
        }
    }

    /// Those for whom a condition holds, as the evaluator says. What time changed since it was scored is no score.
    pub(super) fn decided(&self, condition: &Condition, now: Timestamp) -> BTreeSet<ProfileId> {
        let holds = |history: &History| {
            let mut facts = history.facts();
            let is_valid = |until: Option<Timestamp>| until.is_none_or(|until| now < until);
            facts.scores.retain(|_, score| is_valid(score.until));
            facts.consents.clear();
            for ((purpose, channel), granted) in &history.consents {
                let value = granted.value && is_valid(granted.until);
                let known = Known { value, until: None };
                facts.consents.insert((purpose, *channel), known);
                let whole = facts.consents.entry((purpose, None)).or_insert(known);
                whole.value |= value;
            }
            for (key, condition) in &self.members.conditions {
                if !history.segments.contains_key(key) {
                    let value = decide(condition, &facts, now).holds;
                    let member = Known { value, until: None };
                    facts.segments.insert(key.as_str(), member);
                }
            }
            decide(condition, &facts, now).holds
        };
        let people = self.people.iter().filter(|(_, history)| holds(history));
        people.map(|(profile, _)| *profile).collect()
    }
}

/// What was sent under the name of a trait that is computed.
fn sent(name: &str) -> TypedRow {
    TypedRow {
        name: name.to_owned(),
        position: 0,
        text: Some("malaga".to_owned()),
        number: Some(5.0),
        time: None,
        truth: Some(true),
    }
}

fn touchpoint(happened: &Happened) -> Touchpoint {
    let order = &happened.order;
    Touchpoint {
        digest: message_digest(&order.message_id),
        content: Uuid::nil(),
        message_id: order.message_id.clone(),
        kind: Kind::Track,
        channel: happened.channel,
        name: happened.name.clone(),
        clocks: Clocks {
            occurred_at: order.occurred_at,
            received_at: order.received_at,
            original_at: None,
            sent_at: None,
        },
        position: order.position,
        claims: Vec::new(),
        alias_of: None,
        dropped: Vec::new(),
        traits: BTreeMap::new(),
        properties: happened.properties.clone(),
        context: serde_json::Map::new(),
        extra: serde_json::Map::new(),
        order: None,
        active: happened.active,
        notes: Vec::new(),
    }
}
