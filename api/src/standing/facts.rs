//! What is known of profiles, in the form that conditions read.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono_tz::Tz;
use lazo_domain::clock::Timestamp;
use lazo_domain::condition::Facts;
use lazo_domain::condition::evaluate::{Folded, PurchaseFact, TouchpointFact, Values};
use lazo_domain::consent::Consents;
use lazo_domain::id::{ProfileId, PurchaseId, SegmentId, TouchpointId};
use lazo_domain::identity::Namespace;
use lazo_domain::money::Currency;
use lazo_domain::profile::Order;
use lazo_domain::purchase::PurchaseView;
use lazo_domain::standing::Pins;
use lazo_domain::touchpoint::Channel;
use serde_json::{Map, Value};

use super::consents::Made;
use super::store::{Member, Scores, Values as ComputedValues};
use crate::deployment::Deployment;
use crate::profile::store::ProfileRow;

/// A touchpoint as conditions see it.
pub(crate) struct Happened {
    pub(crate) id: TouchpointId,
    pub(crate) order: Order,
    pub(crate) name: String,
    pub(crate) channel: Channel,
    pub(crate) source: String,
    pub(crate) properties: Map<String, Value>,
    /// Whether the person was there.
    pub(crate) active: bool,
    pub(crate) folded: Folded,
}

/// What is known of one profile besides its row.
#[derive(Clone, Default)]
pub(super) struct Read {
    pub(super) touchpoints: Vec<Arc<Happened>>,
    pub(super) purchases: Arc<Vec<(PurchaseId, PurchaseView)>>,
    pub(super) members: BTreeMap<SegmentId, Member>,
    pub(super) pins: Pins,
    pub(super) scores: Scores,
    pub(super) computed: ComputedValues,
    /// What was decided in its fragments.
    pub(super) decisions: Arc<Vec<Made>>,
    /// Where its consent stands, as that is stored.
    pub(super) consents: Consents,
    /// Since when it is in which stage and on which level, as rows.
    pub(super) history: Vec<(String, Timestamp, String)>,
}

/// What was read of profiles besides their rows.
pub(super) type Reads = HashMap<ProfileId, Read>;

/// The deployment's currency, and the time zone of those who name none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Locale {
    pub(crate) currency: Currency,
    pub(crate) time_zone: Tz,
}

impl Locale {
    /// That of a deployment.
    pub(crate) fn of(deployment: &Deployment) -> Self {
        Self {
            currency: deployment.currency,
            time_zone: deployment.time_zone,
        }
    }
}

/// The facts of one profile.
pub(super) fn facts<'a>(
    row: &ProfileRow,
    namespaces: impl Iterator<Item = &'a Namespace>,
    read: &'a Read,
    locale: Locale,
) -> Facts<'a> {
    let current = row.projection.traits.current();
    let traits = Values::of(current.map(|(name, state)| (name, &state.value)));
    let zone = traits.time_zone().unwrap_or(locale.time_zone);
    let mut facts = Facts::new(zone, locale.currency);
    facts.traits = traits;
    facts.first_seen = row.projection.first_seen;
    facts.last_seen = row.projection.last_seen;
    facts.namespaces = namespaces.collect();
    let touchpoints = read.touchpoints.iter().map(|one| {
        TouchpointFact::new(
            one.id,
            &one.order,
            &one.name,
            one.channel,
            &one.source,
            &one.properties,
            one.active,
        )
        .keeping(&one.folded)
    });
    let purchases = read.purchases.iter();
    let purchases = purchases.filter_map(|(id, view)| PurchaseFact::of(*id, view));
    facts
        .with_touchpoints(touchpoints.collect())
        .with_purchases(purchases.collect())
}
