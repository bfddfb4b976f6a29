//! Issues tokens and signing keys.

use std::time::Duration;

use lazo_domain::access::{Role, Scope, Scopes};
use lazo_domain::clock::Timestamp;
use lazo_domain::id::{SigningKeyId, TokenId};
use lazo_entity::{signing_key, token};
use sea_orm::{ConnectionTrait, DbErr, JsonValue};
use secrecy::SecretString;

use super::jwt::{InternalClaims, Refused};
use super::keyring::{self, Keyring};
use super::opaque::{OpaqueKind, OpaqueToken};
use super::secret::{DeploymentSecret, SecretError};
use super::service::{KIND_INTEGRATION, KIND_INTERNAL};
use super::store;

/// Why a token or a key was not issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The database refused it or did not answer.
    #[error("the database did not store it: {0}")]
    Database(#[from] DbErr),
    /// A key derived from the deployment secret failed.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// What was asked for is more than a token may hold, or there is no key to sign with.
    #[error(transparent)]
    Refused(#[from] Refused),
}

/// What a new token is for.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The id of the new row.
    pub id: TokenId,
    /// The integration's name, or whom an internal token is for.
    pub name: &'a str,
    /// The present instant.
    pub now: Timestamp,
    /// How long the token lives; an integration's may live until it is revoked.
    pub lifetime: Option<Duration>,
    /// The actor who asks for it.
    pub created_by: &'a str,
}

/// Issues an internal token. Its text is returned once and kept nowhere.
pub async fn internal<C: ConnectionTrait>(
    conn: &C,
    keyring: &Keyring,
    request: Request<'_>,
    role: Role,
) -> Result<(token::Model, SecretString), IssueError> {
    let lifetime = request.lifetime.unwrap_or(super::jwt::INTERNAL_LIFETIME);
    let claims = InternalClaims::new(request.id, request.name, role, request.now, lifetime)?;
    let text = keyring.sign(&claims)?;
    let mut row = row(request, KIND_INTERNAL);
    row.role = Some(role.to_string());
    row.expires_at = Some(claims.expires_at());
    Ok((store::insert_token(conn, row).await?, text))
}

/// Issues the token of an integration. Its text is returned once and kept nowhere.
pub async fn integration<C: ConnectionTrait>(
    conn: &C,
    secret: &DeploymentSecret,
    request: Request<'_>,
    scopes: Scopes,
    purposes: &[String],
) -> Result<(token::Model, OpaqueToken), IssueError> {
    let text = OpaqueToken::generate(OpaqueKind::Integration)?;
    let mut row = row(request, KIND_INTEGRATION);
    row.hash = Some(text.hash(secret));
    row.scopes = scopes.iter().map(Scope::as_str).collect();
    row.purposes = purposes.iter().map(String::as_str).collect();
    row.expires_at = request.lifetime.map(|lifetime| {
        let millis = i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX);
        request.now.plus_millis(millis)
    });
    Ok((store::insert_token(conn, row).await?, text))
}

/// Draws and stores a signing key, which signs once all older ones are retired.
pub async fn signing_key<C: ConnectionTrait>(
    conn: &C,
    secret: &DeploymentSecret,
    id: SigningKeyId,
    now: Timestamp,
) -> Result<signing_key::Model, IssueError> {
    let row = keyring::generate(id, secret, now)?;
    Ok(store::insert_signing_key(conn, row).await?)
}

/// The deployment's keys as this transaction sees them. Two have to stand, one that signs and one that will: what lacks of them
/// is drawn and stored first.
pub async fn keys_to_sign<C: ConnectionTrait>(
    conn: &C,
    secret: &DeploymentSecret,
    new_ids: [SigningKeyId; 2],
    now: Timestamp,
) -> Result<Keyring, IssueError> {
    let mut rows = store::signing_keys(conn).await?;
    let lacking = 2_usize.saturating_sub(Keyring::open(&rows, secret).standing());
    for id in new_ids.into_iter().take(lacking) {
        rows.push(signing_key(conn, secret, id, now).await?);
    }
    Ok(Keyring::open(&rows, secret))
}

fn row(request: Request<'_>, kind: &str) -> token::Model {
    token::Model {
        id: request.id,
        kind: kind.to_owned(),
        name: request.name.to_owned(),
        hash: None,
        role: None,
        scopes: JsonValue::Array(vec![]),
        purposes: JsonValue::Array(vec![]),
        created_at: request.now,
        created_by: request.created_by.to_owned(),
        expires_at: None,
        revoked_at: None,
    }
}
