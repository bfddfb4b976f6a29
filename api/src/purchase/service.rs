//! What can be asked about purchases.

use lazo_domain::id::{ProfileId, PurchaseId};

use super::{PurchaseRow, read, store};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::Error;
use crate::page::{Listed, Page};
use crate::profile;

/// A part of the purchases of a profile.
pub async fn list(
    app: &App,
    profile: ProfileId,
    page: &Page,
    want_total: bool,
) -> Result<Listed<PurchaseRow>, Error> {
    Ok(read::list(
        app.db().read(),
        &app.deployment().currency,
        profile,
        page,
        want_total,
    )
    .await?)
}

/// All purchases of a profile.
pub async fn of_profile(app: &App, profile: ProfileId) -> Result<Vec<PurchaseRow>, Error> {
    of_profiles(app, [profile]).await
}

/// All purchases of profiles.
pub async fn of_profiles(
    app: &App,
    profiles: impl IntoIterator<Item = ProfileId>,
) -> Result<Vec<PurchaseRow>, Error> {
    let found = store::of_profiles(app.db().read(), profiles).await?;
    let rows = found
        .into_iter()
        .map(|stored| stored.whole(&app.deployment().currency));
    Ok(rows.collect())
}

/// Purchases, as far as the caller may see their profiles.
pub async fn by_ids(
    app: &App,
    caller: Option<&Caller>,
    ids: &[PurchaseId],
) -> Result<Vec<PurchaseRow>, Error> {
    let mut found = read::by_ids(
        app.db().read(),
        &app.deployment().currency,
        ids.iter().copied(),
    )
    .await?;
    let profiles: Vec<_> = found.iter().map(|purchase| purchase.profile).collect();
    let shown = profile::service::resolve(app, caller, &profiles).await?;
    found.retain(|purchase| shown.contains_key(&purchase.profile));
    Ok(found)
}
