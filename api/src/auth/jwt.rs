//! Signed tokens (JWT, RFC 7519): what internal and visitor tokens say, and when that holds.

use std::time::Duration;

use lazo_domain::access::Role;
use lazo_domain::clock::Timestamp;
use lazo_domain::id::TokenId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Who issues our tokens.
pub const ISSUER: &str = "lazo";
/// How long an internal token lives where nothing else is asked for.
pub const INTERNAL_LIFETIME: Duration = Duration::from_hours(12);
/// How long an internal token may live.
pub const LONGEST_INTERNAL: Duration = Duration::from_hours(90 * 24);
/// How long a visitor token may live.
pub const LONGEST_VISITOR: Duration = Duration::from_hours(1);
/// How far the clocks of our machines may be apart, in seconds.
const LEEWAY: i64 = 30;
/// The namespaces a visitor can be known by.
const SUBJECT_NAMESPACES: [&str; 2] = ["customer_id", "anonymous_id"];
/// More than any identifier.
const LONGEST_SUBJECT: usize = 512;

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It names a key that is not in the keyring, perhaps not yet.
    #[error("the token is signed by an unknown key")]
    UnknownKey,
    /// It is malformed, wrongly signed, meant for another use, or asks for more than a token may.
    #[error("the token is not valid")]
    Invalid,
    /// It is not valid yet, or no longer.
    #[error("the token is not valid at this time")]
    Untimely,
    /// No key may sign at the moment.
    #[error("there is no signing key")]
    NoKey,
}

/// What a kind of token has in common with the others.
pub trait Claims: Serialize + for<'de> Deserialize<'de> {
    /// What the token is for: a token for one use is refused at every other.
    const AUDIENCE: &'static str;
    /// How long such a token may live.
    const LONGEST: Duration;

    /// When it was issued, from when and until when it is valid.
    fn times(&self) -> Times;

    /// Whether what it says about its holder is well formed.
    fn is_well_formed(&self) -> bool;
}

/// The instants of a token, in whole seconds since 1970 (RFC 7519, `NumericDate`).
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// `iat`.
    pub issued: i64,
    /// `nbf`.
    pub not_before: Option<i64>,
    /// `exp`.
    pub expires: i64,
}

impl Times {
    /// From now on, for as long as asked, unless that is longer than allowed.
    fn starting(now: Timestamp, lifetime: Duration, longest: Duration) -> Result<Self, Refused> {
        let issued = now.0.div_euclid(1000);
        let seconds = i64::try_from(lifetime.as_secs()).map_err(|_| Refused::Invalid)?;
        if seconds == 0 || lifetime > longest {
            return Err(Refused::Invalid);
        }
        let expires = issued.checked_add(seconds).ok_or(Refused::Invalid)?;
        Ok(Self {
            issued,
            not_before: None,
            expires,
        })
    }

    /// Judges the times by our clock; a life longer than allowed is refused whoever signed it.
    pub(super) fn check(self, now: Timestamp, longest: Duration) -> Result<(), Refused> {
        let longest = i64::try_from(longest.as_secs()).map_err(|_| Refused::Invalid)?;
        let life = self
            .expires
            .checked_sub(self.issued)
            .ok_or(Refused::Invalid)?;
        if !(1..=longest).contains(&life) {
            return Err(Refused::Invalid);
        }
        let now = now.0.div_euclid(1000);
        let start = self
            .not_before
            .map_or(self.issued, |start| start.max(self.issued));
        let started = start.saturating_sub(LEEWAY) <= now;
        let ended = self.expires.saturating_add(LEEWAY) <= now;
        if started && !ended {
            Ok(())
        } else {
            Err(Refused::Untimely)
        }
    }
}

/// What an internal token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InternalClaims {
    iss: String,
    aud: String,
    /// Whom it was issued to.
    #[serde(rename = "sub")]
    pub subject: String,
    /// The row of the token, by which it can be revoked.
    #[serde(rename = "jti")]
    pub token: TokenId,
    /// What they are there for.
    pub role: Role,
    iat: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    exp: i64,
}

impl InternalClaims {
    /// The claims of a new token.
    pub fn new(
        token: TokenId,
        subject: &str,
        role: Role,
        now: Timestamp,
        lifetime: Duration,
    ) -> Result<Self, Refused> {
        let times = Times::starting(now, lifetime, LONGEST_INTERNAL)?;
        let claims = Self {
            iss: ISSUER.to_owned(),
            aud: Self::AUDIENCE.to_owned(),
            subject: subject.to_owned(),
            token,
            role,
            iat: times.issued,
            nbf: None,
            exp: times.expires,
        };
        if claims.is_well_formed() {
            Ok(claims)
        } else {
            Err(Refused::Invalid)
        }
    }

    /// Until when the token is valid.
    pub fn expires_at(&self) -> Timestamp {
        Timestamp(self.exp.saturating_mul(1000))
    }
}

impl Claims for InternalClaims {
    const AUDIENCE: &'static str = "lazo:internal";
    const LONGEST: Duration = LONGEST_INTERNAL;

    fn times(&self) -> Times {
        Times {
            issued: self.iat,
            not_before: self.nbf,
            expires: self.exp,
        }
    }

    fn is_well_formed(&self) -> bool {
        !self.subject.is_empty() && self.subject.len() <= LONGEST_SUBJECT
    }
}

/// What a visitor token says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitorClaims {
    iss: String,
    aud: String,
    sub: String,
    /// The visitor's other identifier, where both are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sub2: Option<String>,
    jti: String,
    /// The purposes for which the storefront may read data.
    pub purposes: Vec<String>,
    iat: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    exp: i64,
}

impl VisitorClaims {
    /// The claims of a new token, for one or two subjects (namespace and value).
    pub fn new(
        id: Uuid,
        subjects: &[(String, String)],
        purposes: Vec<String>,
        now: Timestamp,
        lifetime: Duration,
    ) -> Result<Self, Refused> {
        let times = Times::starting(now, lifetime, LONGEST_VISITOR)?;
        let joined = |(namespace, value): &(String, String)| format!("{namespace}:{value}");
        let (first, second) = match subjects {
            [first] => (first, None),
            [first, second] => (first, Some(second)),
            _ => return Err(Refused::Invalid),
        };
        let claims = Self {
            iss: ISSUER.to_owned(),
            aud: Self::AUDIENCE.to_owned(),
            sub: joined(first),
            sub2: second.map(joined),
            jti: id.to_string(),
            purposes,
            iat: times.issued,
            nbf: None,
            exp: times.expires,
        };
        if claims.is_well_formed() {
            Ok(claims)
        } else {
            Err(Refused::Invalid)
        }
    }

    /// Until when the token is valid.
    pub fn expires_at(&self) -> Timestamp {
        Timestamp(self.exp.saturating_mul(1000))
    }

    /// The visitor's identifiers, as namespace and value.
    pub fn subjects(&self) -> Vec<(String, String)> {
        std::iter::once(self.sub.as_str())
            .chain(self.sub2.as_deref())
            .filter_map(|subject| subject.split_once(':'))
            .map(|(namespace, value)| (namespace.to_owned(), value.to_owned()))
            .collect()
    }
}

impl Claims for VisitorClaims {
    const AUDIENCE: &'static str = "lazo:visitor";
    const LONGEST: Duration = LONGEST_VISITOR;

    fn times(&self) -> Times {
        Times {
            issued: self.iat,
            not_before: self.nbf,
            expires: self.exp,
        }
    }

    fn is_well_formed(&self) -> bool {
        let namespace = |subject: &str| {
            let (namespace, value) = subject.split_once(':')?;
            let sound = !value.trim().is_empty() && value.len() <= LONGEST_SUBJECT;
            SUBJECT_NAMESPACES
                .into_iter()
                .find(|known| sound && *known == namespace)
        };
        let first = namespace(&self.sub);
        let second = self.sub2.as_deref().map(namespace);
        !self.jti.is_empty()
            && first.is_some()
            && second.is_none_or(|second| second.is_some() && second != first)
    }
}

/// Shows neither the visitor nor their identifiers.
impl std::fmt::Debug for VisitorClaims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VisitorClaims")
            .field("exp", &self.exp)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const NOW: Timestamp = Timestamp(1_800_000_000_999);
    const NOW_SECONDS: i64 = 1_800_000_000;

    #[rstest]
    #[case::fresh(0, None, 3600, Ok(()))]
    #[case::within_the_leeway(-3600, None, -29, Ok(()))]
    #[case::expired(-3600, None, -30, Err(Refused::Untimely))]
    #[case::from_a_clock_slightly_ahead(30, None, 600, Ok(()))]
    #[case::from_the_future(31, None, 600, Err(Refused::Untimely))]
    #[case::not_yet(0, Some(31), 600, Err(Refused::Untimely))]
    #[case::almost(0, Some(30), 600, Ok(()))]
    #[case::too_long(0, None, 3601, Err(Refused::Invalid))]
    #[case::backwards(0, None, -1, Err(Refused::Invalid))]
    #[case::overflowing(i64::MIN / 2, None, i64::MAX / 2 + 1, Err(Refused::Invalid))]
    fn times_are_judged_by_our_clock(
        #[case] issued: i64,
        #[case] not_before: Option<i64>,
        #[case] expires: i64,
        #[case] expected: Result<(), Refused>,
    ) {
        let times = Times {
            issued: issued + NOW_SECONDS,
            not_before: not_before.map(|start| start + NOW_SECONDS),
            expires: expires + NOW_SECONDS,
        };
        assert_eq!(times.check(NOW, LONGEST_VISITOR), expected);
    }

    fn pair(namespace: &str, value: &str) -> (String, String) {
        (namespace.to_owned(), value.to_owned())
    }

    #[rstest]
    #[case::customer(vec![pair("customer_id", "C:1")], true)]
    #[case::both(vec![pair("customer_id", "C"), pair("anonymous_id", "A")], true)]
    #[case::nobody(vec![], false)]
    #[case::by_email(vec![pair("email", "ana@example.com")], false)]
    #[case::blank(vec![pair("customer_id", " ")], false)]
    #[case::two_customers(vec![pair("customer_id", "C"), pair("customer_id", "D")], false)]
    #[case::second_by_email(vec![pair("customer_id", "C"), pair("email", "ana@example.com")], false)]
    fn a_visitor_is_known_by_customer_id_and_anonymous_id_alone(
        #[case] subjects: Vec<(String, String)>,
        #[case] accepted: bool,
    ) {
        let claims = VisitorClaims::new(Uuid::nil(), &subjects, vec![], NOW, LONGEST_VISITOR);
        assert_eq!(
            claims.map(|claims| claims.subjects()).ok(),
            accepted.then_some(subjects)
        );
    }

    #[test]
    fn no_visitor_token_is_made_for_over_an_hour() {
        let subjects = [pair("customer_id", "C")];
        let longer = LONGEST_VISITOR + Duration::from_secs(1);
        for lifetime in [longer, Duration::ZERO, Duration::MAX] {
            assert!(VisitorClaims::new(Uuid::nil(), &subjects, vec![], NOW, lifetime).is_err());
        }
    }

    #[test]
    fn debug_shows_no_visitor() {
        let subjects = [pair("customer_id", "secret-customer")];
        let claims = VisitorClaims::new(Uuid::nil(), &subjects, vec![], NOW, LONGEST_VISITOR);
        assert!(!format!("{:?}", claims.unwrap()).contains("secret-customer"));
    }
}
