//! Conditions in the schema: as input, as output, and why one holds for a profile.
//!
//! Each part of a condition is one type here that is both an input and an output, so that what was read can be sent back. An input
//! that takes exactly one of several members is read as an object of which one field is not null (see [`one_of`]).

mod comparison;
mod condition;
mod evidence;
mod explanation;
mod found;
mod input;
mod leaf;
mod one_of;
mod path;
mod purchase;
mod query;
pub(crate) mod reading;
mod source;
#[cfg(test)]
mod tests;
mod time;
mod touchpoint;
mod value;
mod words;

pub use comparison::{CountComparison, CountRange, NumberComparison, NumberRange};
pub use condition::Condition;
pub(crate) use condition::tidy;
pub use evidence::{PurchaseEvidence, TouchpointEvidence};
pub use explanation::{Explanation, NearestChange, Need, NeedKind};
pub use found::{Found, FoundScore};
pub use input::ConditionInput;
pub use leaf::{
    AnniversaryTest, ConsentTest, IdentifierTest, ScoreTest, SeenTest, SegmentTest, TraitTest,
};
pub(crate) use path::code_of;
pub use path::{path_in_input, violation_of};
pub use purchase::{PurchaseLines, PurchaseMeasure, PurchaseTest};
pub use query::{ConditionParsePayload, ConditionQuery};
pub use source::{
    ConditionSource, ConditionTextError, ConditionWarning, ConditionWarningCode, Given, Outcome,
    accept, read,
};
pub use time::{Interval, Span, TimeTest, Window};
pub use touchpoint::{
    PropertyCount, PropertyNumber, PropertyTest, SequenceTest, TouchpointFilter, TouchpointMeasure,
    TouchpointTest,
};
pub use value::{ScalarValue, TextTest, ValueTest};
pub use words::{Language, LifecycleStage, PyramidLevel, SeenTime};
