//! Edits of a profile's traits by hand: each is a touchpoint of the built-in source.

use std::collections::BTreeSet;
use std::sync::Arc;

use lazo_domain::id::ProfileId;
use lazo_domain::touchpoint::{
    Envelope, Kind, Refusal, RefusalCode, Rules, SourceProfile, Touchpoint, decode,
};
use lazo_entity::source;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::{By, find};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::Error;
use crate::profile::hot::Present;
use crate::touchpoint::decoding::Kept;
use crate::touchpoint::{Content, Incoming, Speaker};
use crate::writer::{Edit, EditOutcome, Once};

/// The name of the touchpoint that an edit is.
const NAME: &str = "Profile Updated";

/// An edit of a profile's traits.
pub struct Update {
    /// The profile, under its present or a former id.
    pub profile: ProfileId,
    /// What traits are set to; null removes one.
    pub set: Map<String, Json>,
    /// The traits that are removed.
    pub unset: Vec<String>,
    /// The version the caller saw, if it minds.
    pub expected_version: Option<i64>,
    /// Against repeats.
    pub once: Option<Once>,
}

/// Changes traits of a profile, and returns it as it is then.
pub async fn update(app: &App, caller: &Caller, update: Update) -> Result<Arc<Present>, Error> {
    let missing = || Error::violation("id", "NOT_FOUND", "There is no such profile.");
    find(app, Some(caller), By::Id(update.profile), None)
        .await?
        .ok_or_else(missing)?;
    let source = Arc::new(crate::source::service::built_in(app).await?);
    let edit = Edit {
        profile: update.profile,
        expected_version: update.expected_version,
        item: item(app, source, &traits(update.set, update.unset)?)?,
        actor: caller.actor(),
        once: update.once,
    };
    match app.writer().edit(edit).await? {
        EditOutcome::Done(id) => find(app, Some(caller), By::Id(id), None)
            .await?
            .ok_or_else(missing),
        EditOutcome::NotFound => Err(missing()),
        EditOutcome::Stale(version) => {
            let message = format!("The profile has changed: it is at version {version}.");
            Err(Error::violation(
                "expectedVersion",
                "STALE_VERSION",
                message,
            ))
        }
        EditOutcome::KeyReused => Err(super::key_reused()),
    }
}

/// The traits as one object in which null removes.
fn traits(set: Map<String, Json>, unset: Vec<String>) -> Result<Map<String, Json>, Error> {
    let removed: BTreeSet<_> = unset.into_iter().collect();
    if set.keys().any(|name| removed.contains(name)) {
        return Err(Error::violation(
            "unset",
            "INVALID",
            "A trait is both set and unset.",
        ));
    }
    let mut traits = set;
    traits.extend(removed.into_iter().map(|name| (name, Json::Null)));
    if traits.is_empty() {
        return Err(Error::violation(
            "set",
            "INVALID",
            "Set or unset at least one trait.",
        ));
    }
    Ok(traits)
}

fn item(
    app: &App,
    source: Arc<source::Model>,
    traits: &Map<String, Json>,
) -> Result<Incoming, Error> {
    let message_id = app.ids().next::<Uuid>(app.now()).to_string();
    let item = json!({ "type": "identify", "messageId": message_id, "anonymousId": message_id, "traits": traits });
    let raw = item.to_string().into_bytes();
    let touchpoint = touchpoint(app, &raw, &message_id).map_err(|refusal| refused(&refusal))?;
    Ok(Incoming {
        source,
        raw,
        envelope: Kept::alone(touchpoint.clocks.received_at),
        content: Content::Touchpoint(Box::new(touchpoint)),
        target: None,
        replays: None,
        speaker: Speaker::Source,
    })
}

/// Reads an edit as ingestion reads an identify, so that the same limits hold; but it is addressed to a profile and claims nothing.
fn touchpoint(app: &App, raw: &[u8], message_id: &str) -> Result<Touchpoint, Refusal> {
    let rules = app.rules();
    let envelope = Envelope {
        received_at: app.now(),
        sent_at: None,
        kind: Some(Kind::Identify),
        context: None,
        integrations: None,
    };
    let source = SourceProfile {
        channel: lazo_domain::touchpoint::Channel::Other,
        region: None,
    };
    let rules = Rules {
        earliest_event: rules.earliest_event,
        worthless: &rules.worthless,
        currency: &rules.currency,
    };
    let read = decode(raw, 0, &envelope, &source, &rules, message_id)?;
    Ok(Touchpoint {
        name: NAME.to_owned(),
        claims: Vec::new(),
        dropped: Vec::new(),
        alias_of: None,
        // The person at the company was there, the customer was not.
        active: false,
        ..read
    })
}

fn refused(refusal: &Refusal) -> Error {
    let code = match refusal.code {
        RefusalCode::TooManyTraits | RefusalCode::EventTooLarge => "LIMIT_EXCEEDED",
        _ => "INVALID",
    };
    Error::violation("set", code, refusal.reason.clone())
}
