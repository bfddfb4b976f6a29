//! What can be done with sources.

use lazo_domain::id::SourceId;
use lazo_domain::touchpoint::Channel;
use lazo_entity::source::Model;
use sea_orm::{DatabaseTransaction, JsonValue};
use serde_json::json;

use super::input::{Create, Settings, Update};
use super::store;
use crate::app::App;
use crate::audit;
use crate::auth::caller::Caller;
use crate::auth::opaque::{OpaqueKind, OpaqueToken};
use crate::error::Error;
use crate::idempotency::{self, Earlier};
use crate::page::{Listed, Page};
use crate::writer::Once;

/// The name of the source of what Lazo itself records.
pub const BUILT_IN: &str = "lazo";
/// The name of the creation among the operations that can be repeated.
const CREATE: &str = "sourceCreate";

/// A source, and its new key where it got one: shown once and kept nowhere.
#[derive(Debug)]
pub struct Keyed {
    /// The source.
    pub source: Model,
    /// The new key; none where there is none, or it was shown before.
    pub key: Option<OpaqueToken>,
}

/// Creates a source with a key.
pub async fn create(
    app: &App,
    caller: &Caller,
    create: &Create,
    once: Option<&Once>,
) -> Result<Keyed, Error> {
    let settings = Settings::of_new(create).map_err(Error::Invalid)?;
    let transaction = app.db().begin().await?;
    match idempotency::look_up(&transaction, once, CREATE).await? {
        Earlier::None => {}
        Earlier::Same(kept) => return repeated(&transaction, &kept).await,
        Earlier::Other => return Err(Error::key_reused()),
    }
    refuse_taken(&transaction, &settings.name, None).await?;
    let (row, key) = new_row(app, settings, create.trusted, create.live)?;
    let source = store::insert(&transaction, row).await?;
    tell(app, &transaction, caller, "source.create", &source).await?;
    let kept = json!({ "id": source.id });
    idempotency::remember(&transaction, once, CREATE, &kept, app.now()).await?;
    transaction.commit().await?;
    app.forget_source(&source).await;
    Ok(Keyed {
        source,
        key: Some(key),
    })
}

/// Changes a source.
pub async fn update(app: &App, caller: &Caller, update: &Update) -> Result<Keyed, Error> {
    let transaction = app.db().begin().await?;
    let before = changeable(&transaction, update.id).await?;
    if before.archived_at.is_some() {
        return Err(Error::violation(
            "id",
            "ARCHIVED",
            "The source is archived.",
        ));
    }
    if update
        .expected_version
        .is_some_and(|version| version != before.version)
    {
        return Err(Error::stale("source", before.version));
    }
    let settings = Settings::of_changed(&before, update).map_err(Error::Invalid)?;
    refuse_taken(&transaction, &settings.name, Some(before.id)).await?;
    let mut after = Model {
        name: settings.name,
        channel: settings.channel.as_str().to_owned(),
        shop: settings.shop,
        region: settings.region,
        links_known: settings.links_known,
        ..before.clone()
    };
    if update.drop_second_key {
        (after.second_key_hash, after.second_key_hint) = (None, None);
    }
    let key = if update.rotate_key {
        Some(rotate(app, &mut after)?)
    } else {
        None
    };
    if after == before {
        return Ok(Keyed {
            source: before,
            key,
        });
    }
    let source = changed(app, transaction, caller, "source.update", &before, after).await?;
    Ok(Keyed { source, key })
}

/// Archives a source: its keys are refused from now on. Archiving it again changes nothing.
pub async fn archive(app: &App, caller: &Caller, id: SourceId) -> Result<Model, Error> {
    let transaction = app.db().begin().await?;
    let before = changeable(&transaction, id).await?;
    if before.archived_at.is_some() {
        return Ok(before);
    }
    let after = Model {
        archived_at: Some(app.now()),
        ..before.clone()
    };
    changed(app, transaction, caller, "source.archive", &before, after).await
}

/// The source with this id, archived or not.
pub async fn find(app: &App, id: SourceId) -> Result<Option<Model>, Error> {
    Ok(store::by_id(app.db().read(), id).await?)
}

/// The source of that name, archived or not.
pub async fn find_by_name(app: &App, name: &str) -> Result<Option<Model>, Error> {
    Ok(store::by_name(app.db().read(), name).await?)
}

/// The sources with these ids, archived or not.
pub async fn by_ids(
    app: &App,
    ids: impl IntoIterator<Item = SourceId>,
) -> Result<Vec<Model>, Error> {
    Ok(store::by_ids(app.db().read(), ids).await?)
}

/// A part of the list of all sources, the newest first.
pub async fn list(app: &App, page: &Page, want_total: bool) -> Result<Listed<Model>, Error> {
    Ok(store::list(app.db().read(), page, want_total).await?)
}

/// The source of what Lazo itself records, created at its first use. Nobody holds its key.
pub async fn built_in(app: &App) -> Result<Model, Error> {
    if let Some(source) = store::by_name(app.db().read(), BUILT_IN).await? {
        return Ok(source);
    }
    let transaction = app.db().begin().await?;
    if let Some(source) = store::by_name(&transaction, BUILT_IN).await? {
        return Ok(source);
    }
    let settings = Settings {
        name: BUILT_IN.to_owned(),
        channel: Channel::Other,
        shop: "main".to_owned(),
        region: None,
        links_known: false,
    };
    let (row, _) = new_row(app, settings, true, true)?;
    let source = store::insert(&transaction, row).await?;
    tell(app, &transaction, &Caller::Local, "source.create", &source).await?;
    transaction.commit().await?;
    Ok(source)
}

/// What a repeated creation is answered: the source as it is now, and no key.
async fn repeated(transaction: &DatabaseTransaction, kept: &JsonValue) -> Result<Keyed, Error> {
    let id = kept["id"].as_str().and_then(|id| id.parse().ok());
    let source = match id {
        Some(id) => store::by_id(transaction, id).await?,
        None => None,
    };
    let source = source.ok_or_else(|| Error::Internal("a kept answer names no source".into()))?;
    Ok(Keyed { source, key: None })
}

/// The source with this id, if it is one that people may change.
async fn changeable(transaction: &DatabaseTransaction, id: SourceId) -> Result<Model, Error> {
    let source = store::by_id(transaction, id)
        .await?
        .ok_or_else(|| Error::violation("id", "NOT_FOUND", "There is no such source."))?;
    if source.name == BUILT_IN {
        return Err(Error::violation(
            "id",
            "CONFLICT",
            "The built-in source does not change.",
        ));
    }
    Ok(source)
}

async fn refuse_taken(
    transaction: &DatabaseTransaction,
    name: &str,
    own: Option<SourceId>,
) -> Result<(), Error> {
    match store::by_name(transaction, name).await? {
        Some(other) if Some(other.id) != own => Err(Error::violation(
            "name",
            "TAKEN",
            "Another source has this name.",
        )),
        _ => Ok(()),
    }
}

fn new_row(
    app: &App,
    settings: Settings,
    trusted: bool,
    live: bool,
) -> Result<(Model, OpaqueToken), Error> {
    let now = app.now();
    let key = draw_key()?;
    let row = Model {
        id: app.ids().next(now),
        name: settings.name,
        channel: settings.channel.as_str().to_owned(),
        trusted,
        live,
        shop: settings.shop,
        region: settings.region,
        links_known: settings.links_known,
        allowed_origins: JsonValue::Array(Vec::new()),
        key_hash: key.hash(app.secret()),
        key_hint: key.hint(),
        second_key_hash: None,
        second_key_hint: None,
        created_at: now,
        archived_at: None,
        version: 1,
    };
    Ok((row, key))
}

/// Gives the source a new key; the present one becomes the second.
fn rotate(app: &App, source: &mut Model) -> Result<OpaqueToken, Error> {
    let key = draw_key()?;
    let old_hash = std::mem::replace(&mut source.key_hash, key.hash(app.secret()));
    let old_hint = std::mem::replace(&mut source.key_hint, key.hint());
    (source.second_key_hash, source.second_key_hint) = (Some(old_hash), Some(old_hint));
    Ok(key)
}

fn draw_key() -> Result<OpaqueToken, Error> {
    OpaqueToken::generate(OpaqueKind::Source).map_err(|error| Error::Internal(error.to_string()))
}

/// Stores a changed source and makes the change count in this process at once.
async fn changed(
    app: &App,
    transaction: DatabaseTransaction,
    caller: &Caller,
    action: &'static str,
    before: &Model,
    mut after: Model,
) -> Result<Model, Error> {
    after.version = before.version + 1;
    let after = store::update(&transaction, after).await?;
    tell(app, &transaction, caller, action, &after).await?;
    transaction.commit().await?;
    app.forget_source(before).await;
    app.forget_source(before).await;
    app.forget_source(&after).await;
    Ok(after)
}

/// Enters what was done to a source into the audit log: its settings and the ends of its keys.
async fn tell(
    app: &App,
    transaction: &DatabaseTransaction,
    caller: &Caller,
    action: &'static str,
    source: &Model,
) -> Result<(), Error> {
    let details = json!({
        "name": source.name,
        "channel": source.channel,
        "trusted": source.trusted,
        "live": source.live,
        "shop": source.shop,
        "region": source.region,
        "linksKnown": source.links_known,
        "keyHint": source.key_hint,
        "secondKeyHint": source.second_key_hint,
        "version": source.version,
    });
    let subject = source.id.to_string();
    let actor = caller.actor();
    let entry = audit::Entry {
        actor: &actor,
        action,
        subject,
        details,
    };
    Ok(audit::append(transaction, app.ids(), app.now(), &[entry]).await?)
}
