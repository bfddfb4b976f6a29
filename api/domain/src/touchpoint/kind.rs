//! The six calls of the Segment protocol.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Which call of the protocol an item is (<https://segment.com/docs/connections/spec/>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    /// Says who the person is and sets their traits.
    Identify,
    /// Says what the person did.
    Track,
    /// The person looked at a page of a site.
    Page,
    /// The person looked at a screen of an app.
    Screen,
    /// The person belongs to a group, such as a company.
    Group,
    /// Two ids mean the same person.
    Alias,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Identify,
        Self::Track,
        Self::Page,
        Self::Screen,
        Self::Group,
        Self::Alias,
    ];

    /// The name in the schema and in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identify => "IDENTIFY",
            Self::Track => "TRACK",
            Self::Page => "PAGE",
            Self::Screen => "SCREEN",
            Self::Group => "GROUP",
            Self::Alias => "ALIAS",
        }
    }

    /// The touchpoint's name if the item gives none.
    pub(super) const fn default_name(self) -> &'static str {
        match self {
            Self::Identify => "Identify",
            Self::Track => "Track",
            Self::Page => "Page Viewed",
            Self::Screen => "Screen Viewed",
            Self::Group => "Group",
            Self::Alias => "Alias",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names none of the kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of item")]
pub struct UnknownKind;

/// Reads both the stored name and the protocol's lower-case spelling.
impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str().eq_ignore_ascii_case(text))
            .ok_or(UnknownKind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back_from_storage_and_from_the_protocol() {
        for kind in Kind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert_eq!(kind.as_str().to_lowercase().parse(), Ok(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        assert_eq!("event".parse::<Kind>(), Err(UnknownKind));
    }
}
