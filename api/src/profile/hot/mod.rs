//! The hot profile: what a page view needs of a profile, in one value that the cache keeps.
//!
//! It holds what every reader may be shown, also a visitor who sees only a part of it, so that no page view asks the database.
//! Whatever is in it, a change of it gives the profile a new version.

mod assemble;
mod size;
mod store;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{FragmentId, ProfileId, SegmentId};
use lazo_domain::identity::Namespace;
use lazo_domain::lifecycle::{Level, Stage};
use lazo_domain::profile::{Projection, PurchaseSummary};
use serde::{Deserialize, Serialize};

use crate::cache::hot::Versioned;
use crate::identity::IdentifierRow;
use crate::score::Held;

/// What an id of a profile stands for now.
///
/// The stored names of its kinds count the forms of what they hold: processes of two versions can run side by side, and neither
/// reads what the other means otherwise.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum HotProfile {
    /// A profile.
    #[serde(rename = "p2")]
    Present(Arc<Present>),
    /// A profile that was absorbed.
    #[serde(rename = "m1")]
    Merged {
        /// The profile that absorbed it.
        #[serde(rename = "i")]
        into: ProfileId,
        /// Counts the changes of what the id stands for.
        #[serde(rename = "v")]
        version: i64,
    },
}

/// A profile as readers see it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Present {
    /// Its id.
    #[serde(rename = "i")]
    pub id: ProfileId,
    /// Counts the changes.
    #[serde(rename = "v")]
    pub version: i64,
    /// When its oldest fragment was made.
    #[serde(rename = "c")]
    pub created_at: Timestamp,
    /// Whether it is shown to the privacy role alone.
    #[serde(rename = "r", default, skip_serializing_if = "std::ops::Not::not")]
    pub restricted: bool,
    /// The join of its fragments.
    #[serde(rename = "p")]
    pub projection: Projection,
    /// What its purchases add up to.
    #[serde(rename = "s")]
    pub summary: PurchaseSummary,
    /// Its identifiers as far as they are shown, the strongest namespace first.
    #[serde(rename = "n")]
    pub identifiers: Arc<[IdentifierRow]>,
    /// Whether it has more identifiers than are shown.
    #[serde(rename = "x", default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
    /// The ids of the profiles that were merged into it, ascending.
    #[serde(rename = "f", default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<ProfileId>,
    /// The lifecycle stage.
    #[serde(rename = "t")]
    pub stage: Stage,
    /// The pyramid level.
    #[serde(rename = "l")]
    pub level: Level,
    /// The segments of which it is a member, in the order of their keys.
    #[serde(rename = "g", default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Membership>,
    /// The scores that it has, in the order of the keys of their models.
    #[serde(rename = "o", default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<Held>,
    /// What verified links tie together: each fragment is in one of these.
    #[serde(rename = "k")]
    pub components: Vec<Component>,
}

/// That a profile is a member of a segment.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The segment.
    #[serde(rename = "i")]
    pub segment: SegmentId,
    /// The key of the segment.
    #[serde(rename = "k")]
    pub key: String,
    /// Since when it is a member.
    #[serde(rename = "s")]
    pub since: Timestamp,
    /// The first instant at which time alone may end it: from then on it is shown to nobody.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

/// Fragments of a profile that verified links tie together.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Component {
    /// The fragments, ascending.
    #[serde(rename = "g")]
    pub fragments: Vec<FragmentId>,
    /// What they add up to; none where they are the whole profile.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub own: Option<Own>,
}

/// What some fragments of a profile add up to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Own {
    /// The join of the fragments.
    #[serde(rename = "p")]
    pub projection: Projection,
    /// What their purchases add up to.
    #[serde(rename = "s")]
    pub summary: PurchaseSummary,
}

impl HotProfile {
    /// The profile, unless it was absorbed.
    pub fn present(&self) -> Option<&Arc<Present>> {
        match self {
            Self::Present(present) => Some(present),
            Self::Merged { .. } => None,
        }
    }
}

impl Versioned for HotProfile {
    /// The version of what the id stands for.
    fn version(&self) -> i64 {
        match self {
            Self::Present(present) => present.version,
            Self::Merged { version, .. } => *version,
        }
    }

    fn weight(&self) -> usize {
        size_of::<Self>() + self.present().map_or(0, |present| present.weight())
    }
}

impl Present {
    /// The identifier of that namespace and normalised value, if it is among those that are shown.
    pub fn identifier(&self, namespace: &Namespace, value: &str) -> Option<&IdentifierRow> {
        self.identifiers
            .iter()
            .find(|row| row.value == value && row.namespace == *namespace)
    }

    /// The segments of which it is a member at an instant.
    pub fn segments_at(&self, now: Timestamp) -> impl Iterator<Item = &Membership> {
        let valid = move |one: &&Membership| one.valid_until.is_none_or(|until| now < until);
        self.segments.iter().filter(valid)
    }

    /// The scores that it has at an instant.
    pub fn scores_at(&self, now: Timestamp) -> impl Iterator<Item = &Held> {
        self.scores.iter().filter(move |one| one.is_valid(now))
    }

    /// The place of the component that a fragment is in.
    pub fn component_of(&self, fragment: FragmentId) -> Option<usize> {
        self.components
            .iter()
            .position(|component| component.contains(fragment))
    }
}

impl Component {
    /// Whether a fragment is in it.
    pub fn contains(&self, fragment: FragmentId) -> bool {
        self.fragments.binary_search(&fragment).is_ok()
    }
}
