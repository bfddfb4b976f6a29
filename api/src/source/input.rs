//! What a source can be made of, and what is wrong with it.

use lazo_domain::id::SourceId;
use lazo_domain::touchpoint::Channel;
use lazo_entity::source;

use super::service::BUILT_IN;
use crate::error::Violation;

/// The most characters in a name.
const MOST_CHARACTERS: usize = 64;

/// A source to be created.
#[derive(Clone, Debug)]
pub struct Create {
    /// Its name, of which there is only one.
    pub name: String,
    /// Where its touchpoints happen.
    pub channel: Channel,
    /// Whether what it claims about identity is verified, and its key therefore a secret.
    pub trusted: bool,
    /// Whether its touchpoints reach profiles.
    pub live: bool,
    /// The shop whose order ids it carries.
    pub shop: String,
    /// The country (ISO 3166) of phone numbers without a country code.
    pub region: Option<String>,
    /// Whether its claims may merge two known profiles, though it is not trusted.
    pub links_known: bool,
}

/// Changes of a source; what is `None` stays.
#[derive(Clone, Debug)]
pub struct Update {
    /// The source.
    pub id: SourceId,
    /// Its new name.
    pub name: Option<String>,
    /// Where its touchpoints happen from now on.
    pub channel: Option<Channel>,
    /// The shop whose order ids it carries from now on.
    pub shop: Option<String>,
    /// The country of phone numbers without a country code; `Some(None)` clears it.
    pub region: Option<Option<String>>,
    /// Whether its claims may merge two known profiles.
    pub links_known: Option<bool>,
    /// Whether it gets a new key; the present one becomes the second, and a second one is gone.
    pub rotate_key: bool,
    /// Whether its second key is refused from now on.
    pub drop_second_key: bool,
    /// The version the caller saw, if it minds.
    pub expected_version: Option<i64>,
}

impl Update {
    /// An update that changes nothing yet.
    pub fn of(id: SourceId) -> Self {
        Self {
            id,
            name: None,
            channel: None,
            shop: None,
            region: None,
            links_known: None,
            rotate_key: false,
            drop_second_key: false,
            expected_version: None,
        }
    }
}

/// The settings of a source, as they are to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) name: String,
    pub(super) channel: Channel,
    pub(super) shop: String,
    pub(super) region: Option<String>,
    pub(super) links_known: bool,
}

impl Settings {
    pub(super) fn of_new(create: &Create) -> Result<Self, Vec<Violation>> {
        Self {
            name: create.name.trim().to_owned(),
            channel: create.channel,
            shop: create.shop.trim().to_owned(),
            region: create.region.as_deref().map(country),
            links_known: create.links_known,
        }
        .checked()
    }

    pub(super) fn of_changed(
        before: &source::Model,
        update: &Update,
    ) -> Result<Self, Vec<Violation>> {
        let present = before.channel.parse().unwrap_or(Channel::Other);
        let text = |new: &Option<String>, old: &String| match new {
            Some(new) => new.trim().to_owned(),
            None => old.clone(),
        };
        Self {
            name: text(&update.name, &before.name),
            channel: update.channel.unwrap_or(present),
            shop: text(&update.shop, &before.shop),
            region: match &update.region {
                Some(region) => region.as_deref().map(country),
                None => before.region.clone(),
            },
            links_known: update.links_known.unwrap_or(before.links_known),
        }
        .checked()
    }

    fn checked(self) -> Result<Self, Vec<Violation>> {
        let mut violations = Vec::new();
        for (field, text) in [("name", &self.name), ("shop", &self.shop)] {
            if !is_name(text) {
                let message = "Write 1 to 64 characters, none of them a control character.";
                violations.push(Violation::of(field, "INVALID", message));
            }
        }
        if self.name == BUILT_IN {
            let message = "This name is the built-in source's.";
            violations.push(Violation::of("name", "TAKEN", message));
        }
        if self
            .region
            .as_ref()
            .is_some_and(|region| !is_country(region))
        {
            let message = "Write the two letters of a country, as in ISO 3166.";
            violations.push(Violation::of("region", "INVALID", message));
        }
        if violations.is_empty() {
            Ok(self)
        } else {
            Err(violations)
        }
    }
}

fn country(text: &str) -> String {
    text.trim().to_ascii_uppercase()
}

fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn is_name(text: &str) -> bool {
    (1..=MOST_CHARACTERS).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}
