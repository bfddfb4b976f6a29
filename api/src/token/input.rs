//! What a token can be asked for, and what is wrong with it.

use std::time::Duration;

use lazo_domain::access::{Role, Scope, Scopes};
use lazo_domain::clock::Timestamp;

use crate::auth::caller::Caller;
use crate::auth::jwt::{INTERNAL_LIFETIME, LONGEST_INTERNAL};
use crate::error::{Error, Violation};

/// The most characters in a name or in the key of a purpose.
const MOST_CHARACTERS: usize = 64;
/// The most purposes of one token.
const MOST_PURPOSES: usize = 100;

/// A token for an integration.
#[derive(Clone, Debug)]
pub struct CreateIntegration {
    /// The integration's name.
    pub name: String,
    /// What it may do, by name.
    pub scopes: Vec<String>,
    /// The purposes for which it may read data, by key.
    pub purposes: Vec<String>,
    /// Until when; none for a token that lives until it is revoked.
    pub expires_at: Option<Timestamp>,
}

/// A token for a person at the company, or for an internal tool.
#[derive(Clone, Debug)]
pub struct CreateInternal {
    /// Whom it is for.
    pub name: String,
    /// What they are there for.
    pub role: Role,
    /// How long it lives; none for half a day.
    pub lifetime: Option<Duration>,
}

/// An integration's token as it is to be issued.
pub(super) struct Grant {
    pub(super) name: String,
    pub(super) scopes: Scopes,
    pub(super) purposes: Vec<String>,
    pub(super) lifetime: Option<Duration>,
}

impl Grant {
    pub(super) fn of(create: &CreateIntegration, now: Timestamp) -> Result<Self, Vec<Violation>> {
        let mut violations = Vec::new();
        let name = checked_name(&create.name).map_err(|wrong| violations.push(wrong));
        let scopes = scopes(&create.scopes).map_err(|wrong| violations.push(wrong));
        let mut purposes = create.purposes.clone();
        purposes.sort_unstable();
        purposes.dedup();
        if purposes.len() > MOST_PURPOSES || !purposes.iter().all(|purpose| is_name(purpose)) {
            let message = "Write at most 100 keys of purposes, of 1 to 64 characters each.";
            violations.push(Violation::of("purposes", "INVALID", message));
        }
        let millis = create
            .expires_at
            .map(|end| u64::try_from(end.0.saturating_sub(now.0)));
        if matches!(millis, Some(Err(_) | Ok(0))) {
            let message = "The time is not in the future.";
            violations.push(Violation::of("expiresAt", "INVALID", message));
        }
        let lifetime = millis.and_then(Result::ok).map(Duration::from_millis);
        match (name, scopes) {
            (Ok(name), Ok(scopes)) if violations.is_empty() => Ok(Self {
                name,
                scopes,
                purposes,
                lifetime,
            }),
            _ => Err(violations),
        }
    }

    /// Refuses what the caller does not hold: nobody hands out more than their own.
    pub(super) fn within(&self, caller: &Caller) -> Result<(), Error> {
        if let Some(beyond) = self.scopes.iter().find(|scope| !caller.has(*scope)) {
            return Err(Error::Forbidden {
                needs: beyond.to_string(),
            });
        }
        // People at the company hold no purposes of their own: their roles decide.
        if let Caller::Integration { purposes, .. } = caller
            && let Some(beyond) = self
                .purposes
                .iter()
                .find(|purpose| !purposes.contains(purpose))
        {
            return Err(Error::Forbidden {
                needs: beyond.clone(),
            });
        }
        Ok(())
    }
}

impl CreateInternal {
    pub(super) fn checked(&self) -> Result<(String, Duration), Error> {
        let name = checked_name(&self.name).map_err(|wrong| Error::Invalid(vec![wrong]))?;
        let lifetime = self.lifetime.unwrap_or(INTERNAL_LIFETIME);
        if lifetime < Duration::from_secs(1) || lifetime > LONGEST_INTERNAL {
            let message = "An internal token lives from one second to 90 days.";
            return Err(Error::violation("ttl", "INVALID", message));
        }
        Ok((name, lifetime))
    }
}

fn scopes(names: &[String]) -> Result<Scopes, Violation> {
    if names.is_empty() {
        return Err(Violation::of(
            "scopes",
            "INVALID",
            "Name at least one scope.",
        ));
    }
    let read: Result<Scopes, _> = names.iter().map(|name| name.parse::<Scope>()).collect();
    read.map_err(|_| {
        let known: Vec<_> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
        let message = format!(
            "One of them is no scope. The scopes are: {}.",
            known.join(", ")
        );
        Violation::of("scopes", "INVALID", message)
    })
}

fn checked_name(name: &str) -> Result<String, Violation> {
    let name = name.trim();
    if is_name(name) {
        return Ok(name.to_owned());
    }
    let message = "Write 1 to 64 characters, none of them a control character.";
    Err(Violation::of("name", "INVALID", message))
}

fn is_name(text: &str) -> bool {
    (1..=MOST_CHARACTERS).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}
