//! The identity log: what was tied, refused and parted, and why.

use serde::{Deserialize, Serialize};

use crate::id::{FragmentId, IdentityLinkId, ProfileId};

use super::Namespace;

/// How far a link can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Trust {
    /// Claimed by a public source: anybody holds its key.
    #[serde(rename = "c")]
    Claimed,
    /// Vouched for by a trusted source, a token minted by the merchant's backend, a confirmed opt-in or a person at the company.
    #[serde(rename = "v")]
    Verified,
}

/// What an entry of the identity log records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkKind {
    /// An identifier was tied to a fragment for the first time.
    Linked,
    /// Two fragments came to belong to one profile. The entry is an edge of the profile's tree until it is undone.
    Merged,
    /// A link that was claimed became verified; it takes the place of a claimed edge.
    Verified,
    /// A rule refused a link; the identifier was left out for this touchpoint.
    Refused,
    /// An identifier was left out because the profile has as many of its namespace as the limit allows.
    Limited,
    /// A device turned out to be shared; its identifier now points at a profile of its own.
    Shared,
    /// A claimed link gave way to a verified one that contradicts it.
    Released,
    /// A person parted two profiles; nothing joins them again.
    Unmerged,
}

/// Why a link was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkRefusal {
    /// The union would hold two values of a namespace of which a profile has one.
    UniqueConflict,
    /// The union would hold more identifiers of a namespace than the limit allows.
    LimitExceeded,
    /// A person has parted the two.
    Parted,
    /// A public source claimed a link between two known profiles.
    ClaimedBetweenKnown,
}

macro_rules! stored_names {
    ($type:ident { $($variant:ident = $name:literal,)* }) => {
        impl $type {
            /// The name as stored and shown.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Reads the stored name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

stored_names!(Trust { Claimed = "CLAIMED", Verified = "VERIFIED", });
stored_names!(LinkKind {
    Linked = "LINKED",
    Merged = "MERGED",
    Verified = "VERIFIED",
    Refused = "REFUSED",
    Limited = "LIMITED",
    Shared = "SHARED",
    Released = "RELEASED",
    Unmerged = "UNMERGED",
});
stored_names!(LinkRefusal {
    UniqueConflict = "UNIQUE_CONFLICT",
    LimitExceeded = "LIMIT_EXCEEDED",
    Parted = "PARTED",
    ClaimedBetweenKnown = "CLAIMED_BETWEEN_KNOWN",
});

/// One entry of the identity log, before it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// The entry's id; an edge is known by it.
    pub id: IdentityLinkId,
    /// What happened.
    pub kind: LinkKind,
    /// The profile it happened to; the survivor of a merge.
    pub profile: ProfileId,
    /// The other profile, where there is one; the absorbed one of a merge.
    pub other_profile: Option<ProfileId>,
    /// The fragment on this side.
    pub fragment: FragmentId,
    /// The fragment on the other side.
    pub other_fragment: Option<FragmentId>,
    /// The identifier that it was about.
    pub identifier: Option<(Namespace, String)>,
    /// The trust of the link.
    pub trust: Trust,
    /// Why a link was refused.
    pub refusal: Option<LinkRefusal>,
}
