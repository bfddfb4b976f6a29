//! Whether a person may be written to or called, and what keeps the members of a segment from being reached.

use std::collections::BTreeSet;

use super::{Decision, Person, Reason, decide};
use crate::clock::Timestamp;
use crate::consent::{Purpose, has_address};
use crate::identity::Namespace;
use crate::names::named;
use crate::touchpoint::Channel;

/// Whether a person may be contacted on a channel for a purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contact {
    /// What was decided about the purpose.
    Decided(Decision),
    /// There is no address on the channel, though it might be used.
    NoAddress,
}

impl Contact {
    /// Whether the person may be contacted.
    pub const fn allow(&self) -> bool {
        matches!(self, Self::Decided(decision) if decision.allow)
    }

    /// The code for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Decided(decision) => decision.reason.code(),
            Self::NoAddress => "NO_ADDRESS",
        }
    }
}

/// Decides whether a person may be contacted on a channel for a purpose, at an instant.
pub fn can_contact(
    person: &Person<'_>,
    purpose: &Purpose,
    channel: Channel,
    now: Timestamp,
) -> Contact {
    let decision = decide(person, purpose, Some(channel), now);
    if decision.allow && !is_reachable(person.namespaces, channel) {
        Contact::NoAddress
    } else {
        Contact::Decided(decision)
    }
}

named! {
    /// How far a member of a segment comes on the way to being contacted: each step keeps those whom the ones before let pass.
    Reach {
        /// There is no address on the channel.
        Unreachable = "UNREACHABLE",
        /// Neither consent nor anything else allows it.
        NotConsented = "NOT_CONSENTED",
        /// An identifier is suppressed.
        Suppressed = "SUPPRESSED",
        /// The person was erased, or use of the profile is restricted.
        Restricted = "RESTRICTED",
        /// The person may be contacted.
        Reached = "REACHED",
    }
}

/// How far a person comes on the way to being contacted. [`Reach::Reached`] exactly where [`can_contact`] allows it.
pub fn reach(person: &Person<'_>, purpose: &Purpose, channel: Channel, now: Timestamp) -> Reach {
    let allows = |person: &Person<'_>| decide(person, purpose, Some(channel), now).allow;
    let unrestricted = Person {
        erased: false,
        restricted_since: None,
        ..person.clone()
    };
    let unsuppressed = Person {
        suppressions: &[],
        ..unrestricted.clone()
    };
    if !is_reachable(person.namespaces, channel) {
        Reach::Unreachable
    } else if allows(person) {
        Reach::Reached
    } else if allows(&unrestricted) {
        Reach::Restricted
    } else if allows(&unsuppressed) {
        Reach::Suppressed
    } else {
        Reach::NotConsented
    }
}

impl Decision {
    /// Whether consent is what is missing, so that asking for it may help.
    pub const fn may_ask(&self) -> bool {
        matches!(
            self.reason,
            Reason::ConsentMissing | Reason::ConsentPending | Reason::ConsentExpired
        )
    }
}

/// Whether there is an address on a channel. On a site and in a shop people are met without one.
fn is_reachable(namespaces: &BTreeSet<Namespace>, channel: Channel) -> bool {
    let is_address = |namespace: &Namespace| {
        let messenger = matches!(
            namespace.as_str(),
            "whatsapp" | "telegram" | "push_token" | "phone"
        );
        match channel {
            Channel::Email => *namespace == Namespace::email(),
            Channel::Phone => *namespace == Namespace::phone(),
            Channel::Messaging => messenger,
            Channel::Social => namespace.is_handle(),
            Channel::Web | Channel::Store | Channel::Other => true,
        }
    };
    !has_address(channel) || namespaces.iter().any(is_address)
}
