//! Conditions: what segments, score rules and placements ask about a profile.
//!
//! One algebra with one meaning. It is data: nothing in it executes, and it is stored, compared, described and compiled as it is.
//! A condition that passed its check (see [`check`]) can be decided for every profile at every instant.

pub mod check;
pub mod describe;
pub mod evaluate;
#[cfg(any(test, feature = "testing"))]
pub mod generate;
pub mod text;

mod leaf;
mod number;
mod rights;
mod time;
mod turns;
mod value;

pub use evaluate::{Because, Decision, Evaluation, Facts, decide, evaluate};
pub use leaf::{
    AnniversaryTest, ConsentTest, Filter, IdentifierTest, LevelTest, Lines, Measure, PropertyTest,
    PurchaseMeasure, PurchaseTest, ScoreTest, Seen, SeenTest, SegmentTest, SequenceTest, StageTest,
    TouchpointTest, TraitTest,
};
pub use number::{Number, NumberError};
pub use rights::scopes;
pub use time::{Span, SpanError, TimeTest, Window};
pub use turns::time_may_make_true;
pub use value::{Comparison, Scalar, TextTest, ValueTest};

use serde::{Deserialize, Serialize};

/// A condition over a profile at an instant.
///
/// A missing value makes every test false but [`ValueTest::NotExists`]; [`Not`](Self::Not) is plain negation. Stored as JSON with one
/// key, the name of the kind: `{"all": [..]}`, `{"trait": {..}}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Each of them holds.
    All(Vec<Self>),
    /// At least one of them holds.
    Any(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
    /// A trait, computed ones included, has a value that passes a test.
    Trait(TraitTest),
    /// What the touchpoints that pass a filter come to, in a window.
    Touchpoint(TouchpointTest),
    /// What the purchases, or the lines of purchases, that pass a filter come to, in a window.
    Purchase(PurchaseTest),
    /// One touchpoint after another, or not after another.
    Sequence(SequenceTest),
    /// The profile is a member of a segment.
    Segment(SegmentTest),
    /// The value or the grade of a score.
    Score(ScoreTest),
    /// The state of consent to a purpose.
    Consent(ConsentTest),
    /// The lifecycle stage is one of these.
    Stage(StageTest),
    /// The pyramid level is one of these.
    Level(LevelTest),
    /// The profile has an identifier of a namespace.
    Identifier(IdentifierTest),
    /// The anniversary of a date is near.
    Anniversary(AnniversaryTest),
    /// When the person was seen first or last.
    Seen(SeenTest),
}
