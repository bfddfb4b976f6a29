//! What can be asked about identifiers and the identity log.

use std::cmp::Reverse;
use std::collections::HashMap;

use lazo_domain::id::{IdentityLinkId, ProfileId};
use lazo_domain::identity::{Graph, Namespace, normalise};
use lazo_entity::{identifier, identity_link};

use super::{read, store};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::Error;
use crate::page::{Listed, Page};
use crate::profile;

/// The most identifiers of a profile that are shown.
const MOST_SHOWN: usize = 1_000;

/// The profile that an identifier points at. A value that ingestion would not use points at none.
pub async fn profile_of(
    app: &App,
    namespace: &str,
    value: &str,
) -> Result<Option<ProfileId>, Error> {
    Ok(find(app, namespace, value)
        .await?
        .map(|(_, profile)| profile))
}

/// An identifier by its value as people write it, and its profile.
pub async fn find(
    app: &App,
    namespace: &str,
    value: &str,
) -> Result<Option<(identifier::Model, ProfileId)>, Error> {
    let Some(namespace) = Namespace::new(namespace) else {
        return Ok(None);
    };
    let Ok(value) = normalise(&namespace, value, None, &app.rules().worthless) else {
        return Ok(None);
    };
    Ok(store::find_identifier(app.db().read(), &namespace, &value).await?)
}

/// The fragments, identifiers and edges of a profile.
pub async fn graph(app: &App, profile: ProfileId) -> Result<Graph, Error> {
    Ok(store::load_profiles(app.db().read(), &[profile]).await?)
}

/// The identifiers of profiles, the strongest namespace first.
pub async fn identifiers(
    app: &App,
    profiles: impl IntoIterator<Item = ProfileId>,
) -> Result<HashMap<ProfileId, Vec<identifier::Model>>, Error> {
    let mut sorted: HashMap<ProfileId, Vec<identifier::Model>> = HashMap::new();
    for (profile, model) in read::identifiers(app.db().read(), profiles).await? {
        if !Namespace::new(&model.namespace).is_some_and(|namespace| namespace.is_internal()) {
            sorted.entry(profile).or_default().push(model);
        }
    }
    for models in sorted.values_mut() {
        sort(models);
        models.truncate(MOST_SHOWN);
    }
    Ok(sorted)
}

/// Sorts identifiers, the strongest namespace first, and the one last seen first within it.
pub fn sort(identifiers: &mut [identifier::Model]) {
    let priority =
        |name: &str| Namespace::new(name).map_or(0, |namespace| namespace.rule().priority);
    identifiers.sort_by_cached_key(|model| {
        (
            Reverse(priority(&model.namespace)),
            model.namespace.clone(),
            Reverse(model.last_seen),
            model.value.clone(),
        )
    });
}

/// Whether one of these makes its profile known.
pub fn is_known(identifiers: &[identifier::Model]) -> bool {
    identifiers
        .iter()
        .any(|model| Namespace::new(&model.namespace).is_some_and(|namespace| namespace.is_known()))
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
