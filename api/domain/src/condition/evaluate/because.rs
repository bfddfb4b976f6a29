//! Explanations: what each part of a condition found, by what, and what would change it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Decision;
use super::slide::{Slide, Tally};
use crate::clock::Timestamp;
use crate::condition::{Number, Scalar};
use crate::id::{PurchaseId, TouchpointId};
use crate::lifecycle::{Level, Stage};

/// The most touchpoints, purchases or values that one leaf names.
pub const MAX_NAMED: usize = 10;

/// Why a condition holds or does not: a tree of the shape of the condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Because {
    /// Whether this part holds.
    pub holds: bool,
    /// The first instant at which time alone may change that; none if it never does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// What follows from its parts or was found by it.
    pub reason: Reason,
}

/// The reason of one part of a condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Each part must hold.
    All(Vec<Because>),
    /// One part must hold.
    Any(Vec<Because>),
    /// The part must not hold.
    Not(Box<Because>),
    /// A leaf.
    Leaf(Leaf),
}

/// What a leaf found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Leaf {
    /// The value that was tested.
    pub found: Found,
    /// What decided it.
    #[serde(default, skip_serializing_if = "Evidence::is_none")]
    pub evidence: Evidence,
    /// The nearest change of its answer.
    pub change: Change,
}

impl Leaf {
    /// A leaf that found one value, which no touchpoint or purchase is the evidence of.
    pub(super) fn of(found: Found, decision: Decision) -> (Decision, Self) {
        Self::resting_on(Evidence::None, found, None, decision)
    }

    /// A leaf that found a value by this evidence, and changes by time or by what is needed.
    pub(super) fn resting_on(
        evidence: Evidence,
        found: Found,
        needs: Option<Needs>,
        decision: Decision,
    ) -> (Decision, Self) {
        let change = Change {
            at: decision.until,
            needs,
        };
        let leaf = Self {
            found,
            evidence,
            change,
        };
        (decision, leaf)
    }
}

/// The value that a leaf tested.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// There is none.
    Missing,
    /// The scalars of a trait, at most [`MAX_NAMED`] of them; texts are folded.
    Values(Vec<Scalar>),
    /// How many there are.
    Count(u32),
    /// A number; an amount is in major units of the deployment's currency.
    Number(Number),
    /// An instant.
    Instant(Timestamp),
    /// Whether something is so: a membership, a consent, an identifier that is there.
    Truth(bool),
    /// A score.
    Score {
        /// Its value.
        value: Number,
        /// Its grade.
        grade: Option<String>,
    },
    /// The lifecycle stage.
    Stage(Stage),
    /// The pyramid level.
    Level(Level),
    /// In how many days an anniversary is; 0 is today.
    Days(u32),
}

/// Shows the kind of the value and nothing of the person.
impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "Missing",
            Self::Values(_) => "Values(..)",
            Self::Count(_) => "Count(..)",
            Self::Number(_) => "Number(..)",
            Self::Instant(_) => "Instant(..)",
            Self::Truth(_) => "Truth(..)",
            Self::Score { .. } => "Score(..)",
            Self::Stage(_) => "Stage(..)",
            Self::Level(_) => "Level(..)",
            Self::Days(_) => "Days(..)",
        })
    }
}

/// What decided a leaf, the latest [`MAX_NAMED`] of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Neither touchpoints nor purchases.
    #[default]
    None,
    /// Touchpoints.
    Touchpoints(Named<TouchpointId>),
    /// Purchases.
    Purchases(Named<PurchaseId>),
}

impl Evidence {
    fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// The latest of several, and how many there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named<T> {
    /// The latest of them, at most [`MAX_NAMED`], in order.
    pub ids: Vec<T>,
    /// How many there are, with those that are not named.
    pub total: usize,
}

impl<T> Named<T> {
    /// The latest of those that come in order.
    pub(crate) fn latest(mut ids: Vec<T>) -> Self {
        let total = ids.len();
        ids.drain(..total.saturating_sub(MAX_NAMED));
        Self { ids, total }
    }
}

/// The nearest change of the answer of a leaf.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// When time alone changes it; none if it never does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// What would make an unmet leaf hold, or keep one that holds from turning false at `at`; none if nothing that may be added
    /// does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<Needs>,
}

/// What would have to happen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Needs {
    /// What is lacking.
    pub lack: Lack,
    /// Until when that is enough; later more may be needed. None if it is enough whenever it happens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Timestamp>,
}

/// What is lacking.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lack {
    /// So many more touchpoints that pass the filter.
    Touchpoints(u32),
    /// So many more purchases that pass.
    Purchases(u32),
    /// So many more values that are not there yet.
    DifferentValues(u32),
    /// Numbers of the property that add up to so much.
    Sum(Number),
    /// So much more spend, in major units of the deployment's currency.
    Spend(Number),
    /// The touchpoint that comes first and, where another must follow it, that one too.
    First,
    /// The touchpoint that follows.
    Then,
}

/// A tally that can say what it found and what it lacks.
pub(super) trait Explained {
    /// The value that is tested.
    fn found(&self, now: Timestamp) -> Found;

    /// What would have to be added for it to pass; none if it passes or adding does not help.
    fn lacks(&self, _now: Timestamp) -> Option<Lack> {
        None
    }
}

/// What is done with the values of a leaf and what they come to.
pub(super) trait Visit {
    type Answer;

    fn visit<V, I, T>(self, slide: Slide<I>, tally: T) -> Self::Answer
    where
        I: Iterator<Item = (Timestamp, V)> + Clone,
        T: Tally<V> + Explained;
}

/// Only decides.
pub(super) struct Decide(pub(super) Timestamp);

impl Visit for Decide {
    type Answer = Decision;

    fn visit<V, I, T>(self, slide: Slide<I>, mut tally: T) -> Decision
    where
        I: Iterator<Item = (Timestamp, V)> + Clone,
        T: Tally<V> + Explained,
    {
        slide.decide(&mut tally, self.0, |_, _| {})
    }
}

/// Decides and explains.
pub(super) struct Explain(pub(super) Timestamp);

impl Visit for Explain {
    type Answer = (Found, Option<Needs>);

    fn visit<V, I, T>(self, slide: Slide<I>, mut tally: T) -> Self::Answer
    where
        I: Iterator<Item = (Timestamp, V)> + Clone,
        T: Tally<V> + Explained,
    {
        let now = self.0;
        // Where what happens now does not count, no addition helps.
        let takes = slide.takes(now);
        let mut seen = None;
        let decision = slide.decide(&mut tally, now, |tally, slide| {
            seen = Some((tally.found(now), tally.lacks(now), slide.shrinks()));
        });
        let (found, lacks, shrinks) = seen.unwrap_or((Found::Missing, None, None));
        let (lacks, before) = if decision.holds {
            let lacks = decision.until.and_then(|at| tally.lacks(at));
            (lacks, decision.until)
        } else {
            (lacks, shrinks)
        };
        let needs = lacks.filter(|_| takes).map(|lack| Needs { lack, before });
        (found, needs)
    }
}
