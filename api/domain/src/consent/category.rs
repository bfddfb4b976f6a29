//! Categories of purposes and the legal bases they may rest on.

use crate::names::named;

named! {
    /// On what the use of data rests, by article 6(1) of Regulation (EU) 2016/679.
    Basis {
        /// The person consents: letter a.
        Consent = "CONSENT",
        /// A contract with the person, or what they asked for before one: letter b.
        Contract = "CONTRACT",
        /// The law demands it: letter c.
        LegalObligation = "LEGAL_OBLIGATION",
        /// A life is at stake: letter d.
        VitalInterest = "VITAL_INTEREST",
        /// A task in the public interest: letter e.
        PublicTask = "PUBLIC_TASK",
        /// An interest of the company that those of the person do not outweigh: letter f.
        LegitimateInterest = "LEGITIMATE_INTEREST",
    }

    /// What kind of purpose it is; the rules that the law has for a kind go by it.
    Category {
        /// To serve an order, a contract or an enquiry.
        Service = "SERVICE",
        /// News and articles, without offers.
        Content = "CONTENT",
        /// Commercial messages.
        Offers = "OFFERS",
        /// What a site or an app shows, by what is known of the person.
        Personalization = "PERSONALIZATION",
        /// Segments and scores.
        Profiling = "PROFILING",
        /// Measurement.
        Analytics = "ANALYTICS",
        /// What is shared with advertisers and shown elsewhere.
        Advertising = "ADVERTISING",
        /// The rights of the person themself, and legal claims.
        Rights = "RIGHTS",
        /// Any other.
        Other = "OTHER",
    }
}

impl Basis {
    /// The letter of article 6(1).
    pub const fn letter(self) -> char {
        match self {
            Self::Consent => 'a',
            Self::Contract => 'b',
            Self::LegalObligation => 'c',
            Self::VitalInterest => 'd',
            Self::PublicTask => 'e',
            Self::LegitimateInterest => 'f',
        }
    }

    /// Whether a person can object to what rests on it (article 21), or take it back (article 7).
    pub const fn is_the_person_s_to_end(self) -> bool {
        matches!(
            self,
            Self::Consent | Self::PublicTask | Self::LegitimateInterest
        )
    }
}

impl Category {
    /// Whether an objection to direct marketing covers it: that includes profiling for it (article 21(2)).
    pub const fn is_marketing(self) -> bool {
        matches!(
            self,
            Self::Content
                | Self::Offers
                | Self::Personalization
                | Self::Profiling
                | Self::Advertising
        )
    }

    /// Whether it looks at what is known of a person to decide something about them.
    pub const fn is_profiling(self) -> bool {
        matches!(self, Self::Personalization | Self::Profiling)
    }

    /// Whether its purposes may rest on this basis. What nobody needs to be served never rests on a contract or on the law.
    pub const fn may_rest_on(self, basis: Basis) -> bool {
        match self {
            Self::Service | Self::Other => true,
            Self::Rights => matches!(basis, Basis::LegalObligation),
            Self::Analytics => basis.is_the_person_s_to_end(),
            Self::Content
            | Self::Offers
            | Self::Personalization
            | Self::Profiling
            | Self::Advertising => matches!(basis, Basis::Consent | Basis::LegitimateInterest),
        }
    }
}
