//! What brings a transition about.

use std::fmt;
use std::str::FromStr;

/// What brought it about that a profile became a member of a segment, or is one no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// Something that happened.
    Touchpoint,
    /// Time passed.
    Time,
    /// What is defined was changed.
    Definition,
    /// Profiles were merged.
    Merge,
    /// Profiles were parted.
    Unmerge,
    /// A person decided it.
    Person,
    /// The person themself decided about a purpose.
    Consent,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Self; 7] = [
        Self::Touchpoint,
        Self::Time,
        Self::Definition,
        Self::Merge,
        Self::Unmerge,
        Self::Person,
        Self::Consent,
    ];

    /// The name in the schema and in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Touchpoint => "TOUCHPOINT",
            Self::Time => "TIME",
            Self::Definition => "DEFINITION",
            Self::Merge => "MERGE",
            Self::Unmerge => "UNMERGE",
            Self::Person => "PERSON",
            Self::Consent => "CONSENT",
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cause of a transition")]
pub struct UnknownCause;

impl FromStr for Cause {
    type Err = UnknownCause;

    fn from_str(text: &str) -> Result<Self, UnknownCause> {
        let mut all = Self::ALL.into_iter();
        all.find(|cause| cause.as_str() == text).ok_or(UnknownCause)
    }
}
