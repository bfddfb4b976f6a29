//! What can be asked about identifiers and the identity log.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use lazo_domain::id::{FragmentId, IdentityLinkId, ProfileId};
use lazo_domain::identity::{Namespace, normalise};
use lazo_entity::identity_link;
use sea_orm::{ConnectionTrait, DbErr};

use super::hints::Hint;
use super::{IdentifierRow, cut, read, store};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::Error;
use crate::page::{Listed, Page};
use crate::profile;
use crate::profile::hot::Present;

/// An identifier that was found.
pub struct Found {
    /// The profile that it points at.
    pub profile: Arc<Present>,
    /// The fragment that it points at.
    pub fragment: FragmentId,
}

/// The profile that an identifier points at, by its value as people write it. A value that ingestion would not use points at
/// none.
///
/// Where it led before is where it is looked for first, and holds only if it is found there. Whoever asks for a `min_version`
/// has seen a change that this process may not know of, so that it asks the database.
pub async fn find(
    app: &App,
    namespace: &str,
    value: &str,
    min_version: Option<i64>,
) -> Result<Option<Found>, Error> {
    if min_version.is_none()
        && let Some(hint) = app.hints().get(namespace, value).await
        && let Some(profile) = profile::service::present(app, hint.profile, None).await?
        && let Some(row) = profile.identifier(&hint.namespace, &hint.value)
    {
        let fragment = row.fragment;
        return Ok(Some(Found { profile, fragment }));
    }
    let Some(known) = Namespace::new(namespace) else {
        return Ok(None);
    };
    let Ok(normal) = normalise(&known, value, None, &app.rules().worthless) else {
        return Ok(None);
    };
    let Some((fragment, id)) = read::owner(app.db().read(), &known, &normal).await? else {
        return Ok(None);
    };
    let Some(mut found) = profile::service::present(app, id, min_version).await? else {
        return Ok(None);
    };
    if found.component_of(fragment).is_none() {
        // What is hot here is older than what the database has just said.
        let newer = Some(found.version.saturating_add(1));
        let Some(newest) = profile::service::present(app, id, newer).await? else {
            return Ok(None);
        };
        found = newest;
    }
    let hint = Hint {
        namespace: known,
        value: normal,
        profile: found.id,
    };
    app.hints().remember(namespace, value, hint).await;
    Ok(Some(Found {
        profile: found,
        fragment,
    }))
}

/// The identifiers of profiles as far as they are shown, the strongest namespace first.
pub async fn identifiers(
    app: &App,
    profiles: impl IntoIterator<Item = ProfileId>,
) -> Result<HashMap<ProfileId, Vec<IdentifierRow>>, Error> {
    let mut sorted: HashMap<ProfileId, Vec<IdentifierRow>> = HashMap::new();
    for (profile, row) in read::identifiers(app.db().read(), profiles).await? {
        sorted.entry(profile).or_default().push(row);
    }
    for rows in sorted.values_mut() {
        cut(rows);
    }
    Ok(sorted)
}

/// A part of the identity log of a profile.
pub async fn log(
    app: &App,
    profile: ProfileId,
    page: &Page,
    want_total: bool,
) -> Result<Listed<identity_link::Model>, Error> {
    Ok(read::log(app.db().read(), profile, page, want_total).await?)
}

/// Entries of the identity log, as far as the caller may see their profiles.
pub async fn log_entries(
    app: &App,
    caller: Option<&Caller>,
    ids: &[IdentityLinkId],
) -> Result<Vec<identity_link::Model>, Error> {
    let mut entries = read::log_entries(app.db().read(), ids.iter().copied()).await?;
    let profiles: Vec<_> = entries.iter().map(|entry| entry.profile_id).collect();
    let shown = profile::service::resolve(app, caller, &profiles).await?;
    entries.retain(|entry| shown.contains_key(&entry.profile_id));
    Ok(entries)
}

/// The fragments of a profile, named by its present id, whose word counts for the whole of it.
pub(crate) async fn vouched(
    connection: &impl ConnectionTrait,
    profile: ProfileId,
) -> Result<HashSet<FragmentId>, DbErr> {
    let graph = store::load_profiles(connection, &[profile]).await?;
    Ok(graph.vouched_fragments(profile))
}
