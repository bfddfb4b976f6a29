//! What can be done with touchpoints.

use std::sync::Arc;

use lazo_domain::access::Scope;
use lazo_domain::id::{FragmentId, ProfileId, SourceId, TouchpointId};
use lazo_entity::{source as source_row, touchpoint};
use serde_json::{Value as Json, json};

use super::read::{self, Filter};
use super::{Answer, Incoming, decoding, reading};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::Error;
use crate::page::{Listed, Page};
use crate::writer::Holder;
use crate::{profile, source};

/// A part of the touchpoints of a profile.
pub async fn list(
    app: &App,
    profile: ProfileId,
    filter: &Filter,
    page: &Page,
    want_total: bool,
) -> Result<Listed<touchpoint::Model>, Error> {
    Ok(read::of_profile(app.db().read(), profile, filter, page, want_total).await?)
}

/// A part of the touchpoints of fragments.
pub async fn of_fragments(
    app: &App,
    fragments: impl IntoIterator<Item = FragmentId>,
    page: &Page,
    want_total: bool,
) -> Result<Listed<touchpoint::Model>, Error> {
    Ok(read::of_fragments(app.db().read(), fragments, page, want_total).await?)
}

/// Touchpoints, as far as the caller may see their profiles.
pub async fn by_ids(
    app: &App,
    caller: Option<&Caller>,
    ids: &[TouchpointId],
) -> Result<Vec<touchpoint::Model>, Error> {
    let mut found = read::by_ids(app.db().read(), ids.iter().copied()).await?;
    let fragments: Vec<_> = found
        .iter()
        .map(|touchpoint| ProfileId(touchpoint.fragment_id.0))
        .collect();
    let shown = profile::service::resolve(app, caller, &fragments).await?;
    found.retain(|touchpoint| shown.contains_key(&ProfileId(touchpoint.fragment_id.0)));
    Ok(found)
}

/// Records touchpoints in the name of a source, as if its client had sent them in one request of the protocol.
///
/// What a trusted source says ties identifiers together as a merge does, so the caller needs the scope of merges for it. The
/// built-in source says only what Lazo itself records.
pub async fn record(
    app: &App,
    caller: &Caller,
    source: SourceId,
    items: Vec<Json>,
) -> Result<Vec<Answer>, Error> {
    if items.is_empty() {
        return Err(Error::violation(
            "touchpoints",
            "INVALID",
            "Send at least one touchpoint.",
        ));
    }
    let missing = || Error::violation("source", "NOT_FOUND", "There is no such source.");
    let source = Arc::new(
        source::service::find(app, source)
            .await?
            .ok_or_else(missing)?,
    );
    if source.name == source::service::BUILT_IN {
        let message = "The built-in source takes only what Lazo itself records.";
        return Err(Error::violation("source", "CONFLICT", message));
    }
    if source.trusted && !caller.has(Scope::ProfilesMerge) {
        return Err(Error::Forbidden {
            needs: Scope::ProfilesMerge.as_str().to_owned(),
        });
    }
    if source.archived_at.is_some() {
        let message = "The source is archived and takes nothing more.";
        return Err(Error::violation("source", "ARCHIVED", message));
    }
    send(app, &source, &items, std::convert::identity).await
}

/// Records items as if a client of the source had sent them in one request. What they were read as goes through `prepare` first.
pub(super) async fn send(
    app: &App,
    source: &Arc<source_row::Model>,
    items: &[Json],
    prepare: impl FnOnce(Vec<Incoming>) -> Vec<Incoming>,
) -> Result<Vec<Answer>, Error> {
    let received_at = app.now();
    let body = json!({ "batch": items }).to_string().into_bytes();
    let _share = app.writer().admit(body.len(), Holder::Trusted)?;
    let request = reading::read(&body, None, items.len())
        .map_err(|problem| Error::Internal(problem.to_string()))?;
    let mut assign = || app.ids().next(received_at);
    let rules = app.rules();
    let read = decoding::incoming(&request, source, None, received_at, &rules, &mut assign);
    let items = prepare(read);
    if source.live {
        app.writer().record(items).await
    } else {
        Ok(items.iter().map(Answer::of_test).collect())
    }
}
