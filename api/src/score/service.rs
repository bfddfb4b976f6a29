//! What can be done with score models.

use lazo_domain::condition::check::Reference;
use lazo_domain::id::ScoreModelId;
use lazo_domain::score::{self, Checked, Kind, Problem};
use lazo_domain::standing;
use lazo_entity::score_model::Model;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, JsonValue};
use serde_json::json;

use super::input::{Create, Update};
use super::{measure, store};
use crate::app::App;
use crate::audit;
use crate::auth::caller::Caller;
use crate::error::{Error, Violation};
use crate::idempotency::{self, Earlier};
use crate::page::{Listed, Page};
use crate::segment::violations;
use crate::standing::{References, sweep};
use crate::writer::Once;

/// The name of the creation among the operations that can be repeated.
const CREATE: &str = "scoreModelCreate";
/// The most score models that count at one time: each scores with every touchpoint.
pub const MAX_MODELS: u64 = 50;

/// Checks what a score model is to count against what is known now. The inner error is what is wrong with it.
pub async fn check(
    app: &App,
    model: &score::Model,
) -> Result<Result<Checked, Vec<Problem>>, Error> {
    let known = crate::condition::service::known(app).await?;
    Ok(score::check(model, &known))
}

/// Creates a score model. What it compares with is measured at once; all profiles are scored in the background, and those that change
/// meanwhile at once.
pub async fn create(
    app: &App,
    caller: &Caller,
    create: &Create,
    once: Option<&Once>,
) -> Result<Model, Error> {
    let name = create.name.trim().to_owned();
    let wrong = violations(&create.key, &name, create.description.as_deref());
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let model = measure::measured(app, &create.model).await?;
    let transaction = app.db().begin().await?;
    match idempotency::look_up(&transaction, once, CREATE).await? {
        Earlier::None => {}
        Earlier::Same(kept) => return repeated(&transaction, &kept).await,
        Earlier::Other => return Err(Error::key_reused()),
    }
    if store::by_key(&transaction, &create.key).await?.is_some() {
        let message = "Another score model has or had this key.";
        return Err(Error::violation("key", "TAKEN", message));
    }
    if store::count(&transaction).await? >= MAX_MODELS {
        let message = format!("There are {MAX_MODELS} score models; archive one first.");
        return Err(Error::violation("key", "LIMIT_EXCEEDED", message));
    }
    refuse_references(&transaction, &create.key, &model).await?;
    let now = app.now();
    let row = Model {
        id: app.ids().next(now),
        key: create.key.clone(),
        name,
        description: create.description.clone(),
        model: stored(&model)?,
        version: 1,
        defined: sweep::begin(&transaction, now).await?,
        created_at: now,
        updated_at: now,
        archived_at: None,
    };
    let row = store::insert(&transaction, row).await?;
    let actor = caller.actor();
    tell(app, &transaction, &actor, "score_model.create", &row).await?;
    let kept = json!({ "id": row.id });
    idempotency::remember(&transaction, once, CREATE, &kept, now).await?;
    transaction.commit().await?;
    Ok(row)
}

/// Changes a score model.
pub async fn update(app: &App, caller: &Caller, update: &Update) -> Result<Model, Error> {
    let model = match &update.model {
        Some(model) => Some(measure::measured(app, model).await?),
        None => None,
    };
    let transaction = app.db().begin().await?;
    let before = changeable(&transaction, update.id).await?;
    refuse_stale(&before, update.expected_version)?;
    let mut after = before.clone();
    if let Some(name) = &update.name {
        name.trim().clone_into(&mut after.name);
    }
    if let Some(description) = &update.description {
        after.description.clone_from(description);
    }
    if let Some(model) = &model {
        refuse_references(&transaction, &before.key, model).await?;
        after.model = stored(model)?;
    }
    let wrong = violations(&after.key, &after.name, after.description.as_deref());
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    if after == before {
        return Ok(before);
    }
    let now = app.now();
    if after.model != before.model {
        after.defined = sweep::begin(&transaction, now).await?;
    }
    let actor = caller.actor();
    changed(app, transaction, &actor, "score_model.update", after).await
}

/// Archives a score model: nobody has a score by it any more, and its past stays. Archiving it again changes nothing.
pub async fn archive(app: &App, caller: &Caller, id: ScoreModelId) -> Result<Model, Error> {
    let transaction = app.db().begin().await?;
    let mut model = store::by_id(&transaction, id)
        .await?
        .ok_or_else(not_found)?;
    if model.archived_at.is_some() {
        return Ok(model);
    }
    let own = Reference::Score(model.key.clone());
    if let Some(other) = References::read(&transaction).await?.asking_for(&own) {
        let message = format!("The {other} asks for it.");
        return Err(Error::violation("id", "CONFLICT", message));
    }
    let now = app.now();
    model.archived_at = Some(now);
    model.defined = sweep::begin(&transaction, now).await?;
    let actor = caller.actor();
    changed(app, transaction, &actor, "score_model.archive", model).await
}

/// Measures anew what a score model compares with: the quintiles of all customers, or the centre of a segment's members. Where that is
/// what it was, nothing changes.
pub async fn measure(app: &App, actor: &str, id: ScoreModelId) -> Result<Model, Error> {
    let found = store::by_id(app.db().read(), id).await?;
    let seen = found.ok_or_else(not_found)?;
    let before = store::model(&seen)?;
    let measured = measure::measured(app, &before).await?;
    let transaction = app.db().begin().await?;
    let mut row = changeable(&transaction, id).await?;
    refuse_stale(&row, Some(seen.version))?;
    if measured == before {
        return Ok(row);
    }
    row.model = stored(&measured)?;
    row.defined = sweep::begin(&transaction, app.now()).await?;
    changed(app, transaction, actor, "score_model.measure", row).await
}

/// The score model with this id, archived or not.
pub async fn find(app: &App, id: ScoreModelId) -> Result<Option<Model>, Error> {
    Ok(store::by_id(app.db().read(), id).await?)
}

/// The score model with this key, archived or not.
pub async fn find_by_key(app: &App, key: &str) -> Result<Option<Model>, Error> {
    Ok(store::by_key(app.db().read(), key).await?)
}

/// The score models with these ids, archived or not.
pub async fn by_ids(
    app: &App,
    ids: impl IntoIterator<Item = ScoreModelId>,
) -> Result<Vec<Model>, Error> {
    Ok(store::by_ids(app.db().read(), ids).await?)
}

/// A part of the list of score models, the newest first.
pub async fn list(
    app: &App,
    archived: bool,
    page: &Page,
    want_total: bool,
) -> Result<Listed<Model>, Error> {
    Ok(store::list(app.db().read(), archived, page, want_total).await?)
}

/// What a score model counts.
pub fn model(row: &Model) -> Result<score::Model, Error> {
    Ok(store::model(row)?)
}

/// The score models that count: those that are not archived.
pub(crate) async fn decided(
    connection: &impl ConnectionTrait,
) -> Result<Vec<standing::ScoreModel>, DbErr> {
    store::decided(connection).await
}

/// Whether what a model compares with is measured, so that it is measured anew from time to time.
pub(super) fn is_measured(model: &score::Model) -> bool {
    match &model.kind {
        Kind::Points(_) => false,
        Kind::Similarity(similarity) => similarity.segment.is_some(),
        Kind::Rfm(_) => true,
    }
}

fn stored(model: &score::Model) -> Result<JsonValue, Error> {
    serde_json::to_value(model)
        .map_err(|error| Error::Internal(format!("a score model is not written: {error}")))
}

/// What a repeated creation is answered: the score model as it is now.
async fn repeated(transaction: &DatabaseTransaction, kept: &JsonValue) -> Result<Model, Error> {
    let id = kept["id"].as_str().and_then(|id| id.parse().ok());
    let model = match id {
        Some(id) => store::by_id(transaction, id).await?,
        None => None,
    };
    model.ok_or_else(|| Error::Internal("a kept answer names no score model".into()))
}

/// The score model with this id, if it can be changed.
async fn changeable(transaction: &DatabaseTransaction, id: ScoreModelId) -> Result<Model, Error> {
    let model = store::by_id(transaction, id).await?.ok_or_else(not_found)?;
    if model.archived_at.is_some() {
        let message = "The score model is archived.";
        return Err(Error::violation("id", "ARCHIVED", message));
    }
    Ok(model)
}

fn not_found() -> Error {
    Error::violation("id", "NOT_FOUND", "There is no such score model.")
}

fn refuse_stale(model: &Model, expected: Option<i64>) -> Result<(), Error> {
    if expected.is_some_and(|version| version != model.version) {
        return Err(Error::stale("score model", model.version));
    }
    Ok(())
}

/// Refuses a model that would ask for itself, or for what was archived since it was checked, and one without a grade that others ask
/// for: within the transaction nobody else changes what is defined.
async fn refuse_references(
    connection: &impl ConnectionTrait,
    key: &str,
    model: &score::Model,
) -> Result<(), Error> {
    let own = Reference::Score(key.to_owned());
    let conditions = score::conditions(model);
    let references = References::read(connection).await?;
    references
        .check(&own, &conditions)
        .map_err(|error| Error::violation("definition", "CONFLICT", error.to_string()))?;
    if let Some(missing) = references.missing(&conditions) {
        let message = format!("There is no {missing}.");
        return Err(Error::violation("definition", "NOT_FOUND", message));
    }
    let lost = references.asking_for_lost(key, &model.grade_names());
    let refused = lost.into_iter().map(|(asking, grade)| Violation {
        field: ["definition", "grades"].map(str::to_owned).to_vec(),
        code: "CONFLICT",
        message: format!("The {asking} asks for the grade “{grade}”."),
    });
    let refused: Vec<Violation> = refused.collect();
    if refused.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(refused))
    }
}

/// Stores a changed score model.
async fn changed(
    app: &App,
    transaction: DatabaseTransaction,
    actor: &str,
    action: &'static str,
    mut after: Model,
) -> Result<Model, Error> {
    after.version += 1;
    after.updated_at = app.now();
    let after = store::update(&transaction, after).await?;
    tell(app, &transaction, actor, action, &after).await?;
    transaction.commit().await?;
    Ok(after)
}

/// Enters what was done to a score model into the audit log, but for its definition, which may name a person.
async fn tell(
    app: &App,
    transaction: &DatabaseTransaction,
    actor: &str,
    action: &'static str,
    row: &Model,
) -> Result<(), DbErr> {
    let entry = audit::Entry {
        actor,
        action,
        subject: row.id.to_string(),
        details: json!({
            "key": row.key,
            "version": row.version,
        }),
    };
    audit::append(transaction, app.ids(), app.now(), &[entry]).await
}
