//! Tokens of the company's own provider of OpenID Connect: its people administer Lazo without tokens of ours.
//!
//! A token names its issuer, which is looked at before anything is verified, and only to choose the provider. Everything else is
//! decided by the provider's keys, fetched from where the configuration says: what a token says of keys (`jku`, `x5u`, `jwk`) is
//! never looked at.

mod claims;
mod fetch;
mod jwks;
mod provider;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jsonwebtoken::dangerous::insecure_decode_claims;
use lazo_domain::clock::Timestamp;
use serde::Deserialize;

use self::fetch::Fetcher;
use self::provider::Provider;
use super::AuthError;
use super::caller::Caller;
use crate::config::Config;

/// No client for the providers could be made.
#[derive(Debug, thiserror::Error)]
#[error("the client that fetches keys cannot be made: {0}")]
pub struct ClientError(#[from] reqwest::Error);

/// The providers whose tokens are taken.
#[derive(Debug, Default)]
pub struct Providers(Vec<Provider>);

#[derive(Deserialize)]
struct Issuer {
    iss: String,
}

impl Providers {
    /// The providers of the configuration. Nothing is fetched yet.
    pub fn new(config: &Config) -> Result<Self, ClientError> {
        if config.oidc.is_empty() {
            return Ok(Self::default());
        }
        let fetcher = Arc::new(Fetcher::new(config.development)?);
        let providers = config
            .oidc
            .iter()
            .map(|settings| Provider::new(settings.clone(), Arc::clone(&fetcher)));
        Ok(Self(providers.collect()))
    }

    /// The caller behind a token that one of the providers issued; `None` where it says that somebody else did.
    pub(super) async fn caller(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Option<Result<Caller, AuthError>> {
        if self.0.is_empty() {
            return None;
        }
        let Issuer { iss } = insecure_decode_claims(token).ok()?;
        let provider = self.0.iter().find(|provider| provider.issues(&iss))?;
        Some(provider.caller(token, now).await)
    }
}
