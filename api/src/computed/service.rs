//! What can be done with computed traits.

use lazo_domain::computed::{self, Definition};
use lazo_domain::condition::check::{Checked, Problem};
use lazo_domain::id::ComputedTraitId;
use lazo_entity::computed_trait::Model;
use sea_orm::{DatabaseTransaction, DbErr, JsonValue};
use serde_json::json;

use super::input::{Create, Update};
use super::store;
use crate::app::App;
use crate::audit;
use crate::auth::caller::Caller;
use crate::error::{Error, Violation};
use crate::idempotency::{self, Earlier};
use crate::page::{Listed, Page};
use crate::segment::is_description;
use crate::standing::sweep;
use crate::writer::Once;

/// The name of the creation among the operations that can be repeated.
const CREATE: &str = "computedTraitCreate";
/// The most computed traits at one time: each is computed with every touchpoint.
pub const MAX_TRAITS: u64 = 100;

/// Checks what a trait is to be computed of against what is known now. The inner error is what is wrong with it.
pub async fn check(
    app: &App,
    definition: &Definition,
) -> Result<Result<Checked, Vec<Problem>>, Error> {
    let known = crate::condition::service::known(app).await?;
    Ok(computed::check(definition, &known))
}

/// Creates a computed trait. It is computed of all profiles in the background, and of those that change meanwhile at once.
pub async fn create(
    app: &App,
    caller: &Caller,
    create: &Create,
    once: Option<&Once>,
) -> Result<Model, Error> {
    refuse_long(create.description.as_deref())?;
    let name = &create.definition.name;
    let transaction = app.db().begin().await?;
    match idempotency::look_up(&transaction, once, CREATE).await? {
        Earlier::None => {}
        Earlier::Same(kept) => return repeated(&transaction, &kept).await,
        Earlier::Other => return Err(Error::key_reused()),
    }
    if store::by_name(&transaction, name).await?.is_some() {
        let message = "Another computed trait has or had this name.";
        return Err(Error::violation("name", "TAKEN", message));
    }
    if store::count(&transaction).await? >= MAX_TRAITS {
        let message = format!("There are {MAX_TRAITS} computed traits; archive one first.");
        return Err(Error::violation("name", "LIMIT_EXCEEDED", message));
    }
    let now = app.now();
    let row = Model {
        id: app.ids().next(now),
        name: name.clone(),
        description: create.description.clone(),
        definition: stored(&create.definition)?,
        version: 1,
        defined: sweep::begin(&transaction, now).await?,
        created_at: now,
        updated_at: now,
        archived_at: None,
    };
    let row = store::insert(&transaction, row).await?;
    tell(app, &transaction, caller, "computed_trait.create", &row).await?;
    let kept = json!({ "id": row.id });
    idempotency::remember(&transaction, once, CREATE, &kept, now).await?;
    transaction.commit().await?;
    Ok(row)
}

/// Changes a computed trait.
pub async fn update(app: &App, caller: &Caller, update: &Update) -> Result<Model, Error> {
    let transaction = app.db().begin().await?;
    let before = changeable(&transaction, update.id).await?;
    refuse_stale(&before, update.expected_version)?;
    let mut after = before.clone();
    if let Some(description) = &update.description {
        refuse_long(description.as_deref())?;
        after.description.clone_from(description);
    }
    if let Some((of, window)) = &update.of {
        let definition = Definition {
            name: before.name.clone(),
            of: of.clone(),
            window: *window,
        };
        after.definition = stored(&definition)?;
    }
    if after == before {
        return Ok(before);
    }
    if after.definition != before.definition {
        after.defined = sweep::begin(&transaction, app.now()).await?;
    }
    changed(app, transaction, caller, "computed_trait.update", after).await
}

/// Archives a computed trait: nobody has a value of it any more. Archiving it again changes nothing.
pub async fn archive(app: &App, caller: &Caller, id: ComputedTraitId) -> Result<Model, Error> {
    let transaction = app.db().begin().await?;
    let mut row = store::by_id(&transaction, id)
        .await?
        .ok_or_else(not_found)?;
    if row.archived_at.is_some() {
        return Ok(row);
    }
    let now = app.now();
    row.archived_at = Some(now);
    row.defined = sweep::begin(&transaction, now).await?;
    changed(app, transaction, caller, "computed_trait.archive", row).await
}

/// The computed trait with this id, archived or not.
pub async fn find(app: &App, id: ComputedTraitId) -> Result<Option<Model>, Error> {
    Ok(store::by_id(app.db().read(), id).await?)
}

/// A part of the list of computed traits, the newest first.
pub async fn list(
    app: &App,
    archived: bool,
    page: &Page,
    want_total: bool,
) -> Result<Listed<Model>, Error> {
    Ok(store::list(app.db().read(), archived, page, want_total).await?)
}

/// What a computed trait is computed of.
pub fn definition(row: &Model) -> Result<Definition, Error> {
    Ok(store::definition(row)?)
}

fn refuse_long(description: Option<&str>) -> Result<(), Error> {
    if description.is_none_or(is_description) {
        return Ok(());
    }
    let message = "Write at most 1,000 characters, none of them a control character.";
    let violation = Violation::of("description", "INVALID", message);
    Err(Error::Invalid(vec![violation]))
}

fn stored(definition: &Definition) -> Result<JsonValue, Error> {
    serde_json::to_value(definition)
        .map_err(|error| Error::Internal(format!("a computed trait is not written: {error}")))
}

/// What a repeated creation is answered: the computed trait as it is now.
async fn repeated(transaction: &DatabaseTransaction, kept: &JsonValue) -> Result<Model, Error> {
    let id = kept["id"].as_str().and_then(|id| id.parse().ok());
    let row = match id {
        Some(id) => store::by_id(transaction, id).await?,
        None => None,
    };
    row.ok_or_else(|| Error::Internal("a kept answer names no computed trait".into()))
}

/// The computed trait with this id, if it can be changed.
async fn changeable(
    transaction: &DatabaseTransaction,
    id: ComputedTraitId,
) -> Result<Model, Error> {
    let row = store::by_id(transaction, id).await?.ok_or_else(not_found)?;
    if row.archived_at.is_some() {
        let message = "The computed trait is archived.";
        return Err(Error::violation("id", "ARCHIVED", message));
    }
    Ok(row)
}

/// The error that there is no such computed trait.
pub fn not_found() -> Error {
    Error::violation("id", "NOT_FOUND", "There is no such computed trait.")
}

fn refuse_stale(row: &Model, expected: Option<i64>) -> Result<(), Error> {
    if expected.is_some_and(|version| version != row.version) {
        return Err(Error::stale("computed trait", row.version));
    }
    Ok(())
}

/// Stores a changed computed trait.
async fn changed(
    app: &App,
    transaction: DatabaseTransaction,
    caller: &Caller,
    action: &'static str,
    mut after: Model,
) -> Result<Model, Error> {
    after.version += 1;
    after.updated_at = app.now();
    let after = store::update(&transaction, after).await?;
    tell(app, &transaction, caller, action, &after).await?;
    transaction.commit().await?;
    Ok(after)
}

/// Enters what was done to a computed trait into the audit log, but for its definition, which may name a person.
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
        subject: row.id.to_string(),
        details: json!({
            "name": row.name,
            "version": row.version,
        }),
    };
    audit::append(transaction, app.ids(), app.now(), &[entry]).await
}
