//! Computed traits: traits that nobody sends, and that touchpoints or purchases come to.
//!
//! A [`Definition`] is data. Its [`value`] is a function of the facts of a profile and of an instant alone, so it is exact after late
//! touchpoints, merges and unmerges: it is computed from what there is and never added to what there was. What counts is what a
//! condition would count: the same filters, windows, folded texts and exact sums.

mod aggregate;
mod check;
mod describe;
mod frequencies;
mod original;
mod purchases;
mod reserved;
mod scalar;
#[cfg(test)]
mod tests;
mod things;
mod totals;
mod touchpoints;
mod watch;

pub use aggregate::{Aggregate, Field, PurchaseAggregate};
pub use check::{MAX_CAP, check};
pub use describe::describe;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Timestamp;
use crate::condition::evaluate::{Evidence, Facts, Known};
use crate::condition::{Filter, Lines, Window};

/// What a computed trait is called, and what it is made of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Definition {
    /// The name of the trait.
    pub name: String,
    /// What it is computed of.
    pub of: Of,
    /// When that must have happened to count.
    #[serde(default)]
    pub window: Window,
}

/// What a computed trait is computed of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Of {
    /// Touchpoints.
    Touchpoints {
        /// Which of them count.
        #[serde(default)]
        filter: Filter,
        /// What they are brought to.
        measure: Aggregate,
    },
    /// Purchases that were placed and not cancelled.
    Purchases {
        /// Which lines a purchase must have at least one of.
        #[serde(default, skip_serializing_if = "Lines::is_all")]
        lines: Lines,
        /// What they are brought to.
        measure: PurchaseAggregate,
    },
}

/// The value of a computed trait, and what it rests on.
#[derive(Clone, PartialEq)]
pub struct Computed {
    /// The value; none if nothing that counted has one, so that the trait is missing.
    pub value: Option<Value>,
    /// Whether the value is a list that had to leave values out.
    pub capped: bool,
    /// The touchpoints or purchases that decided it.
    pub evidence: Evidence,
}

/// Shows what the value rests on and not the value.
impl fmt::Debug for Computed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Computed")
            .field("capped", &self.capped)
            .field("evidence", &self.evidence)
            .finish_non_exhaustive()
    }
}

/// The value of a computed trait at `now`, and until when time alone does not change it.
///
/// `until` is about the value and about whether it is capped; the evidence is that of `now`, and may grow smaller before. It is
/// exact, save where a filter compares so many properties with the present that looking for the exact instant would cost more than
/// computing again (see [`evaluate`](mod@crate::condition::evaluate)); there it is earlier, and never later.
pub fn value(definition: &Definition, facts: &Facts<'_>, now: Timestamp) -> Known<Computed> {
    let window = definition.window;
    match &definition.of {
        Of::Touchpoints { filter, measure } => {
            touchpoints::value(filter, measure, window, facts, now)
        }
        Of::Purchases { lines, measure } => purchases::value(lines, measure, window, facts, now),
    }
}
