//! What can be done with tokens.

use lazo_domain::access::{Role, Scope, Scopes};
use lazo_domain::id::TokenId;
use lazo_entity::token::Model;
use sea_orm::{DatabaseTransaction, JsonValue};
use secrecy::SecretString;
use serde_json::json;

use super::input::{CreateIntegration, CreateInternal, Grant};
use super::store;
use crate::app::App;
use crate::audit;
use crate::auth::caller::Caller;
use crate::auth::issue::{self, IssueError};
use crate::error::Error;
use crate::idempotency::{self, Earlier};
use crate::page::{Listed, Page};
use crate::writer::Once;

/// The name of the creation among the operations that can be repeated.
const CREATE: &str = "tokenCreate";

/// A token, and its text: shown once and kept nowhere.
#[derive(Debug)]
pub struct Issued {
    /// The token.
    pub token: Model,
    /// Its text; none where it was shown before.
    pub secret: Option<SecretString>,
}

/// Creates a token for an integration, which may do no more than its creator.
pub async fn create_integration(
    app: &App,
    caller: &Caller,
    create: &CreateIntegration,
    once: Option<&Once>,
) -> Result<Issued, Error> {
    let transaction = app.db().begin().await?;
    match idempotency::look_up(&transaction, once, CREATE).await? {
        Earlier::None => {}
        Earlier::Same(kept) => return repeated(&transaction, &kept).await,
        Earlier::Other => return Err(Error::key_reused()),
    }
    let now = app.now();
    let grant = Grant::of(create, now).map_err(Error::Invalid)?;
    grant.within(caller)?;
    let actor = caller.actor();
    let request = issue::Request {
        id: app.ids().next(now),
        name: &grant.name,
        now,
        lifetime: grant.lifetime,
        created_by: &actor,
    };
    let secret = app.secret();
    let (token, text) =
        issue::integration(&transaction, secret, request, grant.scopes, &grant.purposes).await?;
    tell(app, &transaction, caller, "token.create", &token).await?;
    let kept = json!({ "id": token.id });
    idempotency::remember(&transaction, once, CREATE, &kept, now).await?;
    transaction.commit().await?;
    Ok(Issued {
        token,
        secret: Some(text.expose().into()),
    })
}

/// Creates a token for a person at the company, whose role may do no more than its creator.
pub async fn create_internal(
    app: &App,
    caller: &Caller,
    create: &CreateInternal,
) -> Result<Issued, Error> {
    let (name, lifetime) = create.checked()?;
    if let Some(beyond) = create
        .role
        .scopes()
        .iter()
        .find(|scope| !caller.has(*scope))
    {
        return Err(Error::Forbidden {
            needs: beyond.to_string(),
        });
    }
    let now = app.now();
    let actor = caller.actor();
    let request = issue::Request {
        id: app.ids().next(now),
        name: &name,
        now,
        lifetime: Some(lifetime),
        created_by: &actor,
    };
    let transaction = app.db().begin().await?;
    let new_keys = [app.ids().next(now), app.ids().next(now)];
    let keyring = issue::keys_to_sign(&transaction, app.secret(), new_keys, now).await?;
    let (token, text) = issue::internal(&transaction, &keyring, request, create.role).await?;
    tell(app, &transaction, caller, "token.create", &token).await?;
    transaction.commit().await?;
    app.forget_keys().await;
    Ok(Issued {
        token,
        secret: Some(text),
    })
}

/// Revokes a token: it is refused from now on. Revoking it again changes nothing.
pub async fn revoke(app: &App, caller: &Caller, id: TokenId) -> Result<Model, Error> {
    let transaction = app.db().begin().await?;
    let token = store::by_id(&transaction, id)
        .await?
        .ok_or_else(|| Error::violation("id", "NOT_FOUND", "There is no such token."))?;
    if token.revoked_at.is_some() {
        return Ok(token);
    }
    let now = app.now();
    store::revoke(&transaction, id, now).await?;
    let token = Model {
        revoked_at: Some(now),
        ..token
    };
    tell(app, &transaction, caller, "token.revoke", &token).await?;
    transaction.commit().await?;
    app.forget_token(&token).await;
    Ok(token)
}

/// The token with this id, revoked or not.
pub async fn find(app: &App, id: TokenId) -> Result<Option<Model>, Error> {
    Ok(store::by_id(app.db().read(), id).await?)
}

/// A part of the list of all tokens, the newest first.
pub async fn list(app: &App, page: &Page, want_total: bool) -> Result<Listed<Model>, Error> {
    Ok(store::list(app.db().read(), page, want_total).await?)
}

/// What a token may do: its own scopes, or those of its role.
pub fn scopes(token: &Model) -> Scopes {
    if let Some(role) = &token.role {
        return role.parse().map(Role::scopes).unwrap_or_default();
    }
    let names = token.scopes.as_array().into_iter().flatten();
    let names = names.filter_map(JsonValue::as_str);
    names
        .filter_map(|name| name.parse::<Scope>().ok())
        .collect()
}

/// What a repeated creation is answered: the token as it is now, without its text.
async fn repeated(transaction: &DatabaseTransaction, kept: &JsonValue) -> Result<Issued, Error> {
    let id = kept["id"].as_str().and_then(|id| id.parse().ok());
    let token = match id {
        Some(id) => store::by_id(transaction, id).await?,
        None => None,
    };
    let token = token.ok_or_else(|| Error::Internal("a kept answer names no token".into()))?;
    Ok(Issued {
        token,
        secret: None,
    })
}

/// Enters what was done to a token into the audit log: what it may do, and no part of its text.
async fn tell(
    app: &App,
    transaction: &DatabaseTransaction,
    caller: &Caller,
    action: &'static str,
    token: &Model,
) -> Result<(), Error> {
    let details = json!({
        "kind": token.kind,
        "role": token.role,
        "scopes": token.scopes,
        "purposes": token.purposes,
        "expiresAt": token.expires_at.map(|end| end.to_string()),
    });
    let subject = token.id.to_string();
    let actor = caller.actor();
    let entry = audit::Entry {
        actor: &actor,
        action,
        subject,
        details,
    };
    Ok(audit::append(transaction, app.ids(), app.now(), &[entry]).await?)
}

impl From<IssueError> for Error {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::Database(error) => Self::Database(error),
            IssueError::Secret(_) | IssueError::Refused(_) => Self::Internal(error.to_string()),
        }
    }
}
