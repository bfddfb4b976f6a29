//! Recording what a visitor of a storefront sends of themself.
//!
//! The visitor token says whose the touchpoints are, and nothing that an item says ties anybody else to them: whoever holds a token
//! can write into the profile of its subjects alone. The source is a public one, so that its channel, shop and origins hold; its key
//! gives no right beyond that.

use std::sync::Arc;
use std::time::Duration;

use lazo_domain::identity::Namespace;
use lazo_domain::touchpoint::{Claim, Note};
use lazo_entity::source::Model;
use serde_json::Value as Json;

use super::{Answer, Content, Incoming, Speaker, service};
use crate::app::App;
use crate::error::Error;
use crate::source;

/// When to come back while keys cannot be checked.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// What a visitor sends.
pub struct Sent<'a> {
    /// The key of the source in whose name it is sent.
    pub source_key: &'a str,
    /// The origin of the page that sends it, if the browser says so.
    pub origin: Option<&'a str>,
    /// Items of the protocol, without identifiers of the person.
    pub items: Vec<Json>,
}

/// Records what a visitor sends, as that of the subjects (namespace and value) of their token.
pub async fn record(
    app: &App,
    subjects: &[(String, String)],
    sent: Sent<'_>,
) -> Result<Vec<Answer>, Error> {
    if sent.items.is_empty() {
        let message = "Send at least one touchpoint.";
        return Err(Error::violation("touchpoints", "INVALID", message));
    }
    let source = public_source(app, sent.source_key, sent.origin).await?;
    let items: Vec<_> = sent
        .items
        .into_iter()
        .map(|item| addressed(item, subjects))
        .collect();
    let own = |items: Vec<Incoming>| -> Vec<Incoming> {
        items
            .into_iter()
            .map(|item| spoken_by(item, subjects))
            .collect()
    };
    service::send(app, &source, &items, own).await
}

/// The source of a key that a page may hold.
pub(crate) async fn public_source(
    app: &App,
    key: &str,
    origin: Option<&str>,
) -> Result<Arc<Model>, Error> {
    let violation =
        |code: &'static str, message: &str| Error::violation("sourceKey", code, message);
    let found = app.source_keys().find(key).await;
    let source = found
        .map_err(|_| Error::Unavailable {
            retry_after: RETRY_AFTER,
        })?
        .ok_or_else(|| violation("NOT_FOUND", "There is no source with this key."))?;
    if source.archived_at.is_some() {
        let message = "The source is archived and takes nothing more.";
        return Err(violation("ARCHIVED", message));
    }
    if source.trusted {
        let message = "This key is a backend's, and not for pages; create another one, as this one may be known.";
        return Err(violation("CONFLICT", message));
    }
    if !source::origin::allows(&source, origin.map(str::as_bytes)) {
        return Err(Error::Forbidden {
            needs: "a page of an origin that the source lists".to_owned(),
        });
    }
    Ok(source)
}

/// The item with the identifiers of the subjects.
fn addressed(mut item: Json, subjects: &[(String, String)]) -> Json {
    for (namespace, value) in subjects {
        let field = if *namespace == Namespace::customer_id().as_str() {
            "userId"
        } else {
            "anonymousId"
        };
        item[field] = Json::String(value.clone());
    }
    item
}

/// The item as the word of the subjects, without claims on any other identifier.
fn spoken_by(mut item: Incoming, subjects: &[(String, String)]) -> Incoming {
    let is_own = |claim: &Claim| {
        subjects.iter().any(|(namespace, value)| {
            claim.namespace.as_str() == namespace && claim.value == *value
        })
    };
    let is_customer =
        |(namespace, _): &(String, String)| *namespace == Namespace::customer_id().as_str();
    item.speaker = if subjects.iter().any(is_customer) {
        Speaker::Customer
    } else {
        Speaker::Device
    };
    if let Content::Touchpoint(touchpoint) = &mut item.content {
        touchpoint.alias_of = None;
        let before = touchpoint.claims.len();
        touchpoint.claims.retain(is_own);
        if touchpoint.claims.len() < before {
            touchpoint.notes.push(Note::IdentifierIgnored);
            touchpoint.notes.sort_unstable();
        }
    }
    item
}
