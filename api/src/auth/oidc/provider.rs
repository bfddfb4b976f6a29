//! One provider: its keys, kept for a while, and the callers behind its tokens.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use jsonwebtoken::{Validation, decode, decode_header};
use lazo_domain::clock::Timestamp;
use serde::Deserialize;
use tokio::sync::Mutex;

use super::claims::Claims;
use super::fetch::{FetchError, Fetcher};
use super::jwks::{KeySet, Keys};
use crate::auth::AuthError;
use crate::auth::caller::{Caller, Credential};
use crate::config::OidcProvider;

/// How long keys are used without asking again, in milliseconds.
const FRESH: u64 = 600_000;
/// How often a provider is asked at most, in milliseconds.
const ASKED_EVERY: u64 = 60_000;
/// How often it is asked while it has never answered, in milliseconds.
const ASKED_AT_FIRST: u64 = 5_000;
/// How long the last good keys are used while it does not answer, in milliseconds: a day.
const HELD: u64 = 86_400_000;

pub(super) struct Provider {
    settings: OidcProvider,
    fetcher: Arc<Fetcher>,
    known: RwLock<Known>,
    /// Held by the one request that asks the provider.
    asking: Mutex<()>,
}

/// What is known of a provider's keys.
#[derive(Clone, Default)]
struct Known {
    keys: Option<Arc<Keys>>,
    /// When the provider said so.
    good_at: Option<Timestamp>,
    /// When it was last asked, whether it answered or not.
    asked_at: Option<Timestamp>,
}

impl Known {
    fn is_fresh(&self, now: Timestamp) -> bool {
        self.good_at.is_some_and(|at| age(now, at) < FRESH)
    }

    fn may_ask(&self, now: Timestamp) -> bool {
        let pause = if self.keys.is_some() {
            ASKED_EVERY
        } else {
            ASKED_AT_FIRST
        };
        self.asked_at.is_none_or(|at| age(now, at) >= pause)
    }

    /// The keys, unless the provider has been silent for too long.
    fn held(&self, now: Timestamp) -> Option<Arc<Keys>> {
        self.keys
            .clone()
            .filter(|_| self.good_at.is_some_and(|at| age(now, at) < HELD))
    }
}

/// A provider's description of itself (OpenID Connect Discovery, section 3).
#[derive(Deserialize)]
struct Description {
    issuer: String,
    jwks_uri: String,
}

impl Provider {
    pub(super) fn new(settings: OidcProvider, fetcher: Arc<Fetcher>) -> Self {
        Self {
            settings,
            fetcher,
            known: RwLock::default(),
            asking: Mutex::default(),
        }
    }

    pub(super) fn issues(&self, issuer: &str) -> bool {
        self.settings.issuer == issuer
    }

    pub(super) async fn caller(&self, token: &str, now: Timestamp) -> Result<Caller, AuthError> {
        let header = decode_header(token).map_err(|_| AuthError::Invalid)?;
        // What it names must be understood (RFC 7515, section 4.1.11), and we understand no extension.
        if header.crit.is_some() {
            return Err(AuthError::Invalid);
        }
        let kid = header.kid.ok_or(AuthError::Invalid)?;
        let keys = self.keys(&kid, now).await?;
        let key = keys.get(&kid).ok_or(AuthError::Invalid)?;
        let mut validation = Validation::new(key.algorithm);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[&self.settings.issuer]);
        validation.set_audience(&[&self.settings.audience]);
        // The times are ours, by our clock and as integers only.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims: Claims = decode(token, &key.verifies, &validation)
            .map_err(|_| AuthError::Invalid)?
            .claims;
        let is_timely = claims.times().check(now, self.settings.max_lifetime());
        if is_timely.is_err() || !self.issues(&claims.iss) || !claims.has_sound_subject() {
            return Err(AuthError::Invalid);
        }
        let role = claims.role(&self.settings).ok_or(AuthError::Invalid)?;
        Ok(Caller::Internal {
            credential: Credential::OpenId { issuer: claims.iss },
            subject: claims.sub,
            role,
        })
    }

    /// The keys among which one of this id is looked for. The provider is asked where they are old or do not have it.
    async fn keys(&self, kid: &str, now: Timestamp) -> Result<Arc<Keys>, AuthError> {
        let known = self.known();
        let held = known.held(now).filter(|keys| keys.contains_key(kid));
        if let Some(keys) = &held
            && known.is_fresh(now)
        {
            return Ok(Arc::clone(keys));
        }
        let _asking = match (self.asking.try_lock(), held) {
            (Ok(asking), _) => asking,
            // Somebody asks already, and this key was good a while ago.
            (Err(_), Some(keys)) => return Ok(keys),
            (Err(_), None) => self.asking.lock().await,
        };
        let known = self.known();
        let has_key = known
            .keys
            .as_ref()
            .is_some_and(|keys| keys.contains_key(kid));
        if !(has_key && known.is_fresh(now)) && known.may_ask(now) {
            self.ask(now).await;
        }
        self.known().held(now).ok_or(AuthError::Unavailable)
    }

    async fn ask(&self, now: Timestamp) {
        // Before the answer: a request that is given up counts too.
        self.change(|known| known.asked_at = Some(now));
        match self.fetch().await {
            Ok(keys) => self.change(|known| {
                known.keys = Some(Arc::new(keys));
                known.good_at = Some(now);
            }),
            Err(error) => tracing::warn!(
                issuer = self.settings.issuer,
                %error,
                "the keys of an OpenID provider were not fetched"
            ),
        }
    }

    async fn fetch(&self) -> Result<Keys, FetchError> {
        let url = if let Some(url) = &self.settings.jwks_url {
            url.clone()
        } else {
            let base = self.settings.issuer.trim_end_matches('/');
            let url = format!("{base}/.well-known/openid-configuration");
            let description: Description = self.fetcher.json(&url).await?;
            if !self.issues(&description.issuer) {
                return Err(FetchError::Malformed);
            }
            description.jwks_uri
        };
        let set: KeySet = self.fetcher.json(&url).await?;
        set.usable()
            .filter(|keys| !keys.is_empty())
            .ok_or(FetchError::Malformed)
    }

    fn known(&self) -> Known {
        self.known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn change(&self, change: impl FnOnce(&mut Known)) {
        change(&mut self.known.write().unwrap_or_else(PoisonError::into_inner));
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("issuer", &self.settings.issuer)
            .finish_non_exhaustive()
    }
}

/// The distance of two instants: a clock that ran back makes keys old, never young for ever.
fn age(now: Timestamp, then: Timestamp) -> u64 {
    now.0.abs_diff(then.0)
}
