//! What can be done with purposes.

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::Condition;
use lazo_domain::consent::{Category, Purpose, PurposeKey};
use lazo_entity::purpose::Model;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use serde_json::json;

use super::{Update, store};
use crate::app::App;
use crate::audit;
use crate::auth::caller::Caller;
use crate::db::Db;
use crate::error::{Error, Violation, sentence};
use crate::idempotency::{self, Earlier};
use crate::standing::{References, sweep};
use crate::writer::Once;

/// The name of the creation among the operations that can be repeated.
const CREATE: &str = "purposeCreate";
/// The most purposes that people decide about at one time.
pub const MAX_PURPOSES: u64 = 100;

/// Makes the ready-made purposes at the first start of a deployment. Those that somebody archives stay archived.
pub(crate) async fn prepare(db: &Db, now: Timestamp) -> Result<(), DbErr> {
    if store::are_made(db.read()).await? {
        return Ok(());
    }
    let transaction = db.begin().await?;
    if !store::are_made(&transaction).await? {
        store::make(&transaction, now).await?;
    }
    transaction.commit().await
}

/// The purpose of this key, if people decide about it.
pub(crate) async fn current(
    connection: &impl ConnectionTrait,
    key: &PurposeKey,
) -> Result<Option<Purpose>, DbErr> {
    let row = store::by_key(connection, key).await?;
    let row = row.filter(|row| row.archived_at.is_none());
    row.as_ref().map(store::purpose).transpose()
}

/// All purposes in the order of their keys, with archived ones where they are asked for.
pub async fn list(app: &App, archived: bool) -> Result<Vec<Model>, Error> {
    Ok(store::list(app.db().read(), archived).await?)
}

/// The purpose of this key, archived or not.
pub async fn find(app: &App, key: &PurposeKey) -> Result<Option<Model>, Error> {
    Ok(store::by_key(app.db().read(), key).await?)
}

/// What is said of a purpose.
pub fn purpose(row: &Model) -> Result<Purpose, Error> {
    Ok(store::purpose(row)?)
}

/// Creates a purpose.
pub async fn create(
    app: &App,
    caller: &Caller,
    purpose: &Purpose,
    once: Option<&Once>,
) -> Result<Model, Error> {
    refuse_wrong(purpose)?;
    let transaction = app.db().begin().await?;
    match idempotency::look_up(&transaction, once, CREATE).await? {
        Earlier::None => {}
        Earlier::Same(_) => {
            let row = store::by_key(&transaction, &purpose.key).await?;
            return row.ok_or_else(not_found);
        }
        Earlier::Other => return Err(Error::key_reused()),
    }
    if store::by_key(&transaction, &purpose.key).await?.is_some() {
        let message = "Another purpose has or had this key.";
        return Err(Error::violation("key", "TAKEN", message));
    }
    if store::count(&transaction).await? >= MAX_PURPOSES {
        let message = format!("There are {MAX_PURPOSES} purposes; archive one first.");
        return Err(Error::violation("key", "LIMIT_EXCEEDED", message));
    }
    let now = app.now();
    let row = store::insert(&transaction, store::row(purpose, now)?).await?;
    // Who decides about it from now on is decided by definitions that have it.
    sweep::begin(&transaction, now).await?;
    tell(app, &transaction, caller, "purpose.create", &row).await?;
    idempotency::remember(&transaction, once, CREATE, &json!({}), now).await?;
    transaction.commit().await?;
    Ok(row)
}

/// Changes a purpose. Decisions stay as they were made; what they come to may change.
pub async fn update(app: &App, caller: &Caller, update: &Update) -> Result<Model, Error> {
    let transaction = app.db().begin().await?;
    let mut row = store::by_key(&transaction, &update.key)
        .await?
        .ok_or_else(not_found)?;
    if row.archived_at.is_some() {
        return Err(Error::violation(
            "key",
            "ARCHIVED",
            "The purpose is archived.",
        ));
    }
    let expected = update.expected_version;
    if expected.is_some_and(|version| version != row.version) {
        return Err(Error::stale("purpose", row.version));
    }
    let before = store::purpose(&row)?;
    let after = update.apply(&before);
    refuse_wrong(&after)?;
    if after == before {
        return Ok(row);
    }
    if decides_otherwise(&before, &after) {
        sweep::begin(&transaction, app.now()).await?;
    }
    row.purpose = store::stored(&after)?;
    changed(app, transaction, caller, "purpose.update", row).await
}

/// Archives a purpose: nobody decides about it any more, nobody consents to it, and the records stay. Archiving it again changes
/// nothing.
pub async fn archive(app: &App, caller: &Caller, key: &PurposeKey) -> Result<Model, Error> {
    let transaction = app.db().begin().await?;
    let mut row = store::by_key(&transaction, key)
        .await?
        .ok_or_else(not_found)?;
    if row.archived_at.is_some() {
        return Ok(row);
    }
    let references = References::read(&transaction).await?;
    if let Some(other) = references.any(|condition| asks_for(condition, key)) {
        let message = format!("The {other} asks for it.");
        return Err(Error::violation("key", "CONFLICT", message));
    }
    let now = app.now();
    row.archived_at = Some(now);
    sweep::begin(&transaction, now).await?;
    changed(app, transaction, caller, "purpose.archive", row).await
}

fn not_found() -> Error {
    Error::violation("key", "NOT_FOUND", "There is no such purpose.")
}

fn refuse_wrong(purpose: &Purpose) -> Result<(), Error> {
    if purpose.category == Category::Rights {
        let message = "The purpose of the rights of persons is always there, and there is one.";
        return Err(Error::violation("category", "INVALID", message));
    }
    let wrong = purpose.check().into_iter().map(|problem| {
        let field = match problem.field() {
            "valid_for" => "validFor",
            "double_opt_in" => "doubleOptIn",
            "minimum_age" => "minimumAge",
            "soft_opt_in" => "softOptIn",
            "void_texts" => "voidTexts",
            same => same,
        };
        Violation::of(field, "INVALID", sentence(&problem.to_string()))
    });
    let wrong: Vec<_> = wrong.collect();
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(wrong))
    }
}

/// Whether the same decisions may come to something else.
fn decides_otherwise(before: &Purpose, after: &Purpose) -> bool {
    before.channels != after.channels
        || before.double_opt_in != after.double_opt_in
        || before.void_texts != after.void_texts
}

/// Whether a condition asks about consent to a purpose.
fn asks_for(condition: &Condition, key: &PurposeKey) -> bool {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().any(|part| asks_for(part, key))
        }
        Condition::Not(part) => asks_for(part, key),
        Condition::Consent(test) => test.purpose == key.as_str(),
        _ => false,
    }
}

/// Stores a changed purpose.
async fn changed(
    app: &App,
    transaction: DatabaseTransaction,
    caller: &Caller,
    action: &'static str,
    mut row: Model,
) -> Result<Model, Error> {
    row.version += 1;
    row.updated_at = app.now();
    let row = store::update(&transaction, row).await?;
    tell(app, &transaction, caller, action, &row).await?;
    transaction.commit().await?;
    Ok(row)
}

/// Enters what was done to a purpose into the audit log.
async fn tell(
    app: &App,
    transaction: &DatabaseTransaction,
    caller: &Caller,
    action: &'static str,
    row: &Model,
) -> Result<(), DbErr> {
    let actor = caller.actor();
    let entry = audit::Entry {
        actor: &actor,
        action,
        subject: row.key.clone(),
        details: json!({ "version": row.version }),
    };
    audit::append(transaction, app.ids(), app.now(), &[entry]).await
}
