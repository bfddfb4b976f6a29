//! Turns the `Authorization` header of a request into its caller.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lazo_domain::access::{Role, Scope};
use lazo_domain::clock::Timestamp;
use lazo_domain::id::TokenId;
use lazo_entity::{signing_key, token};
use moka::future::Cache;
use sea_orm::{ConnectionTrait, JsonValue};
use tokio::sync::Mutex;

use super::caller::{Caller, Credential};
use super::confirmed::Confirmed;
use super::jwt::{Claims, InternalClaims, Refused, VisitorClaims};
use super::keyring::{Keyring, Verified};
use super::oidc::Providers;
use super::opaque::{OpaqueKind, OpaqueToken};
use super::secret::DeploymentSecret;
use super::{AuthError, store};
use crate::clock::Clock;
use crate::metrics::TokenMeters;

/// The kind of an integration's token in the table `token`.
pub const KIND_INTEGRATION: &str = "integration";
/// The kind of an internal token in the table `token`.
pub const KIND_INTERNAL: &str = "internal";

/// The longest token that is looked into: those of providers list roles and groups.
const LONGEST_BEARER: usize = 16_384;
/// How often an unknown key id may make us read the keys again, in milliseconds.
const KEYS_READ_AGAIN: u64 = 5_000;
/// Tokens whose signatures are remembered, of each kind.
const CAPACITY: u64 = 10_000;
/// No reason to remember a signature for longer.
const FORGOTTEN: Duration = Duration::from_hours(1);
/// The one entry among the remembered keyrings.
const KEYRING: &str = "keyring";

/// Where a request came in: each door takes its own kinds of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// The platform's API: internal tokens and those of integrations.
    Platform,
    /// The storefront's API: visitor tokens alone.
    Storefront,
}

/// Checks credentials. One for the process: it remembers what it has checked.
pub struct Authenticator<C> {
    db: C,
    clock: Arc<dyn Clock>,
    secret: Arc<DeploymentSecret>,
    providers: Providers,
    keyring: Confirmed<Keyring>,
    /// When an unknown key id last made us read the keys again.
    keys_read_again: Mutex<Option<Timestamp>>,
    tokens: Confirmed<token::Model>,
    internal: Signatures<InternalClaims>,
    visitors: Signatures<VisitorClaims>,
    meters: TokenMeters,
}

/// Tokens whose signature has been verified, by their keyed hash.
type Signatures<T> = Cache<String, Arc<Verified<T>>>;

impl<C: ConnectionTrait> Authenticator<C> {
    /// An authenticator over this database.
    pub fn new(db: C, clock: Arc<dyn Clock>, secret: Arc<DeploymentSecret>) -> Self {
        Self {
            db,
            clock,
            secret,
            providers: Providers::default(),
            keyring: Confirmed::default(),
            keys_read_again: Mutex::new(None),
            tokens: Confirmed::default(),
            internal: Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_live(FORGOTTEN)
                .build(),
            visitors: Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_live(FORGOTTEN)
                .build(),
            meters: TokenMeters::default(),
        }
    }

    /// The same, which counts with these meters.
    #[must_use]
    pub fn measured_by(self, meters: TokenMeters) -> Self {
        Self { meters, ..self }
    }

    /// Takes the tokens of these providers too.
    #[must_use]
    pub fn trusting(mut self, providers: Providers) -> Self {
        self.providers = providers;
        self
    }

    /// The caller behind an `Authorization` header at a door.
    pub async fn authenticate(
        &self,
        door: Door,
        authorization: Option<&str>,
    ) -> Result<Caller, AuthError> {
        let authorization = authorization.ok_or(AuthError::Missing)?;
        let judged = match (bearer(authorization), door) {
            (None, _) => Err(AuthError::Invalid),
            (Some(token), Door::Storefront) => self.visitor(token).await,
            (Some(token), Door::Platform) if token.starts_with("lazo_") => {
                self.integration(token).await
            }
            (Some(token), Door::Platform) => self.internal(token).await,
        };
        match &judged {
            Ok((_, remembered)) => self.meters.taken(*remembered),
            Err(AuthError::Unavailable) => self.meters.unavailable(),
            Err(_) => self.meters.refused(),
        }
        Ok(judged?.0)
    }

    /// The keys of the deployment, to sign with.
    pub async fn keyring(&self) -> Result<Arc<Keyring>, AuthError> {
        let keyring = self
            .keyring
            .get(KEYRING, self.clock.now(), || self.load_keys())
            .await?;
        keyring.ok_or(AuthError::Unavailable)
    }

    /// Forgets a token that this process has revoked, so that it is refused at once.
    pub async fn forget(&self, token: &token::Model) {
        self.forget_token(token.id, token.hash.as_deref()).await;
    }

    /// Forgets a token by its id and the keyed hash of an opaque one, so that its next use asks the database.
    pub async fn forget_token(&self, id: TokenId, hash: Option<&str>) {
        self.tokens.forget(&id.to_string()).await;
        if let Some(hash) = hash {
            self.tokens.forget(hash).await;
        }
    }

    /// Forgets the signing keys, so that their next use asks the database.
    pub async fn forget_keys(&self) {
        self.keyring.forget(KEYRING).await;
    }

    /// Forgets all tokens and the signing keys, as changes of them may have been missed.
    pub fn forget_all(&self) {
        self.tokens.forget_all();
        self.keyring.forget_all();
    }

    /// The caller, and whether the token was remembered.
    async fn integration(&self, text: &str) -> Result<(Caller, bool), AuthError> {
        let token = OpaqueToken::parse(text)
            .filter(|token| token.kind() == OpaqueKind::Integration)
            .ok_or(AuthError::Invalid)?;
        let hash = token.hash(&self.secret);
        let now = self.clock.now();
        let loaded = AtomicBool::new(false);
        let load = || {
            loaded.store(true, Ordering::Relaxed);
            store::token_by_hash(&self.db, &hash)
        };
        let row = self
            .tokens
            .get(&hash, now, load)
            .await?
            .ok_or(AuthError::Invalid)?;
        usable(&row, KIND_INTEGRATION, now)?;
        let caller = Caller::Integration {
            token: row.id,
            name: row.name.clone(),
            scopes: texts(&row.scopes)
                .filter_map(|name| name.parse::<Scope>().ok())
                .collect(),
            purposes: texts(&row.purposes).map(str::to_owned).collect(),
        };
        Ok((caller, !loaded.load(Ordering::Relaxed)))
    }

    async fn internal(&self, text: &str) -> Result<(Caller, bool), AuthError> {
        if let Some(caller) = self.providers.caller(text, self.clock.now()).await {
            return Ok((caller?, false));
        }
        let (verified, remembered) = self.verified(&self.internal, text).await?;
        let claims = &verified.claims;
        let now = self.clock.now();
        let load = || store::token_by_id(&self.db, claims.token);
        let row = self
            .tokens
            .get(&claims.token.to_string(), now, load)
            .await?;
        let row = row.ok_or(AuthError::Invalid)?;
        usable(&row, KIND_INTERNAL, now)?;
        // The row decides; a token that says otherwise was not issued by us, whatever signed it.
        if row
            .role
            .as_deref()
            .and_then(|role| role.parse::<Role>().ok())
            != Some(claims.role)
        {
            return Err(AuthError::Invalid);
        }
        let caller = Caller::Internal {
            credential: Credential::Token(row.id),
            subject: claims.subject.clone(),
            role: claims.role,
        };
        Ok((caller, remembered))
    }

    async fn visitor(&self, text: &str) -> Result<(Caller, bool), AuthError> {
        let (verified, remembered) = self.verified(&self.visitors, text).await?;
        let caller = Caller::Visitor {
            subjects: verified.claims.subjects(),
            purposes: verified.claims.purposes.clone(),
        };
        Ok((caller, remembered))
    }

    /// Verifies a signature once and the times at each use, and says whether it was remembered. What does not verify is not.
    async fn verified<T: Claims + Send + Sync + 'static>(
        &self,
        signatures: &Signatures<T>,
        text: &str,
    ) -> Result<(Arc<Verified<T>>, bool), AuthError> {
        let now = self.clock.now();
        let hash = self.secret.token_hash(text);
        let keyring = self.keyring().await?;
        if let Some(verified) = signatures.get(&hash).await {
            keyring
                .check(&verified, now)
                .map_err(|_| AuthError::Invalid)?;
            return Ok((verified, true));
        }
        let verified = match keyring.verify(text, now) {
            Err(Refused::UnknownKey) => self.newer_keyring(now).await?.verify(text, now),
            outcome => outcome,
        };
        let verified = Arc::new(verified.map_err(|_| AuthError::Invalid)?);
        signatures.insert(hash, Arc::clone(&verified)).await;
        Ok((verified, false))
    }

    /// The keys as they are now, or as they were when they were last asked for in this way, a moment ago.
    async fn newer_keyring(&self, now: Timestamp) -> Result<Arc<Keyring>, AuthError> {
        let mut last = self.keys_read_again.lock().await;
        let recently = last.is_some_and(|last| now.0.abs_diff(last.0) < KEYS_READ_AGAIN);
        if recently {
            return self.keyring().await;
        }
        *last = Some(now);
        let keyring = self
            .keyring
            .renew(KEYRING, now, || self.load_keys())
            .await?;
        keyring.ok_or(AuthError::Unavailable)
    }

    async fn load_keys(&self) -> Result<Option<Keyring>, sea_orm::DbErr> {
        let rows = store::signing_keys(&self.db).await?;
        Ok(Some(Keyring::open(&rows, &self.secret)))
    }

    #[cfg(test)]
    pub(super) async fn remembered_tokens(&self) -> (u64, u64) {
        self.tokens.sizes().await
    }

    #[cfg(test)]
    pub(super) async fn remembered_signatures(&self) -> u64 {
        self.internal.run_pending_tasks().await;
        self.internal.entry_count()
    }
}

/// All signing keys of a deployment, retired ones included, the oldest first.
pub async fn signing_keys<C: ConnectionTrait>(
    conn: &C,
) -> Result<Vec<signing_key::Model>, sea_orm::DbErr> {
    store::signing_keys(conn).await
}

/// The token of a `Bearer` header (RFC 6750, section 2.1).
fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    let token = token.trim();
    let sound = !token.is_empty()
        && token.len() <= LONGEST_BEARER
        && token.bytes().all(|byte| byte.is_ascii_graphic());
    (sound && scheme.eq_ignore_ascii_case("bearer")).then_some(token)
}

fn usable(row: &token::Model, kind: &str, now: Timestamp) -> Result<(), AuthError> {
    let expired = row.expires_at.is_some_and(|end| end <= now);
    if row.kind != kind || row.revoked_at.is_some() || expired {
        return Err(AuthError::Invalid);
    }
    Ok(())
}

fn texts(list: &JsonValue) -> impl Iterator<Item = &str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(JsonValue::as_str)
}
