//! Typed ids: UUIDv7 inside, `prf_…` outside.
//!
//! The outer form is a prefix that names the kind and the 128 bits in Crockford's base 32, lower case, 26 characters
//! (<https://www.crockford.com/base32.html>). Ids of different kinds do not mix, in the compiler or at the door.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::de::Visitor;
use uuid::Uuid;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: usize = 26;

/// Why a text is not an id of the kind asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form {expected}_…")]
pub struct InvalidId {
    /// The prefix that was expected.
    pub expected: &'static str,
}

/// The digit that each byte stands for; that of a byte that stands for none is beyond all digits.
static DIGITS: LazyLock<[u8; 256]> = LazyLock::new(|| {
    let mut digits = [u8::MAX; 256];
    for (digit, byte) in (0..).zip(ALPHABET) {
        digits[usize::from(*byte)] = digit;
    }
    digits
});

/// Writes an id in its outer form.
fn encode(prefix: &str, id: Uuid, to: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut digits = [0; LENGTH];
    let mut rest = id.as_u128();
    for digit in digits.iter_mut().rev() {
        let [low, ..] = rest.to_le_bytes();
        *digit = ALPHABET[usize::from(low & 31)];
        rest >>= 5;
    }
    to.write_str(prefix)?;
    to.write_str("_")?;
    to.write_str(str::from_utf8(&digits).unwrap_or_default())
}

/// Reads the outer form; only the canonical spelling is accepted.
fn decode(prefix: &'static str, text: &str) -> Result<Uuid, InvalidId> {
    let invalid = InvalidId { expected: prefix };
    let digits = text
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .filter(|digits| digits.len() == LENGTH && digits.as_bytes()[0] <= b'7')
        .ok_or(invalid)?;
    let values = &*DIGITS;
    digits
        .bytes()
        .try_fold(0_u128, |bits, byte| {
            let digit = values[usize::from(byte)];
            (digit < 32).then(|| (bits << 5) | u128::from(digit))
        })
        .map(Uuid::from_u128)
        .ok_or(invalid)
}

/// Reads an id of the type from a text in place.
struct InText<T>(PhantomData<T>);

impl<T: FromStr<Err = InvalidId>> Visitor<'_> for InText<T> {
    type Value = T;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("an id")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

macro_rules! id_types {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "sea-orm", derive(sea_orm::DeriveValueType))]
        pub struct $name(pub Uuid);

        impl $name {
            /// The prefix of the outer form.
            pub const PREFIX: &'static str = $prefix;
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                encode($prefix, self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                decode($prefix, text).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(InText(PhantomData))
            }
        }

        #[cfg(feature = "sea-orm")]
        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    )*};
}

id_types! {
    /// A profile: the one record of a customer.
    ProfileId = "prf";
    /// A fragment of a profile: what belongs together without any merge.
    FragmentId = "frg";
    /// A touchpoint: one interaction.
    TouchpointId = "tpt";
    /// An identifier that points at a profile.
    IdentifierId = "idn";
    /// An entry of the identity log.
    IdentityLinkId = "idl";
    /// A pair of fragments that a person has parted.
    CannotLinkId = "cnl";
    /// A purchase, folded from order touchpoints.
    PurchaseId = "pur";
    /// A source of touchpoints.
    SourceId = "src";
    /// A token of an integration or of a person at the company.
    TokenId = "tok";
    /// A key that signs tokens.
    SigningKeyId = "sgk";
    /// An item in quarantine.
    QuarantineId = "qua";
    /// A notice of a change, written with the change.
    OutboxId = "obx";
    /// An entry of the audit log.
    AuditEntryId = "aud";
    /// A segment: a named condition, and its members.
    SegmentId = "seg";
    /// An entry into a segment or an exit from it.
    SegmentTransitionId = "sgt";
    /// A score model.
    ScoreModelId = "scm";
    /// A computed trait.
    ComputedTraitId = "ctr";
    /// A record of a decision about a purpose.
    ConsentRecordId = "cns";
    /// A request for a double opt-in.
    OptInId = "opt";
    /// A privacy request.
    PrivacyRequestId = "prq";
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_outer_form_reads_back(bits: u128) {
            let id = ProfileId(Uuid::from_u128(bits));
            prop_assert_eq!(id.to_string().parse::<ProfileId>(), Ok(id));
            prop_assert!(id.to_string().parse::<SourceId>().is_err());
        }

        #[test]
        fn order_is_kept(a: u128, b: u128) {
            let (x, y) = (ProfileId(Uuid::from_u128(a)), ProfileId(Uuid::from_u128(b)));
            prop_assert_eq!(x.to_string().cmp(&y.to_string()), a.cmp(&b));
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = text.parse::<ProfileId>();
        }
    }

    #[test]
    fn a_value_over_128_bits_is_refused() {
        assert!(
            "prf_zzzzzzzzzzzzzzzzzzzzzzzzzz"
                .parse::<ProfileId>()
                .is_err()
        );
    }
}
