//! How a purpose can be changed.

use std::collections::BTreeSet;

use lazo_domain::consent::{Basis, Purpose, PurposeKey, Words};
use lazo_domain::hash::Hash256;
use lazo_domain::period::Period;
use lazo_domain::touchpoint::Channel;

/// Changes of a purpose; what is `None` stays.
#[derive(Clone, Debug)]
pub struct Update {
    /// The purpose.
    pub key: PurposeKey,
    /// What it is called.
    pub title: Option<Words>,
    /// What is done with the data.
    pub description: Option<Words>,
    /// On what it rests.
    pub basis: Option<Basis>,
    /// The channels by which it is decided.
    pub channels: Option<BTreeSet<Channel>>,
    /// Whether a grant counts only once it has been confirmed.
    pub double_opt_in: Option<bool>,
    /// How long a grant lasts; `Some(None)` clears it.
    pub valid_for: Option<Option<Period>>,
    /// From which age on a person decides; `Some(None)` clears it.
    pub minimum_age: Option<Option<u8>>,
    /// How long customers get offers unasked; `Some(None)` clears it.
    pub soft_opt_in: Option<Option<Period>>,
    /// The texts that are no longer accepted.
    pub void_texts: Option<BTreeSet<Hash256>>,
    /// The version the caller saw, if it minds.
    pub expected_version: Option<i64>,
}

impl Update {
    /// An update that changes nothing yet.
    pub fn of(key: PurposeKey) -> Self {
        Self {
            key,
            title: None,
            description: None,
            basis: None,
            channels: None,
            double_opt_in: None,
            valid_for: None,
            minimum_age: None,
            soft_opt_in: None,
            void_texts: None,
            expected_version: None,
        }
    }

    /// The purpose with the changes.
    pub(super) fn apply(&self, before: &Purpose) -> Purpose {
        let Self {
            title,
            description,
            channels,
            void_texts,
            ..
        } = self.clone();
        Purpose {
            key: before.key.clone(),
            category: before.category,
            title: title.unwrap_or_else(|| before.title.clone()),
            description: description.unwrap_or_else(|| before.description.clone()),
            basis: self.basis.unwrap_or(before.basis),
            channels: channels.unwrap_or_else(|| before.channels.clone()),
            double_opt_in: self.double_opt_in.unwrap_or(before.double_opt_in),
            valid_for: self.valid_for.unwrap_or(before.valid_for),
            minimum_age: self.minimum_age.unwrap_or(before.minimum_age),
            soft_opt_in: self.soft_opt_in.unwrap_or(before.soft_opt_in),
            void_texts: void_texts.unwrap_or_else(|| before.void_texts.clone()),
        }
    }
}
