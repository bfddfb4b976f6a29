//! What can be done with profiles.

mod edit;
mod hot;
mod merge;

pub use edit::{Update, update};
pub use hot::{at_hand, present, resolve};
pub use merge::{Parted, Preview, merge, preview, sentence, unmerge};

use std::collections::HashMap;
use std::sync::Arc;

use lazo_domain::access::Role;
use lazo_domain::condition::Condition;
use lazo_domain::id::ProfileId;

use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::Error;
use crate::identity;
use crate::page::{Listed, Page};
use crate::profile::ProfileRow;
use crate::profile::hot::Present;
use crate::profile::read::{self, Listing, Sort};
use crate::segment::asking::{Asking, in_turn};

/// Whether the caller is shown profiles whose use is restricted.
pub fn sees_restricted(caller: Option<&Caller>) -> bool {
    match caller {
        Some(Caller::Internal { role, .. }) => matches!(role, Role::Admin | Role::Privacy),
        Some(Caller::Local) => true,
        Some(Caller::Integration { .. } | Caller::Visitor { .. }) | None => false,
    }
}

/// Whether a profile is shown to the caller.
pub fn is_shown(profile: &Present, caller: Option<&Caller>) -> bool {
    !profile.restricted || sees_restricted(caller)
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
) -> Result<Option<Arc<Present>>, Error> {
    let found = match by {
        By::Id(id) => present(app, id, min_version).await?,
        By::Identifier { namespace, value } => {
            let found = identity::service::find(app, &namespace, &value, min_version).await?;
            found.map(|found| found.profile)
        }
    };
    let found = found.filter(|profile| is_shown(profile, caller));
    if let (Some(profile), Some(least)) = (&found, min_version)
        && profile.version < least
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

/// A part of the list of profiles.
pub async fn list(
    app: &App,
    caller: Option<&Caller>,
    sort: Sort,
    page: &Page,
    want_total: bool,
) -> Result<Listed<ProfileRow>, Error> {
    let listing = Listing {
        with_restricted: sees_restricted(caller),
        only: None,
    };
    Ok(read::list(app.db().read(), sort, &listing, page, want_total).await?)
}

/// The same of those alone for whom a condition holds, which must have passed its check.
pub async fn list_where(
    app: &App,
    caller: Option<&Caller>,
    condition: Condition,
    sort: Sort,
    page: Page,
    want_total: bool,
) -> Result<Listed<ProfileRow>, Error> {
    let with_restricted = sees_restricted(caller);
    in_turn(app, move |app| async move {
        let asking = Asking::of(&app, &[&condition]).await?;
        let listing = Listing {
            with_restricted,
            only: Some(asking.query(&condition)?),
        };
        let listed = read::list(asking.connection(), sort, &listing, &page, want_total).await?;
        asking.end().await?;
        Ok(listed)
    })
    .await
}

/// The refusal of an idempotency key that stands for another call.
fn key_reused() -> Error {
    let message = "This key was used before with another input.";
    Error::violation("idempotencyKey", "IDEMPOTENCY_KEY_REUSED", message)
}
