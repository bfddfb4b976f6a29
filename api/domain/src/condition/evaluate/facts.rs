//! Facts: what is known of one profile, in the order that makes conditions quick to decide.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use chrono_tz::Tz;
use serde_json::{Map, Value};

use super::Values;
use super::lines::FoldedLine;
use super::named::{Named, Places};
use super::score::ScoreFact;
use crate::clock::Timestamp;
use crate::id::{PurchaseId, TouchpointId};
use crate::identity::Namespace;
use crate::lifecycle::{Level, Stage};
use crate::money::Currency;
use crate::profile::Order;
use crate::purchase::{Line, PurchaseView};
use crate::touchpoint::Channel;

/// What is known of one profile.
///
/// Facts are what was known at one instant. Those that hold until a known instant say so; whoever decides at or after it has to
/// gather them again.
#[derive(Clone)]
pub struct Facts<'a> {
    /// The current traits, computed ones included.
    pub traits: Values,
    /// When the person was seen first.
    pub first_seen: Option<Timestamp>,
    /// When the person was seen last.
    pub last_seen: Option<Timestamp>,
    /// The lifecycle stage.
    pub stage: Option<Known<Stage>>,
    /// The pyramid level.
    pub level: Option<Known<Level>>,
    /// Whether the profile is a member, by the key of the segment. It is no member of a segment that is not here.
    pub segments: BTreeMap<&'a str, Known<bool>>,
    /// The scores, by the key of the score model.
    pub scores: BTreeMap<&'a str, ScoreFact<'a>>,
    /// Whether consent is granted, by the key of the purpose, and by channel where the purpose is decided by channel. What is not
    /// here is not granted.
    pub consents: BTreeMap<(&'a str, Option<Channel>), Known<bool>>,
    /// The namespaces of the profile's identifiers.
    pub namespaces: BTreeSet<&'a Namespace>,
    /// The time zone of the profile, or of the deployment where the profile has none.
    pub time_zone: Tz,
    /// The deployment's currency.
    pub currency: Currency,
    touchpoints: Vec<TouchpointFact<'a>>,
    by_name: Places<'a>,
    purchases: Vec<PurchaseFact<'a>>,
}

impl<'a> Facts<'a> {
    /// The facts of a profile of which nothing is known.
    pub fn new(time_zone: Tz, currency: Currency) -> Self {
        Self {
            traits: Values::default(),
            first_seen: None,
            last_seen: None,
            stage: None,
            level: None,
            segments: BTreeMap::new(),
            scores: BTreeMap::new(),
            consents: BTreeMap::new(),
            namespaces: BTreeSet::new(),
            time_zone,
            currency,
            touchpoints: Vec::new(),
            by_name: Places::default(),
            purchases: Vec::new(),
        }
    }

    /// With these touchpoints, in whatever order they come.
    #[must_use]
    pub fn with_touchpoints(mut self, touchpoints: Vec<TouchpointFact<'a>>) -> Self {
        self.touchpoints = touchpoints;
        self.touchpoints
            .sort_unstable_by(|one, other| (one.order, one.id).cmp(&(other.order, other.id)));
        self.by_name.clear();
        for (place, touchpoint) in self.touchpoints.iter().enumerate() {
            self.by_name.entry(touchpoint.name).or_default().push(place);
        }
        self
    }

    /// With these purchases, in whatever order they come.
    #[must_use]
    pub fn with_purchases(mut self, purchases: Vec<PurchaseFact<'a>>) -> Self {
        self.purchases = purchases;
        self.purchases
            .sort_unstable_by_key(|purchase| (purchase.placed_at, purchase.id));
        self
    }

    /// The touchpoints, in their total order.
    pub(crate) fn touchpoints(&self) -> &[TouchpointFact<'a>] {
        &self.touchpoints
    }

    /// The touchpoints of these names, in their total order; of all names where none is given.
    pub(crate) fn named(&self, names: &[String]) -> Named<'_, 'a> {
        Named::new(&self.touchpoints, &self.by_name, names)
    }

    /// The purchases, in the order in which they were placed.
    pub(crate) fn purchases(&self) -> &[PurchaseFact<'a>] {
        &self.purchases
    }
}

/// Shows how much is known and nothing of the person.
impl std::fmt::Debug for Facts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Facts")
            .field("traits", &self.traits)
            .field("touchpoints", &self.touchpoints.len())
            .field("purchases", &self.purchases.len())
            .finish_non_exhaustive()
    }
}

/// A fact that was derived, and how long it is known to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known<T> {
    /// What holds.
    pub value: T,
    /// The first instant at which time alone may change it; none if time alone never does.
    pub until: Option<Timestamp>,
}

/// A thing that happened at an instant; facts keep such things in order.
pub(crate) trait Dated {
    fn at(&self) -> Timestamp;
}

/// A touchpoint, as conditions see it.
#[derive(Clone)]
pub struct TouchpointFact<'a> {
    /// Its id.
    pub id: TouchpointId,
    /// Its place in the total order, with when it happened.
    pub order: &'a Order,
    /// What happened, such as `Product Viewed`.
    pub name: &'a str,
    /// Where it happened.
    pub channel: Channel,
    /// The name of the source it came from.
    pub source: &'a str,
    /// Whether the person did it: the opens of mail by bots and by programs that fetch ahead are not. Scores leave out those that
    /// nobody did; conditions ask about all.
    pub active: bool,
    properties: &'a Map<String, Value>,
    own: Folded,
    kept: Option<&'a Folded>,
}

/// The properties of a touchpoint, flattened and folded once a condition has asked for one. Whoever decides for a profile again and
/// again keeps them beside its touchpoints.
#[derive(Clone, Default)]
pub struct Folded(OnceLock<Values>);

impl<'a> TouchpointFact<'a> {
    /// A touchpoint with its properties, which are flattened and folded once, when a condition first asks for one.
    pub fn new(
        id: TouchpointId,
        order: &'a Order,
        name: &'a str,
        channel: Channel,
        source: &'a str,
        properties: &'a Map<String, Value>,
        active: bool,
    ) -> Self {
        Self {
            id,
            order,
            name,
            channel,
            source,
            active,
            properties,
            own: Folded::default(),
            kept: None,
        }
    }

    /// The same, with a place of their own for its folded properties.
    #[must_use]
    pub fn keeping(mut self, kept: &'a Folded) -> Self {
        self.kept = Some(kept);
        self
    }

    /// The values of its properties.
    pub(crate) fn values(&self) -> &Values {
        self.kept.unwrap_or(&self.own).0.get_or_init(|| {
            let properties = self.properties.iter();
            Values::of(properties.map(|(name, value)| (name.as_str(), value)))
        })
    }

    /// Its properties, as they came.
    pub(crate) fn properties(&self) -> &'a Map<String, Value> {
        self.properties
    }
}

/// Shows nothing of the values.
impl std::fmt::Debug for Folded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Folded").field(&self.0.get()).finish()
    }
}

impl Dated for TouchpointFact<'_> {
    fn at(&self) -> Timestamp {
        self.order.occurred_at
    }
}

/// A purchase that was placed and not cancelled, as conditions see it.
#[derive(Clone)]
pub struct PurchaseFact<'a> {
    /// Its id.
    pub id: PurchaseId,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// What was paid and not refunded, in minor units of the deployment's currency; none if it is in another currency.
    pub net_minor: Option<i64>,
    lines: &'a [Line],
    folded: OnceLock<Vec<FoldedLine>>,
}

impl<'a> PurchaseFact<'a> {
    /// The fact that an order is; none if the order does not count as a purchase.
    pub fn of(id: PurchaseId, view: &'a PurchaseView) -> Option<Self> {
        Some(Self {
            id,
            placed_at: view.placed_at.filter(|_| view.counted)?,
            net_minor: (!view.left_out).then_some(view.net_minor),
            lines: &view.lines,
            folded: OnceLock::new(),
        })
    }

    /// Its lines, with their texts folded.
    pub(crate) fn lines(&self) -> &[FoldedLine] {
        self.folded
            .get_or_init(|| self.lines.iter().map(FoldedLine::of).collect())
    }

    /// Its lines, as they came.
    pub(crate) fn original_lines(&self) -> &'a [Line] {
        self.lines
    }
}

impl Dated for PurchaseFact<'_> {
    fn at(&self) -> Timestamp {
        self.placed_at
    }
}
