//! The signing keys of a deployment: which there are, and how one follows another.
//!
//! Two keys stand: the current one signs, and the next one is published before it does, so that whoever keeps our public keys
//! knows it by then. A retired key signs nothing more and verifies what it has signed until that has ended.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::SigningKeyId;
use lazo_entity::signing_key::Model;
use sea_orm::DatabaseTransaction;
use serde_json::json;

use super::caller::Caller;
use super::{issue, store};
use crate::app::App;
use crate::audit::{self, Entry};
use crate::error::Error;

/// How long the next key is published before it signs, in milliseconds: twice the longest life of what others verify with it.
const PUBLISHED_FOR: i64 = 2 * 3_600_000;

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It signs.
    Current,
    /// It is published, and signs once the current one is retired.
    Next,
    /// It signs nothing more, from then on.
    Retired(Timestamp),
}

/// A key and what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its id, which is the `kid` of its tokens.
    pub id: SigningKeyId,
    /// What it does.
    pub standing: Standing,
    /// Since when it has been published.
    pub created_at: Timestamp,
}

/// What became of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotated {
    /// The key signs from now on.
    To(SigningKeyId),
    /// The next key is not yet known for long enough; from then on it may sign.
    TooSoon(Timestamp),
}

/// All keys, the oldest first.
pub async fn list(app: &App) -> Result<Vec<Listed>, Error> {
    let rows = store::signing_keys(app.db().read()).await?;
    let current = standing(&rows).next().map(|row| row.id);
    let listed = rows.iter().map(|row| Listed {
        id: row.id,
        standing: match row.retired_at {
            Some(at) => Standing::Retired(at),
            None if Some(row.id) == current => Standing::Current,
            None => Standing::Next,
        },
        created_at: row.created_at,
    });
    Ok(listed.collect())
}

/// Retires the current key, lets the next one sign, and draws one to follow it.
///
/// Without `at_once` it is refused while others may not know the next key yet.
pub async fn rotate(app: &App, caller: &Caller, at_once: bool) -> Result<Rotated, Error> {
    let transaction = app.db().begin().await?;
    complete(app, &transaction).await?;
    let rows = store::signing_keys(&transaction).await?;
    let mut keys = standing(&rows);
    let (Some(current), Some(next)) = (keys.next(), keys.next()) else {
        return Err(Error::Internal(
            "two keys were drawn and are not there".into(),
        ));
    };
    let now = app.now();
    let ready_at = next.created_at.plus_millis(PUBLISHED_FOR);
    let rotated = if ready_at > now && !at_once {
        Rotated::TooSoon(ready_at)
    } else {
        store::retire_signing_key(&transaction, current.id, now).await?;
        complete(app, &transaction).await?;
        tell(app, &transaction, caller, "key.rotate", next.id).await?;
        Rotated::To(next.id)
    };
    transaction.commit().await?;
    app.forget_keys().await;
    Ok(rotated)
}

/// Retires a key: it signs nothing more. A compromised one is deleted, and what it has signed is refused from now on.
pub async fn retire(
    app: &App,
    caller: &Caller,
    id: SigningKeyId,
    is_compromised: bool,
) -> Result<(), Error> {
    let missing = || Error::violation("id", "NOT_FOUND", "There is no such signing key.");
    let transaction = app.db().begin().await?;
    let action = if is_compromised {
        if !store::delete_signing_key(&transaction, id).await? {
            return Err(missing());
        }
        "key.delete"
    } else {
        if !store::retire_signing_key(&transaction, id, app.now()).await? {
            let rows = store::signing_keys(&transaction).await?;
            let row = rows.iter().find(|row| row.id == id);
            // Retiring it again changes nothing.
            return row.map(|_| ()).ok_or_else(missing);
        }
        "key.retire"
    };
    complete(app, &transaction).await?;
    tell(app, &transaction, caller, action, id).await?;
    transaction.commit().await?;
    app.forget_keys().await;
    Ok(())
}

/// Draws what lacks of two keys that stand.
async fn complete(app: &App, transaction: &DatabaseTransaction) -> Result<(), Error> {
    let now = app.now();
    let new_ids = [app.ids().next(now), app.ids().next(now)];
    issue::keys_to_sign(transaction, app.secret(), new_ids, now).await?;
    Ok(())
}

/// The keys that are not retired, the oldest first.
fn standing(rows: &[Model]) -> impl Iterator<Item = &Model> {
    let mut keys: Vec<&Model> = rows.iter().filter(|row| row.retired_at.is_none()).collect();
    keys.sort_by_key(|row| (row.created_at, row.id));
    keys.into_iter()
}

async fn tell(
    app: &App,
    transaction: &DatabaseTransaction,
    caller: &Caller,
    action: &'static str,
    key: SigningKeyId,
) -> Result<(), Error> {
    let actor = caller.actor();
    let entry = Entry {
        actor: &actor,
        action,
        subject: key.to_string(),
        details: json!({}),
    };
    Ok(audit::append(transaction, app.ids(), app.now(), &[entry]).await?)
}
