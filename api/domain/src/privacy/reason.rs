//! Why something may be done with data of a person, or not.

use serde::{Deserialize, Serialize};

use super::SuppressionReason;

/// Why something may be done or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reason {
    /// The person was erased.
    Erased,
    /// Use of the profile is restricted.
    Restricted,
    /// An identifier is suppressed.
    Suppressed(SuppressionReason),
    /// The person objects.
    Objected,
    /// The person is, or was when they consented, too young to decide.
    Minor,
    /// A device of the person sends the Global Privacy Control signal.
    Gpc,
    /// The purpose is not decided on this channel.
    OtherChannel,
    /// The person was never asked.
    ConsentMissing,
    /// The person has yet to confirm.
    ConsentPending,
    /// The person does not consent.
    ConsentDenied,
    /// The person no longer consents.
    ConsentWithdrawn,
    /// The person has to be asked again.
    ConsentExpired,
    /// There is nothing that it could rest on, such as an order to be served.
    NoBasis,
    /// It serves a contract or an enquiry.
    Contract,
    /// The law, a life or a public task demands it.
    Obligation,
    /// The person consents.
    Consent,
    /// The company has an interest in it, which the person did not refuse.
    LegitimateInterest,
    /// The person is a customer who could refuse such offers and did not.
    SoftOptIn,
}

impl Reason {
    /// The code for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Erased => "ERASED",
            Self::Restricted => "RESTRICTED",
            Self::Suppressed(_) => "SUPPRESSED",
            Self::Objected => "OBJECTED",
            Self::Minor => "MINOR",
            Self::Gpc => "GPC",
            Self::OtherChannel => "OTHER_CHANNEL",
            Self::ConsentMissing => "CONSENT_MISSING",
            Self::ConsentPending => "CONSENT_PENDING",
            Self::ConsentDenied => "CONSENT_DENIED",
            Self::ConsentWithdrawn => "CONSENT_WITHDRAWN",
            Self::ConsentExpired => "CONSENT_EXPIRED",
            Self::NoBasis => "NO_BASIS",
            Self::Contract => "CONTRACT",
            Self::Obligation => "OBLIGATION",
            Self::Consent => "CONSENT",
            Self::LegitimateInterest => "LEGITIMATE_INTEREST",
            Self::SoftOptIn => "SOFT_OPT_IN",
        }
    }

    /// How far a decision came through the rules before it was denied; the greatest for all that allow.
    pub(super) fn rank(self) -> u8 {
        match self {
            Self::Erased => 0,
            Self::Restricted => 1,
            Self::Suppressed(_) => 2,
            Self::Objected => 3,
            Self::Minor => 4,
            Self::OtherChannel => 5,
            Self::Gpc => 6,
            Self::ConsentWithdrawn => 7,
            Self::ConsentDenied => 8,
            Self::NoBasis => 9,
            Self::ConsentMissing => 10,
            Self::ConsentExpired => 11,
            Self::ConsentPending => 12,
            Self::Contract
            | Self::Obligation
            | Self::Consent
            | Self::LegitimateInterest
            | Self::SoftOptIn => 13,
        }
    }
}
