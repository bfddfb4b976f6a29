//! Projections: what touchpoints add up to, for a fragment and for the profile that joins fragments.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Stamp, TraitState, Traits};
use crate::clock::Timestamp;
use crate::id::SourceId;

/// What one touchpoint adds.
#[derive(Clone, PartialEq)]
pub struct Delta {
    /// The name of the channel, such as `WEB`.
    pub channel: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// False if the person was not there when it happened; then it does not count as seeing them.
    pub active: bool,
    /// The traits it sets; null removes one.
    pub traits: BTreeMap<String, Value>,
    /// What its traits win or lose by.
    pub stamp: Stamp,
    /// Where it came from.
    pub source: SourceId,
}

/// The fold of a set of touchpoints.
///
/// Traits and times are a semilattice, counts are sums: the same touchpoint must not be applied twice, and two projections may
/// be joined only if they are folds of *disjoint* sets of touchpoints, as the fragments of a profile are. Then every order of
/// [`apply`](Self::apply) and [`join`](Self::join) gives the same projection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Projection {
    /// The traits, with what they won by.
    #[serde(rename = "t", default, skip_serializing_if = "Traits::is_empty")]
    pub traits: Traits,
    /// When the person was there for the first time.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub first_seen: Option<Timestamp>,
    /// When the person was there for the last time.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Timestamp>,
    /// How many touchpoints there are, whether or not the person was there.
    #[serde(rename = "n", default)]
    pub touchpoints: u64,
    /// How many of them are of each channel, by the channel's name.
    #[serde(rename = "c", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub channels: BTreeMap<String, u64>,
}

impl Projection {
    /// Adds a touchpoint that has not been added yet.
    pub fn apply(&mut self, delta: &Delta) {
        if delta.active {
            self.see(Some(delta.occurred_at), Some(delta.occurred_at));
        }
        self.touchpoints = self.touchpoints.saturating_add(1);
        self.count(&delta.channel, 1);
        for (name, value) in &delta.traits {
            let state = TraitState {
                value: value.clone(),
                stamp: delta.stamp.clone(),
                source: delta.source,
            };
            self.traits.set(name, state);
        }
    }

    /// Adds the fold of other touchpoints, none of which is in this one.
    pub fn join(&mut self, other: &Self) {
        self.see(other.first_seen, other.last_seen);
        self.touchpoints = self.touchpoints.saturating_add(other.touchpoints);
        for (channel, touchpoints) in &other.channels {
            self.count(channel, *touchpoints);
        }
        self.traits.join(&other.traits);
    }

    fn see(&mut self, first: Option<Timestamp>, last: Option<Timestamp>) {
        self.first_seen = self.first_seen.into_iter().chain(first).min();
        self.last_seen = self.last_seen.max(last);
    }

    fn count(&mut self, channel: &str, touchpoints: u64) {
        if let Some(count) = self.channels.get_mut(channel) {
            *count = count.saturating_add(touchpoints);
        } else {
            self.channels.insert(channel.to_owned(), touchpoints);
        }
    }
}

/// Shows what the touchpoint is and nothing of the person.
impl std::fmt::Debug for Delta {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Delta")
            .field("channel", &self.channel)
            .field("occurred_at", &self.occurred_at)
            .field("active", &self.active)
            .field("stamp", &self.stamp)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}
