//! What privacy requests are for, their steps, and how they end.

use crate::names::named;

named! {
    /// What a person asks for, by article of Regulation (EU) 2016/679.
    RequestKind {
        /// To see everything: article 15.
        Access = "ACCESS",
        /// To take along what they gave: article 20.
        Portability = "PORTABILITY",
        /// To mend what is wrong: article 16.
        Rectification = "RECTIFICATION",
        /// To be forgotten: article 17.
        Erasure = "ERASURE",
        /// To have it kept and not used: article 18.
        Restriction = "RESTRICTION",
        /// To object: article 21.
        Objection = "OBJECTION",
    }

    /// Where a request stands.
    RequestStatus {
        /// It is to be found out whether it is the person who asks.
        Received = "RECEIVED",
        /// Its steps are being taken.
        InProgress = "IN_PROGRESS",
        /// All steps were taken.
        Completed = "COMPLETED",
        /// It was refused, with a reason.
        Refused = "REFUSED",
        /// The person took it back.
        Cancelled = "CANCELLED",
    }

    /// A step of a request.
    Step {
        /// To find out whether it is the person who asks.
        VerifyIdentity = "VERIFY_IDENTITY",
        /// To gather what is known.
        Collect = "COLLECT",
        /// To hand it over.
        Deliver = "DELIVER",
        /// To mend what is wrong.
        Correct = "CORRECT",
        /// To derive anew what rests on it.
        Recompute = "RECOMPUTE",
        /// To restrict use, so that nothing is done with it meanwhile.
        Restrict = "RESTRICT",
        /// To write the objection down.
        Object = "OBJECT",
        /// To tell whoever got the data: article 19.
        TellRecipients = "TELL_RECIPIENTS",
        /// To delete, in every store.
        Delete = "DELETE",
        /// To keep keyed hashes of the identifiers, so that the deleted stay deleted.
        Suppress = "SUPPRESS",
    }

    /// Why a request is refused.
    RefusalReason {
        /// It is not known who asks.
        IdentityUnknown = "IDENTITY_UNKNOWN",
        /// It is manifestly unfounded or excessive: article 12(5).
        Excessive = "EXCESSIVE",
        /// The law demands that the data be kept: article 17(3).
        LegalObligation = "LEGAL_OBLIGATION",
        /// They are needed for legal claims: article 17(3)(e).
        LegalClaims = "LEGAL_CLAIMS",
        /// Nothing is known of the person.
        NoData = "NO_DATA",
    }
}

impl RequestKind {
    /// The steps, in their order.
    pub const fn steps(self) -> &'static [Step] {
        use Step as S;
        match self {
            Self::Access | Self::Portability => &[S::VerifyIdentity, S::Collect, S::Deliver],
            Self::Rectification => &[
                S::VerifyIdentity,
                S::Correct,
                S::Recompute,
                S::TellRecipients,
            ],
            Self::Erasure => &[
                S::VerifyIdentity,
                S::Restrict,
                S::TellRecipients,
                S::Suppress,
                S::Delete,
            ],
            Self::Restriction => &[S::VerifyIdentity, S::Restrict, S::TellRecipients],
            Self::Objection => &[S::VerifyIdentity, S::Object],
        }
    }
}
