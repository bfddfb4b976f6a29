//! What can be done with profiles.

mod edit;
mod merge;

pub use edit::{Update, update};
pub use merge::{Parted, Preview, merge, preview, sentence, unmerge};

use std::collections::HashMap;
use std::sync::Arc;

use lazo_domain::access::Role;
use lazo_domain::id::{FragmentId, ProfileId};

use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::Error;
use crate::identity;
use crate::page::{Listed, Page};
use crate::profile::read::{self, Sort};
use crate::profile::{FragmentRow, ProfileRow, store};

/// Whether the caller is shown profiles whose use is restricted.
pub fn sees_restricted(caller: Option<&Caller>) -> bool {
    match caller {
        Some(Caller::Internal { role, .. }) => matches!(role, Role::Admin | Role::Privacy),
        Some(Caller::Local) => true,
        Some(Caller::Integration { .. } | Caller::Visitor { .. }) | None => false,
    }
}

/// The profiles that ids, present or former, lead to, as far as the caller may see them.
pub async fn resolve(
    app: &App,
    caller: Option<&Caller>,
    ids: &[ProfileId],
) -> Result<HashMap<ProfileId, Arc<ProfileRow>>, Error> {
    let current = read::current(app.db().read(), ids).await?;
    let rows = store::profiles(app.db().read(), current.values().copied()).await?;
    let shown: HashMap<_, _> = rows
        .into_iter()
        .filter(|row| !row.restricted || sees_restricted(caller))
        .map(|row| (row.id, Arc::new(row)))
        .collect();
    Ok(current
        .into_iter()
        .filter_map(|(id, current)| Some((id, Arc::clone(shown.get(&current)?))))
        .collect())
}

/// By what a profile is found.
#[derive(Clone)]
pub enum By {
    /// By its id, present or former.
    Id(ProfileId),
    /// By an identifier as people write it.
    Identifier {
        /// The name of its namespace.
        namespace: String,
        /// Its value.
        value: String,
    },
}

/// The profile, if the caller may see it. It is a conflict if it is older than `min_version`.
pub async fn find(
    app: &App,
    caller: Option<&Caller>,
    by: By,
    min_version: Option<i64>,
) -> Result<Option<Arc<ProfileRow>>, Error> {
    let id = match by {
        By::Id(id) => Some(id),
        By::Identifier { namespace, value } => {
            identity::service::profile_of(app, &namespace, &value).await?
        }
    };
    let Some(id) = id else { return Ok(None) };
    let found = resolve(app, caller, &[id]).await?.remove(&id);
    if let (Some(row), Some(least)) = (&found, min_version)
        && row.version < least
    {
        return Err(Error::Conflict(
            "This profile has not reached the version asked for.".to_owned(),
        ));
    }
    Ok(found)
}

/// The former ids that lead to each of these profiles.
pub async fn former_ids(
    app: &App,
    of: impl IntoIterator<Item = ProfileId>,
) -> Result<HashMap<ProfileId, Vec<ProfileId>>, Error> {
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    for (former, present) in read::former_ids(app.db().read(), of).await? {
        found.entry(present).or_default().push(former);
    }
    Ok(found)
}

/// Fragments of profiles.
pub async fn fragments(
    app: &App,
    ids: impl IntoIterator<Item = FragmentId>,
) -> Result<Vec<FragmentRow>, Error> {
    Ok(store::fragments(app.db().read(), ids).await?)
}

/// A part of the list of profiles.
pub async fn list(
    app: &App,
    caller: Option<&Caller>,
    sort: Sort,
    page: &Page,
    want_total: bool,
) -> Result<Listed<ProfileRow>, Error> {
    Ok(read::list(
        app.db().read(),
        sort,
        sees_restricted(caller),
        page,
        want_total,
    )
    .await?)
}

/// The refusal of an idempotency key that stands for another call.
fn key_reused() -> Error {
    let message = "This key was used before with another input.";
    Error::violation("idempotencyKey", "IDEMPOTENCY_KEY_REUSED", message)
}
