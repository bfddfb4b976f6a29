//! The evaluator: whether a condition holds for a profile at an instant, until when, and why.
//!
//! [`decide`] answers and [`evaluate`] explains too; both give the same answer. `until` is the first instant after `now` at which time
//! alone may change the answer, so that whoever decides again at that instant never misses a change. For a leaf it is exact, save
//! where facts say themselves only until when they are known, and where a filter compares so many properties with the present that
//! looking for the exact instant would cost more than deciding again. For several it is a lower bound, always one of the instants of a
//! leaf, and exact where all that are joined by "all" hold, or none of those joined by "any".

mod anniversary;
pub(crate) mod because;
pub mod exact;
pub(crate) mod facts;
mod intervals;
mod leaf;
pub(crate) mod lines;
pub(crate) mod matcher;
mod named;
mod purchase;
mod score;
mod sequence;
pub(crate) mod slide;
mod tally;
#[cfg(test)]
pub(crate) mod tests;
mod text;
mod touchpoint;
pub(crate) mod value;
mod values;

pub use anniversary::{local_day, near_days};
pub use because::{Because, Change, Evidence, Found, Lack, Leaf, MAX_NAMED, Named, Needs, Reason};
pub(crate) use facts::Dated;
pub use facts::{Facts, Folded, Known, PurchaseFact, TouchpointFact};
pub(crate) use matcher::Passing;
pub use score::{ScoreFact, ScoreValue};
pub(crate) use score::{faded, left};
pub(crate) use slide::ahead;
pub use values::Values;

use crate::clock::Timestamp;
use crate::condition::Condition;

/// Whether a condition holds, and how long that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it holds.
    pub holds: bool,
    /// The first instant at which time alone may change that; none if it never does.
    pub until: Option<Timestamp>,
}

/// Whether a condition holds, how long that is known, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// Whether it holds.
    pub holds: bool,
    /// The first instant at which time alone may change that; none if it never does.
    pub until: Option<Timestamp>,
    /// Why.
    pub because: Because,
}

impl Decision {
    /// For ever so.
    const fn always(holds: bool) -> Self {
        Self { holds, until: None }
    }

    const fn negated(self) -> Self {
        Self {
            holds: !self.holds,
            until: self.until,
        }
    }
}

/// Decides whether a condition holds at `now`, and until when.
pub fn decide(condition: &Condition, facts: &Facts<'_>, now: Timestamp) -> Decision {
    match condition {
        Condition::All(parts) => join(true, parts.iter().map(|part| decide(part, facts, now))),
        Condition::Any(parts) => join(false, parts.iter().map(|part| decide(part, facts, now))),
        Condition::Not(part) => decide(part, facts, now).negated(),
        leaf => leaf::decide(leaf, facts, now),
    }
}

/// Decides whether a condition holds at `now`, until when, and why.
pub fn evaluate(condition: &Condition, facts: &Facts<'_>, now: Timestamp) -> Evaluation {
    let because = explain(condition, facts, now);
    Evaluation {
        holds: because.holds,
        until: because.until,
        because,
    }
}

fn explain(condition: &Condition, facts: &Facts<'_>, now: Timestamp) -> Because {
    let all = |parts: &[Condition]| -> Vec<_> {
        let parts = parts.iter();
        parts.map(|part| explain(part, facts, now)).collect()
    };
    let (decision, reason) = match condition {
        Condition::All(parts) => {
            let parts = all(parts);
            (join(true, parts.iter().map(decided)), Reason::All(parts))
        }
        Condition::Any(parts) => {
            let parts = all(parts);
            (join(false, parts.iter().map(decided)), Reason::Any(parts))
        }
        Condition::Not(part) => {
            let part = explain(part, facts, now);
            (decided(&part).negated(), Reason::Not(Box::new(part)))
        }
        leaf => {
            let (decision, leaf) = leaf::explain(leaf, facts, now);
            (decision, Reason::Leaf(leaf))
        }
    };
    Because {
        holds: decision.holds,
        until: decision.until,
        reason,
    }
}

fn decided(because: &Because) -> Decision {
    Decision {
        holds: because.holds,
        until: because.until,
    }
}

/// Joins the answers of parts by "all", whose answer without any part is true, or by "any", whose answer is false.
///
/// While no part differs, the first part to change changes the whole. While some differ, the whole stays as it is until the last of
/// those has changed.
fn join(without: bool, parts: impl Iterator<Item = Decision>) -> Decision {
    let mut first_change = None;
    let mut last_change = None;
    for part in parts {
        if part.holds == without {
            first_change = earliest(first_change, part.until);
            continue;
        }
        let Some(until) = part.until else {
            return Decision::always(!without);
        };
        last_change = last_change.max(Some(until));
    }
    match last_change {
        Some(until) => Decision {
            holds: !without,
            until: Some(until),
        },
        None => Decision {
            holds: without,
            until: first_change,
        },
    }
}

/// The earlier of two instants, where none is never.
pub fn earliest(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}
