//! The words of purposes: what kind they are, on what they rest, and texts in several languages.

use std::collections::BTreeMap;

use async_graphql::{Enum, InputObject};
use lazo_domain::consent::{Basis, Category, LanguageTag, PurposeKey, Words};
use lazo_domain::hash::Hash256;
use lazo_domain::period::Period;

use crate::error::{Error, sentence};

/// What kind of purpose it is; the rules that the law has for a kind go by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Category")]
pub enum PurposeCategory {
    /// To serve an order, a contract or an enquiry.
    Service,
    /// News and articles, without offers.
    Content,
    /// Commercial messages.
    Offers,
    /// What a site or an app shows, by what is known of the person.
    Personalization,
    /// Segments and scores.
    Profiling,
    /// Measurement.
    Analytics,
    /// What is shared with advertisers and shown elsewhere.
    Advertising,
    /// The rights of the person themself, and legal claims.
    Rights,
    /// Any other.
    Other,
}

/// On what the use of data rests, by article 6(1) of Regulation (EU) 2016/679.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Basis")]
pub enum LegalBasis {
    /// The person consents.
    Consent,
    /// A contract with the person, or what they asked for before one.
    Contract,
    /// The law demands it.
    LegalObligation,
    /// A life is at stake.
    VitalInterest,
    /// A task in the public interest.
    PublicTask,
    /// An interest of the company that those of the person do not outweigh.
    LegitimateInterest,
}

/// A text in one language.
#[derive(InputObject)]
pub struct PurposeTextInput {
    /// The tag of the language, such as `es` or `pt-BR`.
    language: String,
    /// The text.
    text: String,
}

/// A text in several languages.
pub(super) fn words(field: &str, texts: Vec<PurposeTextInput>) -> Result<Words, Error> {
    let mut words = BTreeMap::new();
    for one in texts {
        let tag = LanguageTag::try_from(one.language)
            .map_err(|error| Error::violation(field, "INVALID", sentence(&error.to_string())))?;
        if words.insert(tag, one.text).is_some() {
            let message = "There is one text in a language.";
            return Err(Error::violation(field, "INVALID", message));
        }
    }
    Ok(Words(words))
}

/// A length of time on the calendar, as ISO 8601 writes it.
pub(super) fn period(field: &str, text: &str) -> Result<Period, Error> {
    text.parse::<Period>()
        .map_err(|error| Error::violation(field, "INVALID", sentence(&error.to_string())))
}

/// The hash of a text that was shown.
pub(super) fn hash(field: &str, text: &str) -> Result<Hash256, Error> {
    text.parse::<Hash256>()
        .map_err(|error| Error::violation(field, "INVALID", sentence(&error.to_string())))
}

/// The key of a purpose. One that is not written as keys are is that of no purpose.
pub(crate) fn read_key(field: &str, key: &str) -> Result<PurposeKey, Error> {
    PurposeKey::new(key)
        .map_err(|_| Error::violation(field, "NOT_FOUND", "There is no such purpose."))
}

/// A year of age.
pub(super) fn age(field: &str, years: i32) -> Result<u8, Error> {
    u8::try_from(years)
        .map_err(|_| Error::violation(field, "INVALID", "The minimum age is 13 to 18 years."))
}
