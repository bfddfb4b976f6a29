//! Histories: all that facts are gathered from, owned.

use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

use super::conditions::{channel, namespace};
use super::{GRADES, HOUR, KEYS, NAMES, NUMBERS, SOURCES, TEXTS, instant, one_of};
use crate::clock::Timestamp;
use crate::condition::evaluate::{
    Facts, Known, PurchaseFact, ScoreFact, ScoreValue, TouchpointFact, Values,
};
use crate::condition::{Number, Span};
use crate::id::{PurchaseId, TouchpointId};
use crate::identity::Namespace;
use crate::lifecycle::{Level, Stage};
use crate::money::{Currency, Money};
use crate::profile::Order;
use crate::purchase::{Line, PurchaseStatus, PurchaseView};
use crate::touchpoint::Channel;

/// All that is known of one made-up profile.
#[derive(Clone, Debug)]
pub struct History {
    /// The traits.
    pub traits: Map<String, Value>,
    /// The touchpoints, in any order.
    pub touchpoints: Vec<Happened>,
    /// The purchases, in any order; some do not count.
    pub purchases: Vec<(PurchaseId, PurchaseView)>,
    /// When the person was seen first and last.
    pub seen: Option<(Timestamp, Timestamp)>,
    /// The lifecycle stage.
    pub stage: Option<Known<Stage>>,
    /// The pyramid level.
    pub level: Option<Known<Level>>,
    /// Memberships by the key of the segment.
    pub segments: BTreeMap<String, Known<bool>>,
    /// Scores by the key of the score model.
    pub scores: BTreeMap<String, Score>,
    /// Consents by the key of the purpose and the channel.
    pub consents: BTreeMap<(String, Option<Channel>), Known<bool>>,
    /// The namespaces of identifiers.
    pub namespaces: BTreeSet<Namespace>,
    /// The time zone of the profile.
    pub time_zone: chrono_tz::Tz,
    /// The deployment's currency.
    pub currency: Currency,
}

/// A touchpoint that happened.
#[derive(Clone, Debug)]
pub struct Happened {
    /// Its id.
    pub id: TouchpointId,
    /// Its place in the total order.
    pub order: Order,
    /// Its name.
    pub name: String,
    /// Its channel.
    pub channel: Channel,
    /// The name of its source.
    pub source: String,
    /// Its properties.
    pub properties: Map<String, Value>,
    /// Whether the person did it.
    pub active: bool,
}

/// A score.
#[derive(Clone, Debug)]
pub struct Score {
    /// Its value.
    pub value: ScoreValue,
    /// Its grade.
    pub grade: Option<String>,
    /// Until when it is known.
    pub until: Option<Timestamp>,
}

impl History {
    /// The facts of the history.
    pub fn facts(&self) -> Facts<'_> {
        let touchpoints = self.touchpoints.iter().map(Happened::fact).collect();
        let purchases = self.purchases.iter();
        let purchases = purchases
            .filter_map(|(id, view)| PurchaseFact::of(*id, view))
            .collect();
        let scores = self.scores.iter().map(|(key, score)| {
            let fact = ScoreFact {
                value: score.value,
                grade: score.grade.as_deref(),
                until: score.until,
            };
            (key.as_str(), fact)
        });
        let consents = self.consents.iter();
        let traits = self.traits.iter();
        let segments = self.segments.iter();
        let mut facts = Facts::new(self.time_zone, self.currency)
            .with_touchpoints(touchpoints)
            .with_purchases(purchases);
        facts.traits = Values::of(traits.map(|(name, value)| (name.as_str(), value)));
        facts.first_seen = self.seen.map(|(first, _)| first);
        facts.last_seen = self.seen.map(|(_, last)| last);
        facts.stage = self.stage;
        facts.level = self.level;
        facts.segments = segments.map(|(key, is)| (key.as_str(), *is)).collect();
        facts.scores = scores.collect();
        facts.consents = consents
            .map(|((purpose, channel), is)| ((purpose.as_str(), *channel), *is))
            .collect();
        facts.namespaces = self.namespaces.iter().collect();
        facts
    }
}

impl Happened {
    /// The touchpoint as conditions see it.
    pub fn fact(&self) -> TouchpointFact<'_> {
        TouchpointFact::new(
            self.id,
            &self.order,
            &self.name,
            self.channel,
            &self.source,
            &self.properties,
            self.active,
        )
    }
}

/// Any history of a few days.
pub fn history() -> impl Strategy<Value = History> {
    let stage = known(select(&Stage::ALL[..]));
    let level = known(select(&Level::ALL[..]));
    let standing = (
        option::of(stage),
        option::of(level),
        btree_map(one_of(&KEYS), known(any::<bool>()), 0..3),
        btree_map(one_of(&KEYS), score(), 0..3),
        btree_map(
            (one_of(&KEYS), option::of(channel())),
            known(any::<bool>()),
            0..4,
        ),
        btree_set(namespace(), 0..2),
    );
    let happened = (vec(happened(), 0..12), vec(purchase(), 0..6));
    let zones = vec![
        chrono_tz::UTC,
        chrono_tz::Europe::Madrid,
        chrono_tz::Atlantic::Canary,
        chrono_tz::Pacific::Kiritimati,
        chrono_tz::America::Bogota,
    ];
    let seen = option::of((instant(), instant()));
    (
        traits(),
        happened,
        seen,
        standing,
        select(zones),
        currency(),
    )
        .prop_map(
            |(traits, (touchpoints, purchases), seen, standing, time_zone, currency)| {
                let (stage, level, segments, scores, consents, namespaces) = standing;
                History {
                    traits,
                    touchpoints,
                    purchases,
                    seen: seen.map(|(one, other)| (one.min(other), one.max(other))),
                    stage,
                    level,
                    segments,
                    scores,
                    consents,
                    namespaces,
                    time_zone,
                    currency,
                }
            },
        )
}

fn known<T: std::fmt::Debug>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Known<T>> {
    (value, option::of(instant())).prop_map(|(value, until)| Known { value, until })
}

fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        select(&NUMBERS[..]).prop_map(|number| json!(number)),
        one_of(&TEXTS).prop_map(Value::from),
        instant().prop_map(|instant| json!(instant.to_string())),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
    ];
    prop_oneof![
        3 => scalar.clone(),
        1 => vec(scalar.clone(), 0..4).prop_map(Value::from),
        1 => scalar.prop_map(|city| json!({ "city": city })),
    ]
}

fn object(names: &'static [&'static str]) -> impl Strategy<Value = Map<String, Value>> {
    btree_map(one_of(names), value(), 0..4).prop_map(|members| members.into_iter().collect())
}

fn traits() -> impl Strategy<Value = Map<String, Value>> {
    object(&["country", "age", "likes", "birthday", "address"])
}

/// A touchpoint, often at the instant of another one.
pub fn happened() -> impl Strategy<Value = Happened> {
    (
        any::<u128>(),
        instant(),
        one_of(&NAMES),
        channel(),
        one_of(&SOURCES),
        object(&["category", "price", "tags", "starts", "place"]),
        prop::bool::weighted(0.8),
    )
        .prop_map(
            |(bits, occurred_at, name, channel, source, properties, active)| Happened {
                id: TouchpointId(Uuid::from_u128(bits)),
                order: Order {
                    occurred_at,
                    received_at: occurred_at,
                    position: 0,
                    message_id: format!("{bits:x}"),
                },
                name,
                channel,
                source,
                properties,
                active,
            },
        )
}

fn currency() -> impl Strategy<Value = Currency> {
    let codes = select(vec!["EUR", "JPY", "KWD", "CLF"]);
    codes.prop_filter_map("the codes are currencies", |code| code.parse().ok())
}

fn line() -> impl Strategy<Value = Line> {
    let text = || option::of(one_of(&TEXTS));
    let price = option::of((0_i64..5_000, currency()));
    (text(), text(), text(), text(), price, 1_i64..4).prop_map(
        |(product_id, sku, category, brand, price, quantity)| Line {
            product_id,
            sku,
            name: None,
            category,
            brand,
            variant: None,
            price: price.map(|(minor, currency)| Money { minor, currency }),
            quantity,
        },
    )
}

fn purchase() -> impl Strategy<Value = (PurchaseId, PurchaseView)> {
    (
        any::<u128>(),
        instant(),
        0_i64..5_000,
        prop::bool::weighted(0.9),
        prop::bool::weighted(0.2),
        currency(),
        vec(line(), 0..3),
    )
        .prop_map(
            |(bits, placed_at, minor, counted, left_out, currency, lines)| {
                let view = PurchaseView {
                    status: if counted {
                        PurchaseStatus::Placed
                    } else {
                        PurchaseStatus::Cancelled
                    },
                    placed_at: Some(placed_at),
                    currency,
                    amount_minor: minor,
                    refunded_minor: 0,
                    net_minor: if counted { minor } else { 0 },
                    counted,
                    left_out,
                    refunds_left_out: 0,
                    lines,
                };
                (PurchaseId(Uuid::from_u128(bits)), view)
            },
        )
}

fn score() -> impl Strategy<Value = Score> {
    let number = || {
        select(vec![0.0, 5.0, 40.0])
            .prop_map(|number: f64| Number::try_from(number).unwrap_or(Number::ZERO))
    };
    let fading = (
        number(),
        number(),
        instant(),
        1_i64..50,
        option::of(number()),
    )
        .prop_map(|(base, fading, from, hours, scale)| ScoreValue::Fading {
            base,
            fading,
            from,
            half_life: Span::try_from(hours * HOUR).unwrap_or(Span::LONGEST),
            scale: scale.filter(|scale| *scale > Number::ZERO),
        });
    let value = prop_oneof![number().prop_map(ScoreValue::Constant), fading];
    (value, option::of(one_of(&GRADES)), option::of(instant())).prop_map(|(value, grade, until)| {
        Score {
            value,
            grade,
            until,
        }
    })
}
