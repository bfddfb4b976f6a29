//! What a visitor may see: the fragments that verified links tie to what their token names, and nothing beyond.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use lazo_domain::id::{FragmentId, ProfileId};
use lazo_domain::identity::Namespace;
use lazo_domain::profile::{Projection, PurchaseSummary};
use lazo_domain::purchase::PurchaseState;
use lazo_entity::{identifier, touchpoint};

use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::Error;
use crate::page::{self, Key, Listed, Page};
use crate::purchase::PurchaseRow;
use crate::{identity, profile, purchase, touchpoint as touchpoints};

/// What a visitor sees of themself.
pub struct View {
    profile: ProfileId,
    fragments: BTreeSet<FragmentId>,
    /// Whether this is the whole profile.
    pub whole: bool,
    /// The version of what is seen: the profile's if it is whole, else it rises with the visible touchpoints.
    pub version: i64,
    /// What the visible touchpoints add up to.
    pub projection: Projection,
    /// What the visible purchases add up to.
    pub summary: PurchaseSummary,
    purchases: Vec<PurchaseRow>,
}

/// What a visitor sees of themself; none if nothing is known of them, or the profile is restricted.
///
/// Everything is folded from the visible fragments and never taken from the profile, so that nothing shows which was merged
/// into it over a mere claim, not even between two queries.
pub async fn view(
    app: &App,
    caller: &Caller,
    subjects: &[(String, String)],
) -> Result<Option<View>, Error> {
    let Some((profile, starts)) = subject_fragments(app, subjects).await? else {
        return Ok(None);
    };
    let Some(row) = profile::service::resolve(app, Some(caller), &[profile])
        .await?
        .remove(&profile)
    else {
        return Ok(None);
    };
    let graph = identity::service::graph(app, profile).await?;
    let fragments: BTreeSet<_> = starts
        .into_iter()
        .filter(|start| graph.profile_of(*start) == Some(profile))
        .flat_map(|start| graph.verified_component(start))
        .collect();
    if fragments.is_empty() {
        return Ok(None);
    }
    let mut projection = Projection::default();
    for fragment in profile::service::fragments(app, fragments.iter().copied()).await? {
        projection.join(&fragment.projection);
    }
    let purchases = visible_purchases(app, profile, &fragments).await?;
    let whole = graph
        .profile(profile)
        .is_some_and(|node| node.fragments.len() == fragments.len());
    // The version of a profile that a stranger only claimed would tell whether it is a customer's.
    let own_version = i64::try_from(projection.touchpoints).unwrap_or(i64::MAX);
    Ok(Some(View {
        profile,
        whole,
        version: if whole { row.version } else { own_version },
        projection,
        summary: PurchaseSummary::of(purchases.iter().map(|purchase| &purchase.view)),
        purchases,
        fragments,
    }))
}

/// The profile of the strongest subject that is known, and the fragments of all subjects that point at it.
async fn subject_fragments(
    app: &App,
    subjects: &[(String, String)],
) -> Result<Option<(ProfileId, Vec<FragmentId>)>, Error> {
    let priority =
        |name: &str| Namespace::new(name).map_or(0, |namespace| namespace.rule().priority);
    let mut sorted: Vec<_> = subjects.iter().collect();
    sorted.sort_by_key(|(namespace, _)| Reverse(priority(namespace)));
    let mut found = Vec::new();
    for (namespace, value) in sorted {
        found.extend(identity::service::find(app, namespace, value).await?);
    }
    let Some((_, profile)) = found.first() else {
        return Ok(None);
    };
    let own = found
        .iter()
        .filter(|(_, of)| of == profile)
        .map(|(identifier, _)| identifier.fragment_id);
    Ok(Some((*profile, own.collect())))
}

/// The purchases of a profile as far as the fragments know of them, the newest first.
async fn visible_purchases(
    app: &App,
    profile: ProfileId,
    fragments: &BTreeSet<FragmentId>,
) -> Result<Vec<PurchaseRow>, Error> {
    let currency = app.deployment().currency;
    let mut visible = Vec::new();
    for mut row in purchase::service::of_profile(app, profile).await? {
        row.parts.retain(|fragment, _| fragments.contains(fragment));
        if row.parts.is_empty() {
            continue;
        }
        let mut whole = PurchaseState::default();
        for part in row.parts.values() {
            whole.join(part);
        }
        row.view = whole.view(&currency);
        visible.push(row);
    }
    visible.sort_by_key(|row| Reverse(place(row)));
    Ok(visible)
}

fn place(purchase: &PurchaseRow) -> (Option<lazo_domain::clock::Timestamp>, uuid::Uuid) {
    (purchase.view.placed_at, purchase.id.0)
}

impl View {
    /// The visitor's identifiers, the strongest namespace first.
    pub async fn identifiers(&self, app: &App) -> Result<Vec<identifier::Model>, Error> {
        let found = identity::service::identifiers(app, [self.profile]).await?;
        let visible = |model: &identifier::Model| self.fragments.contains(&model.fragment_id);
        Ok(found.into_values().flatten().filter(visible).collect())
    }

    /// A part of what the visitor did, the newest first.
    pub async fn touchpoints(
        &self,
        app: &App,
        page: &Page,
        want_total: bool,
    ) -> Result<Listed<touchpoint::Model>, Error> {
        let fragments = self.fragments.iter().copied();
        touchpoints::service::of_fragments(app, fragments, page, want_total).await
    }

    /// A part of what the visitor bought, the newest first.
    pub fn purchases(&self, page: &Page) -> Listed<PurchaseRow> {
        let keyed = self.purchases.iter().map(|row| {
            let (at, id) = place(row);
            (Key { at, id }, row.clone())
        });
        page::of_sorted(keyed.collect(), page)
    }
}
