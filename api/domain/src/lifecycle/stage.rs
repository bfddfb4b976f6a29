//! Lifecycle stages.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A lifecycle stage; a profile is in one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Stage {
    /// There is no way to reach the person, who never bought.
    Anonymous,
    /// The person can be reached and never bought.
    Lead,
    /// The first purchase is no longer ago than the period of new customers.
    New,
    /// The person bought within their cycle.
    Active,
    /// The last purchase is longer ago than the usual interval times a factor.
    LosingInterest,
    /// The last purchase is much longer ago.
    Lost,
    /// The person bought again after having been lost.
    Recovered,
}

impl Stage {
    /// Every lifecycle stage.
    pub const ALL: [Self; 7] = [
        Self::Anonymous,
        Self::Lead,
        Self::New,
        Self::Active,
        Self::LosingInterest,
        Self::Lost,
        Self::Recovered,
    ];

    /// The name in the schema and in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Anonymous => "ANONYMOUS",
            Self::Lead => "LEAD",
            Self::New => "NEW",
            Self::Active => "ACTIVE",
            Self::LosingInterest => "LOSING_INTEREST",
            Self::Lost => "LOST",
            Self::Recovered => "RECOVERED",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no lifecycle stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a lifecycle stage")]
pub struct UnknownStage;

impl FromStr for Stage {
    type Err = UnknownStage;

    fn from_str(text: &str) -> Result<Self, UnknownStage> {
        Self::ALL
            .into_iter()
            .find(|one| one.as_str() == text)
            .ok_or(UnknownStage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_reads_back() {
        for one in Stage::ALL {
            assert_eq!(one.as_str().parse(), Ok(one));
            assert_eq!(serde_json::to_value(one).unwrap(), one.as_str());
        }
    }
}
