//! Levels of the customer pyramid.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A level of the customer pyramid; a profile is on one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Level {
    /// Bought within the period and is among the first by spend.
    Top,
    /// Bought within the period and is next by spend.
    Large,
    /// Bought within the period and is in the middle by spend.
    Medium,
    /// Bought within the period and is among the rest by spend.
    Small,
    /// Bought before the period.
    Inactive,
    /// There is a relation, and the person never bought.
    Potential,
    /// There is no relation, but interest: anonymous with activity.
    Probable,
    /// Nothing of that.
    Rest,
}

impl Level {
    /// Every pyramid level.
    pub const ALL: [Self; 8] = [
        Self::Top,
        Self::Large,
        Self::Medium,
        Self::Small,
        Self::Inactive,
        Self::Potential,
        Self::Probable,
        Self::Rest,
    ];

    /// The name in the schema and in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Top => "TOP",
            Self::Large => "LARGE",
            Self::Medium => "MEDIUM",
            Self::Small => "SMALL",
            Self::Inactive => "INACTIVE",
            Self::Potential => "POTENTIAL",
            Self::Probable => "PROBABLE",
            Self::Rest => "REST",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no pyramid level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a pyramid level")]
pub struct UnknownLevel;

impl FromStr for Level {
    type Err = UnknownLevel;

    fn from_str(text: &str) -> Result<Self, UnknownLevel> {
        Self::ALL
            .into_iter()
            .find(|one| one.as_str() == text)
            .ok_or(UnknownLevel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_reads_back() {
        for one in Level::ALL {
            assert_eq!(one.as_str().parse(), Ok(one));
            assert_eq!(serde_json::to_value(one).unwrap(), one.as_str());
        }
    }
}
