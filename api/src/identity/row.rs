//! Identifiers as readers see them.

use std::cmp::Reverse;

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{FragmentId, SourceId};
use lazo_domain::identity::{Namespace, Trust};
use serde::{Deserialize, Serialize};

/// The most identifiers of a profile that are shown.
const MOST_SHOWN: usize = 1_000;

/// A value of a namespace, and the fragment that it points at.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentifierRow {
    /// The kind of identifier.
    #[serde(rename = "n")]
    pub namespace: Namespace,
    /// The value, normalised by the rules of the namespace.
    #[serde(rename = "v")]
    pub value: String,
    /// The fragment that it points at.
    #[serde(rename = "g")]
    pub fragment: FragmentId,
    /// How far it can be relied on that it is this person's.
    #[serde(rename = "t")]
    pub trust: Trust,
    /// Whether several customers use it, as on a shared device.
    #[serde(rename = "s", default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
    /// The time of the earliest touchpoint that named it.
    #[serde(rename = "f")]
    pub first_seen: Timestamp,
    /// The time of the latest touchpoint that named it, to the hour; it may be before the first.
    #[serde(rename = "l")]
    pub last_seen: Timestamp,
    /// The source that brought it first.
    #[serde(rename = "o")]
    pub source: SourceId,
}

/// Shows the kind of identifier and not the value.
impl std::fmt::Debug for IdentifierRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IdentifierRow")
            .field("namespace", &self.namespace)
            .field("fragment", &self.fragment)
            .finish_non_exhaustive()
    }
}

/// Sorts identifiers, the strongest namespace first, and the one last seen first within it, to the hour.
pub fn sort(identifiers: &mut [IdentifierRow]) {
    identifiers.sort_by(|a, b| {
        let place = |row: &IdentifierRow| Reverse(row.namespace.rule().priority);
        place(a)
            .cmp(&place(b))
            .then_with(|| a.namespace.cmp(&b.namespace))
            .then_with(|| b.last_seen.cmp(&a.last_seen))
            .then_with(|| a.value.cmp(&b.value))
    });
}

/// Sorts the identifiers of a profile and leaves what is shown of them. Returns whether some are left out.
pub fn cut(identifiers: &mut Vec<IdentifierRow>) -> bool {
    sort(identifiers);
    let is_cut = identifiers.len() > MOST_SHOWN;
    identifiers.truncate(MOST_SHOWN);
    is_cut
}

/// Whether one of these makes its profile known.
pub fn is_known(identifiers: &[IdentifierRow]) -> bool {
    identifiers.iter().any(|row| row.namespace.is_known())
}
