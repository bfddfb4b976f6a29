//! What a check of a score model finds.

use crate::condition::check::{self, PathPart, Warning};

/// The kinds of problems, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProblemCode {
    /// A condition, a filter, a window or the name of a trait or a segment is wrong in this way.
    Condition(check::ProblemCode),
    /// There are no rules, or no features.
    Empty,
    /// There are too many rules, features or grades.
    TooMany,
    /// A key is not written as keys are, or is the one of the prior.
    InvalidKey,
    /// A key or the name of a grade is there twice.
    Repeated,
    /// A title or a name is empty, too long, or has the character U+0000.
    InvalidText,
    /// A number is outside the range of what it is for.
    OutOfRange,
    /// A rule's points fade, and there is no half-life, or no touchpoint that they fade from.
    NothingFades,
    /// A grade is not above the one before it.
    OutOfOrder,
    /// What is compared has nothing to be compared with.
    NoIdeal,
    /// What is compared is never of this kind.
    WrongKind,
}

/// Why a score model cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The way to the part that is wrong: `rules`, 2, `when`, `holds`, …
    pub path: Vec<PathPart>,
    /// What kind of problem it is.
    pub code: ProblemCode,
    /// The same for people, in English.
    pub message: String,
}

/// What a check says of a model that can be used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// What may be a mistake, in the order of the model.
    pub warnings: Vec<Warning>,
}
