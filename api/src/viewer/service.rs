//! What a visitor may see: the fragments that verified links tie to what their token names, and nothing beyond.

use std::cmp::Reverse;
use std::sync::Arc;

use lazo_domain::clock::Timestamp;
use lazo_domain::id::FragmentId;
use lazo_domain::identity::{Namespace, normalise};
use lazo_domain::lifecycle::{Level, Stage};
use lazo_domain::profile::{Projection, PurchaseSummary};
use lazo_domain::purchase::PurchaseState;
use lazo_entity::touchpoint;
use uuid::Uuid;

use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::Error;
use crate::identity::service::Found;
use crate::identity::{self, IdentifierRow};
use crate::page::{self, Key, Listed, Page};
use crate::profile::hot::{Component, Own, Present};
use crate::purchase::PurchaseRow;
use crate::score::Held;
use crate::{consent, profile, purchase, touchpoint as touchpoints};

/// What a visitor sees of themself: components of one profile, all as of one instant.
pub struct View {
    profile: Arc<Present>,
    /// The places of the visible components.
    visible: Vec<usize>,
    /// What the visible components add up to, where they are not the whole profile and more than one.
    joined: Projection,
}

/// What a visitor sees of themself; none if nothing is known of them, or the profile is restricted. Where what is at hand is older
/// than `min_version`, it is read anew.
pub async fn view(
    app: &App,
    caller: &Caller,
    subjects: &[(String, String)],
    min_version: Option<i64>,
) -> Result<Option<View>, Error> {
    let at_hand = seen(app, caller, subjects, None).await?;
    let version = at_hand.as_ref().map(View::version);
    if min_version.is_some_and(|least| version.is_none_or(|version| version < least)) {
        return seen(app, caller, subjects, Some(i64::MAX)).await;
    }
    Ok(at_hand)
}

/// What a visitor sees, of profiles of at least this version where there are such.
///
/// Unless the whole profile is visible, everything is folded from the visible fragments and never taken from the profile, so that
/// nothing shows which was merged into it over a mere claim, not even between two queries.
async fn seen(
    app: &App,
    caller: &Caller,
    subjects: &[(String, String)],
    min_version: Option<i64>,
) -> Result<Option<View>, Error> {
    let mut subjects = by_priority(subjects);
    let found = first_known(app, &mut subjects, min_version).await?;
    let Some(Found { profile, fragment }) = found else {
        return Ok(None);
    };
    if !profile::service::is_shown(&profile, Some(caller)) {
        return Ok(None);
    }
    let mut visible: Vec<_> = profile.component_of(fragment).into_iter().collect();
    for (namespace, value) in subjects {
        visible.extend(component(app, &profile, namespace, value).await?);
    }
    visible.sort_unstable();
    visible.dedup();
    Ok((!visible.is_empty()).then(|| View::of(profile, visible)))
}

/// Where the strongest of a visitor's subjects that is known leads.
pub(crate) async fn strongest(
    app: &App,
    subjects: &[(String, String)],
    min_version: Option<i64>,
) -> Result<Option<Found>, Error> {
    first_known(app, &mut by_priority(subjects), min_version).await
}

/// A namespace and a value of it.
type Subject = (String, String);

fn by_priority(subjects: &[Subject]) -> std::vec::IntoIter<&Subject> {
    let mut sorted: Vec<_> = subjects.iter().collect();
    sorted.sort_by_key(|(namespace, _)| Reverse(priority(namespace)));
    sorted.into_iter()
}

/// Where the first of these leads that is known; those after it are left.
async fn first_known(
    app: &App,
    subjects: &mut std::vec::IntoIter<&Subject>,
    min_version: Option<i64>,
) -> Result<Option<Found>, Error> {
    for (namespace, value) in subjects.by_ref() {
        let found = identity::service::find(app, namespace, value, min_version).await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

fn priority(namespace: &str) -> u8 {
    Namespace::new(namespace).map_or(0, |namespace| namespace.rule().priority)
}

/// The component of a profile that a further subject points at, if it is one of this profile's.
async fn component(
    app: &App,
    profile: &Arc<Present>,
    namespace: &str,
    value: &str,
) -> Result<Option<usize>, Error> {
    // The profile is of one instant, and so is what is seen of it: a subject that leads here only later does not count yet.
    let known = Namespace::new(namespace).and_then(|namespace| {
        let value = normalise(&namespace, value, None, &app.rules().worthless).ok()?;
        profile.identifier(&namespace, &value)
    });
    if let Some(row) = known {
        return Ok(profile.component_of(row.fragment));
    }
    if !profile.cut {
        return Ok(None);
    }
    let found = identity::service::find(app, namespace, value, None).await?;
    Ok(found.and_then(|found| profile.component_of(found.fragment)))
}

fn place(purchase: &PurchaseRow) -> (Option<Timestamp>, Uuid) {
    (purchase.view.placed_at, purchase.id.0)
}

impl View {
    pub(super) fn of(profile: Arc<Present>, visible: Vec<usize>) -> Self {
        let mut view = Self {
            profile,
            visible,
            joined: Projection::default(),
        };
        if !view.whole() && view.own().is_none() {
            let mut joined = Projection::default();
            for own in view.components().filter_map(|one| one.own.as_ref()) {
                joined.join(&own.projection);
            }
            view.joined = joined;
        }
        view
    }

    /// Whether this is the whole profile.
    pub fn whole(&self) -> bool {
        self.visible.len() == self.profile.components.len()
    }

    /// The version of what is seen: the profile's if it is whole, else it rises with the visible touchpoints.
    ///
    /// The version of a profile that a stranger only claimed would tell whether it is a customer's.
    pub fn version(&self) -> i64 {
        if self.whole() {
            self.profile.version
        } else {
            i64::try_from(self.projection().touchpoints).unwrap_or(i64::MAX)
        }
    }

    /// The lifecycle stage; none unless the whole profile is visible, as it tells of all that was bought.
    pub fn stage(&self) -> Option<Stage> {
        self.whole().then_some(self.profile.stage)
    }

    /// The pyramid level; none unless the whole profile is visible.
    pub fn level(&self) -> Option<Level> {
        self.whole().then_some(self.profile.level)
    }

    /// What the visible touchpoints add up to. A part that does not say so itself shows nothing, and never the whole profile.
    pub fn projection(&self) -> &Projection {
        if self.whole() {
            &self.profile.projection
        } else {
            self.own().map_or(&self.joined, |own| &own.projection)
        }
    }

    /// What the visible purchases add up to.
    pub async fn summary(&self, app: &App) -> Result<PurchaseSummary, Error> {
        if self.whole() {
            return Ok(self.profile.summary);
        }
        if let Some(own) = self.own() {
            return Ok(own.summary);
        }
        // Two components may know of one purchase, so that their sums do not add up.
        let purchases = self.visible_purchases(app).await?;
        let views = purchases.iter().map(|purchase| &purchase.view);
        Ok(PurchaseSummary::of(views))
    }

    /// The visitor's identifiers, the strongest namespace first.
    pub fn identifiers(&self) -> impl Iterator<Item = &IdentifierRow> {
        let all = self.whole();
        self.profile
            .identifiers
            .iter()
            .filter(move |row| all || self.sees(row.fragment))
    }

    /// The keys of the segments of which the visitor is a member at an instant; none unless this is the whole profile, which alone is
    /// a member of segments.
    pub fn segments(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        let whole = self.whole().then_some(&self.profile);
        let memberships = whole
            .into_iter()
            .flat_map(move |profile| profile.segments_at(now));
        memberships.map(|membership| membership.key.as_str())
    }

    /// What the visitor scores at an instant; nothing unless this is the whole profile, which alone is scored.
    pub fn scores(&self, now: Timestamp) -> impl Iterator<Item = &Held> {
        let whole = self.whole().then_some(&self.profile);
        whole
            .into_iter()
            .flat_map(move |profile| profile.scores_at(now))
    }

    /// A part of what the visitor did, the newest first.
    pub async fn touchpoints(
        &self,
        app: &App,
        page: &Page,
        want_total: bool,
    ) -> Result<Listed<touchpoint::Model>, Error> {
        let fragments = self
            .components()
            .flat_map(|one| one.fragments.iter().copied());
        touchpoints::service::of_fragments(app, fragments, page, want_total).await
    }

    /// A part of what the visitor bought, the newest first.
    pub async fn purchases(&self, app: &App, page: &Page) -> Result<Listed<PurchaseRow>, Error> {
        let keyed = self.visible_purchases(app).await?.into_iter().map(|row| {
            let (at, id) = place(&row);
            (Key { at, id }, row)
        });
        Ok(page::of_sorted(keyed.collect(), page))
    }

    /// Where the visitor's consent stands, by what was decided in what is visible.
    pub async fn consents(&self, app: &App) -> Result<Vec<consent::read::Held>, Error> {
        let fragments = self.components().flat_map(|one| one.fragments.iter());
        consent::read::of_fragments(app, fragments.copied().collect()).await
    }

    /// What the one visible component adds up to, if only one is visible.
    fn own(&self) -> Option<&Own> {
        let [place] = self.visible[..] else {
            return None;
        };
        self.profile.components.get(place)?.own.as_ref()
    }

    fn components(&self) -> impl Iterator<Item = &Component> {
        let one = |place: &usize| self.profile.components.get(*place);
        self.visible.iter().filter_map(one)
    }

    fn sees(&self, fragment: FragmentId) -> bool {
        self.components().any(|one| one.contains(fragment))
    }

    /// The purchases of the profile as far as the visible fragments know of them, the newest first.
    async fn visible_purchases(&self, app: &App) -> Result<Vec<PurchaseRow>, Error> {
        let currency = app.deployment().currency;
        let mut visible = Vec::new();
        for mut row in purchase::service::of_profile(app, self.profile.id).await? {
            row.parts.retain(|fragment, _| self.sees(*fragment));
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
}
