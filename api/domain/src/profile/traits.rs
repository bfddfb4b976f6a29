//! Traits: the attributes of a profile, each with the touchpoint and the source of the value that won.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Stamp;
use crate::id::SourceId;

/// The value of a trait that has won so far, and where it is from.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraitState {
    /// The value; null if the trait was removed, which has to be remembered so that no older value brings it back.
    #[serde(rename = "v")]
    pub value: Value,
    /// What it won by.
    #[serde(rename = "s")]
    pub stamp: Stamp,
    /// Where its touchpoint came from.
    #[serde(rename = "f")]
    pub source: SourceId,
}

/// Shows where the value is from and not the value.
impl std::fmt::Debug for TraitState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TraitState")
            .field("touchpoint", &self.stamp.touchpoint)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

/// Traits by name. Of several values of a trait, the one with the greatest stamp wins, in whatever order they arrive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Traits(pub BTreeMap<String, TraitState>);

impl Traits {
    /// Whether no trait was ever set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The current value of a trait; `None` if it was never set or was removed.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0
            .get(name)
            .map(|state| &state.value)
            .filter(|value| !value.is_null())
    }

    /// The traits that have a value, in the order of their names.
    pub fn current(&self) -> impl Iterator<Item = (&str, &TraitState)> {
        self.0
            .iter()
            .filter(|(_, state)| !state.value.is_null())
            .map(|(name, state)| (name.as_str(), state))
    }

    /// Offers a value, and says whether it won.
    pub fn set(&mut self, name: &str, state: TraitState) -> bool {
        match self.0.entry(name.to_owned()) {
            Entry::Vacant(entry) => {
                entry.insert(state);
                true
            }
            Entry::Occupied(mut entry) => {
                let wins = entry.get().stamp < state.stamp;
                if wins {
                    entry.insert(state);
                }
                wins
            }
        }
    }

    /// Takes over what wins in `other`. Commutative, associative and idempotent.
    pub fn join(&mut self, other: &Self) {
        for (name, state) in &other.0 {
            if self.0.get(name).is_none_or(|own| own.stamp < state.stamp) {
                self.0.insert(name.clone(), state.clone());
            }
        }
    }
}
