//! What a check finds.

use std::fmt;

/// A step on the way to a part of a condition, in its stored form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PathPart {
    /// The member of this name.
    Name(&'static str),
    /// The element at this place of a list, from 0.
    Position(usize),
}

impl From<&'static str> for PathPart {
    fn from(name: &'static str) -> Self {
        Self::Name(name)
    }
}

impl From<usize> for PathPart {
    fn from(position: usize) -> Self {
        Self::Position(position)
    }
}

impl fmt::Display for PathPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Position(position) => write!(f, "{position}"),
        }
    }
}

/// The kinds of problems, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProblemCode {
    /// Conditions are nested too deep.
    TooDeep,
    /// There are too many tests.
    TooManyLeaves,
    /// There are too many parts.
    TooManyNodes,
    /// A list has too many values.
    TooManyValues,
    /// Conditions are joined, and there are none.
    NoConditions,
    /// A list of values, a name, or a text that is looked for in another is empty.
    Empty,
    /// A text or a name is too long.
    TooLong,
    /// A text or a name has the character U+0000, which cannot be stored.
    NulCharacter,
    /// The path to a value has too many names.
    TooManyNameParts,
    /// The lower bound is above the upper one.
    BoundsOutOfOrder,
    /// The millionths of a bound are not exact, so that a sum cannot be compared with it.
    InexactBound,
    /// An instant is outside the years 1 to 9999.
    InstantOutOfRange,
    /// An anniversary is further away than a year.
    TooManyDays,
    /// A score is named and nothing is asked about it.
    NothingTested,
    /// A key is not written as keys are.
    InvalidKey,
    /// There is no such segment.
    UnknownSegment,
    /// There is no such score model.
    UnknownScore,
    /// The score model has no such grade.
    UnknownGrade,
    /// There is no such purpose.
    UnknownPurpose,
    /// The name has a meaning of its own.
    ReservedName,
    /// A list would keep no value, or more than one may.
    CapOutOfRange,
}

/// Why a condition cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The way to the part that is wrong.
    pub path: Vec<PathPart>,
    /// What kind of problem it is.
    pub code: ProblemCode,
    /// The same for people, in English.
    pub message: String,
}

/// The kinds of warnings, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WarningCode {
    /// No profile has had this trait yet.
    UnknownTrait,
    /// No touchpoint of this name has come yet.
    UnknownEvent,
    /// There is no source of this name.
    UnknownSource,
}

/// What may be a mistake; the condition can be used all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The way to the part in question.
    pub path: Vec<PathPart>,
    /// What kind of warning it is.
    pub code: WarningCode,
    /// Known names that are written almost alike, the nearest first.
    pub near: Vec<String>,
    /// The same for people, in English.
    pub message: String,
}

/// What a check says of a condition that can be used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// What may be a mistake, in the order of the condition.
    pub warnings: Vec<Warning>,
}
