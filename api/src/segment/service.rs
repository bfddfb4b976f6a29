//! What can be done with segments.

use lazo_domain::condition::Condition;
use lazo_domain::condition::check::Reference;
use lazo_domain::id::{ProfileId, SegmentId};
use lazo_domain::standing;
use lazo_entity::segment::Model;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, JsonValue};
use serde_json::json;

use super::input::{Create, Update, violations};
use super::store;
use crate::app::App;
use crate::audit;
use crate::auth::caller::Caller;
use crate::error::{Error, Violation};
use crate::idempotency::{self, Earlier};
use crate::identity;
use crate::page::{Listed, Page};
use crate::standing::{References, Step, sweep};
use crate::writer::Once;

/// The name of the creation among the operations that can be repeated.
const CREATE: &str = "segmentCreate";
/// The most segments that decide at one time: each is asked about with every touchpoint.
pub const MAX_SEGMENTS: u64 = 500;
/// The most profiles that a person puts into a segment or takes out of it at once.
pub const MAX_PINNED: usize = 1_000;

/// What a person decides of the members of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pin {
    /// They are members, whatever the condition says.
    Included,
    /// They are none, and nothing makes them members again.
    Excluded,
    /// The condition decides again.
    Released,
}

/// Creates a segment. All profiles are decided by it in the background; those that change meanwhile are at once.
pub async fn create(
    app: &App,
    caller: &Caller,
    create: &Create,
    once: Option<&Once>,
) -> Result<Model, Error> {
    let create = Create {
        name: create.name.trim().to_owned(),
        ..create.clone()
    };
    let wrong = violations(&create.key, &create.name, create.description.as_deref());
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let transaction = app.db().begin().await?;
    match idempotency::look_up(&transaction, once, CREATE).await? {
        Earlier::None => {}
        Earlier::Same(kept) => return repeated(&transaction, &kept).await,
        Earlier::Other => return Err(Error::key_reused()),
    }
    if store::by_key(&transaction, &create.key).await?.is_some() {
        let message = "Another segment has or had this key.";
        return Err(Error::violation("key", "TAKEN", message));
    }
    if store::count(&transaction).await? >= MAX_SEGMENTS {
        let message = format!("There are {MAX_SEGMENTS} segments; archive one first.");
        return Err(Error::violation("key", "LIMIT_EXCEEDED", message));
    }
    refuse_references(&transaction, &create.key, create.condition.as_ref()).await?;
    let now = app.now();
    let id = app.ids().next(now);
    let condition = create.condition.as_ref();
    let row = Model {
        id,
        key: create.key,
        name: create.name,
        description: create.description,
        condition: stored(condition)?,
        version: 1,
        defined: sweep::begin_segment(&transaction, now, id, condition).await?,
        created_at: now,
        updated_at: now,
        archived_at: None,
    };
    let segment = store::insert(&transaction, row).await?;
    tell(app, &transaction, caller, "segment.create", &segment).await?;
    let kept = json!({ "id": segment.id });
    idempotency::remember(&transaction, once, CREATE, &kept, now).await?;
    transaction.commit().await?;
    Ok(segment)
}

/// Changes a segment.
pub async fn update(app: &App, caller: &Caller, update: &Update) -> Result<Model, Error> {
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
    if let Some(condition) = &update.condition {
        refuse_references(&transaction, &before.key, condition.as_ref()).await?;
        after.condition = stored(condition.as_ref())?;
    }
    let wrong = violations(&after.key, &after.name, after.description.as_deref());
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    if after == before {
        return Ok(before);
    }
    let now = app.now();
    if after.condition != before.condition {
        let condition = store::condition(&after)?;
        after.defined =
            sweep::begin_segment(&transaction, now, after.id, condition.as_ref()).await?;
    }
    changed(app, transaction, caller, "segment.update", after).await
}

/// Archives a segment: it has no members any more, and its past stays. Archiving it again changes nothing.
pub async fn archive(app: &App, caller: &Caller, id: SegmentId) -> Result<Model, Error> {
    let transaction = app.db().begin().await?;
    let Some(mut segment) = store::by_id(&transaction, id).await? else {
        return Err(not_found());
    };
    if segment.archived_at.is_some() {
        return Ok(segment);
    }
    let own = Reference::Segment(segment.key.clone());
    if let Some(other) = References::read(&transaction).await?.asking_for(&own) {
        let message = format!("The {other} asks for it.");
        return Err(Error::violation("id", "CONFLICT", message));
    }
    let now = app.now();
    segment.archived_at = Some(now);
    segment.defined = sweep::begin_segment(&transaction, now, id, None).await?;
    changed(app, transaction, caller, "segment.archive", segment).await
}

/// Stores what a person decides of profiles, and makes it true at once.
pub async fn pin(
    app: &App,
    caller: &Caller,
    id: SegmentId,
    profiles: &[ProfileId],
    pin: Pin,
) -> Result<Model, Error> {
    if profiles.is_empty() || profiles.len() > MAX_PINNED {
        let message = format!("Name 1 to {MAX_PINNED} profiles.");
        return Err(Error::violation("profiles", "INVALID", message));
    }
    let now = app.now();
    let transaction = app.db().begin().await?;
    let segment = changeable(&transaction, id).await?;
    let present = present(&transaction, profiles).await?;
    match pin {
        Pin::Included | Pin::Excluded => {
            let included = pin == Pin::Included;
            let actor = caller.actor();
            store::pin(&transaction, id, &present, included, &actor, now).await?;
        }
        Pin::Released => {
            store::unpin(&transaction, id, &present).await?;
        }
    }
    store::make_due(&transaction, &present, now).await?;
    let details =
        json!({ "segment": segment.key, "decision": format!("{pin:?}"), "profiles": present });
    let actor = caller.actor();
    let entry = audit::Entry {
        actor: &actor,
        action: "segment.members",
        subject: segment.id.to_string(),
        details,
    };
    audit::append(&transaction, app.ids(), now, &[entry]).await?;
    transaction.commit().await?;
    app.writer().stand(Step::Profiles(present)).await?;
    Ok(segment)
}

/// The segment with this id, archived or not.
pub async fn find(app: &App, id: SegmentId) -> Result<Option<Model>, Error> {
    Ok(store::by_id(app.db().read(), id).await?)
}

/// The segment with this key, archived or not.
pub async fn find_by_key(app: &App, key: &str) -> Result<Option<Model>, Error> {
    Ok(store::by_key(app.db().read(), key).await?)
}

/// The segments with these ids, archived or not.
pub async fn by_ids(
    app: &App,
    ids: impl IntoIterator<Item = SegmentId>,
) -> Result<Vec<Model>, Error> {
    Ok(store::by_ids(app.db().read(), ids).await?)
}

/// A part of the list of segments, the newest first.
pub async fn list(
    app: &App,
    archived: bool,
    page: &Page,
    want_total: bool,
) -> Result<Listed<Model>, Error> {
    Ok(store::list(app.db().read(), archived, page, want_total).await?)
}

/// The segments that decide who is a member: those that are not archived.
pub(crate) async fn decided(
    connection: &impl ConnectionTrait,
) -> Result<Vec<standing::Segment>, DbErr> {
    store::decided(connection).await
}

/// How far all profiles are decided by what is defined; none if nothing ever was.
pub async fn progress(app: &App) -> Result<Option<sweep::Progress>, Error> {
    Ok(sweep::progress(app.db().read()).await?)
}

/// The condition of a segment; none if it is a list.
pub fn condition(segment: &Model) -> Result<Option<Condition>, Error> {
    Ok(store::condition(segment)?)
}

/// Resolves former ids.
async fn present(
    transaction: &DatabaseTransaction,
    profiles: &[ProfileId],
) -> Result<Vec<ProfileId>, Error> {
    let (mut present, mut missing) = (Vec::new(), Vec::new());
    for (place, profile) in profiles.iter().enumerate() {
        match identity::store::current_profile(transaction, *profile).await? {
            Some(current) if present.contains(&current) => {}
            Some(current) => present.push(current),
            None => missing.push(Violation {
                field: vec!["profiles".to_owned(), place.to_string()],
                code: "NOT_FOUND",
                message: "There is no such profile.".to_owned(),
            }),
        }
    }
    if missing.is_empty() {
        Ok(present)
    } else {
        Err(Error::Invalid(missing))
    }
}

fn stored(condition: Option<&Condition>) -> Result<Option<JsonValue>, Error> {
    condition
        .map(serde_json::to_value)
        .transpose()
        .map_err(|error| Error::Internal(format!("a condition is not written: {error}")))
}

/// What a repeated creation is answered: the segment as it is now.
async fn repeated(transaction: &DatabaseTransaction, kept: &JsonValue) -> Result<Model, Error> {
    let id = kept["id"].as_str().and_then(|id| id.parse().ok());
    let segment = match id {
        Some(id) => store::by_id(transaction, id).await?,
        None => None,
    };
    segment.ok_or_else(|| Error::Internal("a kept answer names no segment".into()))
}

/// The segment with this id, if it can be changed.
async fn changeable(transaction: &DatabaseTransaction, id: SegmentId) -> Result<Model, Error> {
    let segment = store::by_id(transaction, id).await?.ok_or_else(not_found)?;
    if segment.archived_at.is_some() {
        return Err(Error::violation(
            "id",
            "ARCHIVED",
            "The segment is archived.",
        ));
    }
    Ok(segment)
}

fn not_found() -> Error {
    Error::violation("id", "NOT_FOUND", "There is no such segment.")
}

fn refuse_stale(segment: &Model, expected: Option<i64>) -> Result<(), Error> {
    if expected.is_some_and(|version| version != segment.version) {
        return Err(Error::stale("segment", segment.version));
    }
    Ok(())
}

/// Refuses a condition that would ask for itself, or for what was archived since it was checked: within the transaction nobody else
/// changes what is defined.
async fn refuse_references(
    connection: &impl ConnectionTrait,
    key: &str,
    condition: Option<&Condition>,
) -> Result<(), Error> {
    let own = Reference::Segment(key.to_owned());
    let conditions: Vec<Condition> = condition.into_iter().cloned().collect();
    let references = References::read(connection).await?;
    references
        .check(&own, &conditions)
        .map_err(|error| Error::violation("condition", "CONFLICT", error.to_string()))?;
    if let Some(missing) = references.missing(&conditions) {
        let message = format!("There is no {missing}.");
        return Err(Error::violation("condition", "NOT_FOUND", message));
    }
    Ok(())
}

/// Stores a changed segment.
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

/// Enters what was done to a segment into the audit log, but for its definition, which may name a person.
async fn tell(
    app: &App,
    transaction: &DatabaseTransaction,
    caller: &Caller,
    action: &'static str,
    segment: &Model,
) -> Result<(), DbErr> {
    let actor = caller.actor();
    let entry = audit::Entry {
        actor: &actor,
        action,
        subject: segment.id.to_string(),
        details: json!({
            "key": segment.key,
            "version": segment.version,
        }),
    };
    audit::append(transaction, app.ids(), app.now(), &[entry]).await
}
