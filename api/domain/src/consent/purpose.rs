//! Purposes: what data may be used for.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Basis, Category, PurposeKey, Words};
use crate::hash::Hash256;
use crate::period::Period;
use crate::touchpoint::Channel;

/// The most characters of a title.
const MAX_TITLE_CHARS: usize = 100;

/// The most characters of a description.
const MAX_DESCRIPTION_CHARS: usize = 2_000;

/// The most languages of a text.
const MAX_LANGUAGES: usize = 50;

/// The most texts that are no longer accepted.
const MAX_VOID_TEXTS: usize = 1_000;

/// The ages that article 8 of Regulation (EU) 2016/679 leaves to the law of a country, and full age.
const AGES: std::ops::RangeInclusive<u8> = 13..=18;

/// A purpose: what data may be used for, and what that takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purpose {
    /// By which everything names it.
    pub key: PurposeKey,
    /// What kind of purpose it is.
    pub category: Category,
    /// What it is called.
    pub title: Words,
    /// What is done with the data, in plain words.
    pub description: Words,
    /// On what it rests.
    pub basis: Basis,
    /// The channels by which it is decided, each by itself; if none, it is decided once.
    #[serde(default)]
    pub channels: BTreeSet<Channel>,
    /// Whether a grant counts only once it has been confirmed.
    #[serde(default)]
    pub double_opt_in: bool,
    /// How long a grant lasts; none where consent is not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_for: Option<Period>,
    /// From which age on a person decides for themself, in years; none if age does not matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_age: Option<u8>,
    /// How long after a purchase customers get offers of similar products without having been asked, as article 21.2 of the Spanish
    /// Ley 34/2002 allows; none if never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soft_opt_in: Option<Period>,
    /// Texts that are no longer accepted: consent given to them has expired.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub void_texts: BTreeSet<Hash256>,
}

/// What is wrong with a purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PurposeProblem {
    /// There is no title.
    #[error("the title is needed in at least one language")]
    NoTitle,
    /// A title is not one.
    #[error("a title is 1 to 100 characters, without U+0000, in at most 50 languages")]
    Title,
    /// A description is not one.
    #[error("a description is 1 to 2000 characters, without U+0000, in at most 50 languages")]
    Description,
    /// Purposes of the category never rest on this basis.
    #[error("purposes of this category do not rest on this basis")]
    Basis,
    /// Consent would never end.
    #[error("consent lasts for a period and has to be asked again after it")]
    Endless,
    /// A grant is to last or to be confirmed where none is asked.
    #[error("only purposes that rest on consent have a time it lasts and a double opt-in")]
    NothingToGrant,
    /// There is no channel to ask for the confirmation on.
    #[error(
        "a double opt-in needs channels, and on each of them an address: EMAIL, PHONE, MESSAGING or SOCIAL"
    )]
    NowhereToConfirm,
    /// The age is none that the law leaves open.
    #[error("the minimum age is 13 to 18 years")]
    MinimumAge,
    /// Only offers by email or message are allowed without having been asked.
    #[error(
        "only offers that rest on consent may go to customers who were not asked, and only by EMAIL and MESSAGING"
    )]
    SoftOptIn,
    /// Too many texts.
    #[error("at most 1000 texts are listed as no longer accepted")]
    VoidTexts,
}

impl PurposeProblem {
    /// The field of the purpose that it is about.
    pub const fn field(self) -> &'static str {
        match self {
            Self::NoTitle | Self::Title => "title",
            Self::Description => "description",
            Self::Basis => "basis",
            Self::Endless => "valid_for",
            Self::NothingToGrant | Self::NowhereToConfirm => "double_opt_in",
            Self::MinimumAge => "minimum_age",
            Self::SoftOptIn => "soft_opt_in",
            Self::VoidTexts => "void_texts",
        }
    }
}

impl Purpose {
    /// Everything that is wrong with the purpose.
    pub fn check(&self) -> Vec<PurposeProblem> {
        let consent = self.basis == Basis::Consent;
        let soft = self.category == Category::Offers
            && consent
            && self
                .channels
                .iter()
                .any(|channel| takes_soft_opt_in(*channel));
        let findings = [
            (self.title.0.is_empty(), PurposeProblem::NoTitle),
            (
                !are_texts(&self.title, MAX_TITLE_CHARS),
                PurposeProblem::Title,
            ),
            (
                !are_texts(&self.description, MAX_DESCRIPTION_CHARS),
                PurposeProblem::Description,
            ),
            (
                !self.category.may_rest_on(self.basis),
                PurposeProblem::Basis,
            ),
            (consent && self.valid_for.is_none(), PurposeProblem::Endless),
            (
                !consent && (self.double_opt_in || self.valid_for.is_some()),
                PurposeProblem::NothingToGrant,
            ),
            (
                consent && self.double_opt_in && !self.can_confirm(),
                PurposeProblem::NowhereToConfirm,
            ),
            (
                self.minimum_age.is_some_and(|age| !AGES.contains(&age)),
                PurposeProblem::MinimumAge,
            ),
            (
                self.soft_opt_in.is_some() && !soft,
                PurposeProblem::SoftOptIn,
            ),
            (
                self.void_texts.len() > MAX_VOID_TEXTS,
                PurposeProblem::VoidTexts,
            ),
        ];
        let wrong = findings.into_iter().filter(|(wrong, _)| *wrong);
        wrong.map(|(_, problem)| problem).collect()
    }

    /// Whether the purpose can be decided on this channel, or without one.
    pub fn has_channel(&self, channel: Option<Channel>) -> bool {
        channel.is_none_or(|channel| self.channels.contains(&channel))
    }

    /// The channels by which it is decided; one that is none where it is decided once.
    pub fn parts(&self) -> Vec<Option<Channel>> {
        if self.channels.is_empty() {
            vec![None]
        } else {
            self.channels.iter().copied().map(Some).collect()
        }
    }

    /// Whether a double opt-in can be asked for on this channel, needed or not: it lifts a suppression, too.
    pub fn takes_opt_in(&self, channel: Channel) -> bool {
        self.basis == Basis::Consent && self.channels.contains(&channel) && has_address(channel)
    }

    fn can_confirm(&self) -> bool {
        !self.channels.is_empty() && self.channels.iter().copied().all(has_address)
    }
}

/// Whether a message on this channel goes to an address of the person.
pub(crate) const fn has_address(channel: Channel) -> bool {
    matches!(
        channel,
        Channel::Email | Channel::Phone | Channel::Messaging | Channel::Social
    )
}

/// Whether offers may go to customers on this channel without having been asked.
pub(crate) const fn takes_soft_opt_in(channel: Channel) -> bool {
    matches!(channel, Channel::Email | Channel::Messaging)
}

fn are_texts(words: &Words, most: usize) -> bool {
    let is_text = |text: &String| {
        !text.trim().is_empty() && text.chars().count() <= most && !text.contains('\0')
    };
    words.0.len() <= MAX_LANGUAGES && words.0.values().all(is_text)
}
