//! What can be done with items in quarantine.

use std::sync::Arc;

use lazo_domain::access::Scope;
use lazo_domain::id::QuarantineId;
use lazo_entity::quarantine::Model;
use lazo_entity::source;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{ALREADY_REPLAYED, State, store};
use crate::app::App;
use crate::audit;
use crate::auth::caller::Caller;
use crate::error::Error;
use crate::page::{Listed, Page};
use crate::source::service as sources;
use crate::touchpoint::decoding::{DecodingRules, Kept, again};
use crate::touchpoint::{Answer, Incoming, Speaker};

/// An item that was replayed.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The item as it is now.
    pub item: Model,
    /// What became of it.
    pub answer: Answer,
}

/// The item with this id, replayed or not.
pub async fn find(app: &App, id: QuarantineId) -> Result<Option<Model>, Error> {
    Ok(store::by_id(app.db().read(), id).await?)
}

/// A part of the list of all items, or of those in one state, the newest first.
pub async fn list(
    app: &App,
    state: Option<State>,
    page: &Page,
    want_total: bool,
) -> Result<Listed<Model>, Error> {
    Ok(store::list(app.db().read(), state, page, want_total).await?)
}

/// How many items wait, counted up to a bound.
pub async fn waiting(app: &App, most: u64) -> Result<u64, Error> {
    Ok(store::waiting(app.db().read(), most).await?)
}

/// Sends an item once more, as it came or as it was mended. What still cannot be used goes on waiting.
pub async fn replay(
    app: &App,
    caller: &Caller,
    id: QuarantineId,
    mended: Option<&Json>,
) -> Result<Replayed, Error> {
    let item = find(app, id).await?.ok_or_else(|| not_found("item"))?;
    if item.state == State::Replayed.as_str() {
        return Err(replayed_before());
    }
    let source = sources::find(app, item.source_id)
        .await?
        .ok_or_else(|| not_found("source"))?;
    // What is mended speaks in the name of the source, which vouches for who belongs together.
    if mended.is_some() && source.trusted && !caller.has(Scope::ProfilesMerge) {
        let needs = Scope::ProfilesMerge.to_string();
        return Err(Error::Forbidden { needs });
    }
    let incoming = incoming(app, &item, source, mended)?;
    tell(app, caller, &item, mended.is_some()).await?;
    let answer = app.writer().record(vec![incoming]).await?.pop();
    let answer = answer.ok_or_else(|| Error::Internal("a replay had no answer".into()))?;
    // Another replay may have come first since the item was read: only the writer's own look is safe.
    if answer.code == Some(ALREADY_REPLAYED) {
        return Err(replayed_before());
    }
    let item = find(app, id).await?.unwrap_or(item);
    Ok(Replayed { item, answer })
}

fn replayed_before() -> Error {
    Error::violation("id", "CONFLICT", "The item was replayed before.")
}

fn not_found(what: &str) -> Error {
    Error::violation("id", "NOT_FOUND", format!("There is no such {what}."))
}

/// The item on its way to the writer, read by the rules of now.
fn incoming(
    app: &App,
    item: &Model,
    source: source::Model,
    mended: Option<&Json>,
) -> Result<Incoming, Error> {
    let raw = mended.map_or_else(
        || item.raw.clone(),
        |mended| mended.to_string().into_bytes(),
    );
    // An item without an id of its own gets one that stays the same, so that two replays at a time count once.
    let assigned = item.id.0;
    let envelope = Kept::deserialize(&item.envelope)
        .map_err(|error| Error::Internal(format!("an envelope in quarantine: {error}")))?;
    let rules = DecodingRules::of(app);
    let content = again(&raw, &envelope, &source, &rules, assigned);
    Ok(Incoming {
        source: Arc::new(source),
        raw,
        envelope,
        content,
        target: None,
        replays: Some(item.id),
        speaker: Speaker::Source,
    })
}

/// Enters the replay into the audit log before it happens: none goes unseen, whatever becomes of it.
async fn tell(app: &App, caller: &Caller, item: &Model, mended: bool) -> Result<(), Error> {
    let actor = caller.actor();
    let entry = audit::Entry {
        actor: &actor,
        action: "quarantine.replay",
        subject: item.id.to_string(),
        details: json!({ "source": item.source_id, "code": item.code, "mended": mended }),
    };
    let transaction = app.db().begin().await?;
    audit::append(&transaction, app.ids(), app.now(), &[entry]).await?;
    transaction.commit().await?;
    Ok(())
}
