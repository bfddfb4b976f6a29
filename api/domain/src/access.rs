//! Who may do what: scopes, and the roles of people at the company as sets of scopes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text is not a scope or a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a known {kind}")]
pub struct UnknownName {
    /// What was expected: `scope` or `role`.
    pub kind: &'static str,
}

macro_rules! named_enum {
    ($(#[$doc:meta])* $name:ident, $kind:literal; $($(#[$case_doc:meta])* $case:ident = $text:literal,)*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$case_doc])* #[serde(rename = $text)] $case,)*
        }

        impl $name {
            /// Every value, in the order of the declaration.
            pub const ALL: &'static [Self] = &[$(Self::$case),*];

            /// The name outside the program: in tokens, in the database and in the API.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$case => $text,)*
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownName;

            fn from_str(text: &str) -> Result<Self, UnknownName> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|known| known.as_str() == text)
                    .ok_or(UnknownName { kind: $kind })
            }
        }
    };
}

named_enum! {
    /// One permission, written `noun:verb`.
    Scope, "scope";
    /// Read profiles.
    ProfilesRead = "profiles:read",
    /// Change traits of profiles.
    ProfilesWrite = "profiles:write",
    /// Merge and unmerge profiles by hand.
    ProfilesMerge = "profiles:merge",
    /// Read touchpoints.
    TouchpointsRead = "touchpoints:read",
    /// Send touchpoints.
    TouchpointsWrite = "touchpoints:write",
    /// Read identifiers and the identity log.
    IdentityRead = "identity:read",
    /// Read sources.
    SourcesRead = "sources:read",
    /// Create, change and archive sources, and change their keys.
    SourcesWrite = "sources:write",
    /// List tokens, never their text.
    TokensRead = "tokens:read",
    /// Issue and revoke tokens.
    TokensWrite = "tokens:write",
    /// Read what is in quarantine.
    QuarantineRead = "quarantine:read",
    /// Mend, replay and discard what is in quarantine.
    QuarantineWrite = "quarantine:write",
    /// Issue visitor tokens, and so speak for any visitor.
    VisitorsIssue = "visitors:issue",
    /// Read the audit log.
    AuditRead = "audit:read",
    /// Read segments, their members, and why somebody is one.
    SegmentsRead = "segments:read",
    /// Create, change and archive segments, and change the lists of their members.
    SegmentsWrite = "segments:write",
    /// Read score models, scores, and what they are made of.
    ScoresRead = "scores:read",
    /// Create, change and archive score models.
    ScoresWrite = "scores:write",
    /// Read purposes, decisions about them with their evidence, and whom they allow to be contacted.
    ConsentRead = "consent:read",
    /// Record what a person decided.
    ConsentWrite = "consent:write",
    /// Create, change and archive purposes.
    PurposesWrite = "purposes:write",
}

named_enum! {
    /// What a person at the company is there for.
    Role, "role";
    /// Runs the deployment; may do everything.
    Admin = "admin",
    /// Plans and sends campaigns.
    Marketer = "marketer",
    /// Studies customers and never changes them.
    Analyst = "analyst",
    /// Helps customers, and mends their profiles.
    Support = "support",
    /// Answers privacy requests, and watches over access.
    Privacy = "privacy",
    /// Connects sources, and mends what did not arrive.
    Developer = "developer",
}

/// A set of scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scopes(u32);

impl Scopes {
    /// The set of the scopes listed.
    pub const fn of(list: &[Scope]) -> Self {
        let mut bits = 0;
        let mut place = 0;
        while place < list.len() {
            bits |= Self::bit(list[place]);
            place += 1;
        }
        Self(bits)
    }

    /// Whether the scope is in the set.
    pub const fn contains(self, scope: Scope) -> bool {
        self.0 & Self::bit(scope) != 0
    }

    /// Whether every scope of `other` is in this set: nobody hands out more than they hold.
    pub const fn covers(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// The scopes in the set, in the order of their declaration.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL
            .iter()
            .copied()
            .filter(move |scope| self.contains(*scope))
    }

    const fn bit(scope: Scope) -> u32 {
        // The place in the declaration of a fieldless enum, of which there are fewer than 32.
        1 << scope as u32
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(
            scopes
                .into_iter()
                .fold(0, |bits, scope| bits | Self::bit(scope)),
        )
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, scope) in self.iter().enumerate() {
            if place > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

const EVERYTHING: Scopes = Scopes::of(Scope::ALL);

impl Role {
    /// What the role may do.
    ///
    /// Issuing tokens is the administrator's alone: whoever may issue could hand themselves any scope.
    pub const fn scopes(self) -> Scopes {
        use Scope as S;
        match self {
            Self::Admin => EVERYTHING,
            Self::Marketer => Scopes::of(&[
                S::ProfilesRead,
                S::TouchpointsRead,
                S::SourcesRead,
                S::SegmentsRead,
                S::SegmentsWrite,
                S::ScoresRead,
                S::ScoresWrite,
                S::ConsentRead,
            ]),
            Self::Analyst => Scopes::of(&[
                S::ProfilesRead,
                S::TouchpointsRead,
                S::IdentityRead,
                S::SourcesRead,
                S::SegmentsRead,
                S::ScoresRead,
                S::ConsentRead,
            ]),
            Self::Support => Scopes::of(&[
                S::ProfilesRead,
                S::ProfilesWrite,
                S::ProfilesMerge,
                S::TouchpointsRead,
                S::TouchpointsWrite,
                S::IdentityRead,
                S::SegmentsRead,
                S::ScoresRead,
                S::ConsentRead,
                S::ConsentWrite,
            ]),
            Self::Privacy => Scopes::of(&[
                S::ProfilesRead,
                S::ProfilesWrite,
                S::TouchpointsRead,
                S::IdentityRead,
                S::SourcesRead,
                S::TokensRead,
                S::QuarantineRead,
                S::AuditRead,
                S::SegmentsRead,
                S::ScoresRead,
                S::ConsentRead,
                S::ConsentWrite,
                S::PurposesWrite,
            ]),
            Self::Developer => Scopes::of(&[
                S::SourcesRead,
                S::SourcesWrite,
                S::TokensRead,
                S::QuarantineRead,
                S::QuarantineWrite,
            ]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_do_exactly_this() {
        let table = [
            (
                "admin",
                "profiles:read profiles:write profiles:merge touchpoints:read touchpoints:write identity:read \
                 sources:read sources:write tokens:read tokens:write quarantine:read quarantine:write visitors:issue \
                 audit:read segments:read segments:write scores:read scores:write \
                 consent:read consent:write purposes:write",
            ),
            (
                "marketer",
                "profiles:read touchpoints:read sources:read segments:read segments:write scores:read scores:write \
                 consent:read",
            ),
            (
                "analyst",
                "profiles:read touchpoints:read identity:read sources:read segments:read scores:read consent:read",
            ),
            (
                "support",
                "profiles:read profiles:write profiles:merge touchpoints:read touchpoints:write identity:read \
                 segments:read scores:read consent:read consent:write",
            ),
            (
                "privacy",
                "profiles:read profiles:write touchpoints:read identity:read sources:read tokens:read quarantine:read \
                 audit:read segments:read scores:read consent:read consent:write purposes:write",
            ),
            (
                "developer",
                "sources:read sources:write tokens:read quarantine:read quarantine:write",
            ),
        ];
        let built: Vec<_> = Role::ALL
            .iter()
            .map(|role| (role.as_str(), role.scopes().to_string()))
            .collect();
        assert_eq!(built, table.map(|(role, scopes)| (role, scopes.to_owned())));
    }

    #[test]
    fn every_name_reads_back_and_no_other_does() {
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(*scope));
        }
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(*role));
        }
        for text in ["", "profiles", "profiles:READ", " profiles:read", "root"] {
            assert!(text.parse::<Scope>().is_err(), "{text}");
            assert!(text.parse::<Role>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_set_covers_its_parts_and_nothing_more() {
        let all: Scopes = Scope::ALL.iter().copied().collect();
        assert!(all.covers(Role::Support.scopes()));
        assert!(!Role::Support.scopes().covers(all));
        assert!(!Scopes::default().contains(Scope::ProfilesRead));
    }

    #[test]
    fn only_the_administrator_can_hand_out_access() {
        for role in Role::ALL {
            let issues = [Scope::TokensWrite, Scope::VisitorsIssue]
                .iter()
                .any(|scope| role.scopes().contains(*scope));
            assert_eq!(issues, *role == Role::Admin, "{role}");
        }
    }
}
