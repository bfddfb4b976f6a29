//! Putting a hot profile together of what was read.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use lazo_domain::id::{FragmentId, ProfileId};
use lazo_domain::money::Currency;
use lazo_domain::profile::{Projection, PurchaseSummary};
use lazo_domain::purchase::PurchaseState;
use sea_orm::{ConnectionTrait, DbErr};

use super::store::{self, Pieces};
use super::{Component, HotProfile, Own, Present};
use crate::identity;

impl HotProfile {
    /// Reads what these ids of profiles stand for, in one statement. Ids that no profile ever bore are left out.
    pub async fn load(
        connection: &impl ConnectionTrait,
        ids: &[ProfileId],
        currency: Currency,
    ) -> Result<HashMap<ProfileId, Self>, DbErr> {
        let found = store::pieces(connection, ids).await?;
        let profiles = found.into_iter().filter_map(|(id, pieces)| {
            let hot = pieces.assemble(id, currency).transpose()?;
            Some(hot.map(|hot| (id, hot)))
        });
        profiles.collect()
    }
}

impl Pieces {
    fn assemble(mut self, id: ProfileId, currency: Currency) -> Result<Option<HotProfile>, DbErr> {
        let components = self.components();
        let is_whole = components.len() == 1;
        let components = components
            .into_iter()
            .map(|fragments| {
                let own = (!is_whole)
                    .then(|| self.own(&fragments, currency))
                    .transpose()?;
                Ok(Component { fragments, own })
            })
            .collect::<Result<_, DbErr>>()?;
        let Some(row) = self.row else {
            return Ok(None);
        };
        if let Some(into) = row.merged_into {
            let version = row.version;
            return Ok(Some(HotProfile::Merged { into, version }));
        }
        let cut = identity::cut(&mut self.identifiers);
        self.former.sort_unstable();
        self.segments
            .sort_unstable_by(|one, other| one.key.cmp(&other.key));
        self.scores
            .sort_unstable_by(|one, other| one.key.cmp(&other.key));
        Ok(Some(HotProfile::Present(Arc::new(Present {
            id,
            version: row.version,
            created_at: row.created_at,
            restricted: row.restricted,
            projection: row.projection,
            summary: row.summary,
            identifiers: self.identifiers.into(),
            cut,
            former: self.former,
            stage: row.stage,
            level: row.level,
            segments: self.segments,
            scores: self.scores,
            components,
        }))))
    }

    /// The fragments that verified links tie together, each list ascending, in the order of their first fragments.
    fn components(&self) -> Vec<Vec<FragmentId>> {
        let mut heads: HashMap<FragmentId, FragmentId> = HashMap::new();
        for (one, other) in &self.ties {
            let (one, other) = (head(&heads, *one), head(&heads, *other));
            if one != other {
                heads.insert(one.max(other), one.min(other));
            }
        }
        let mut components: BTreeMap<FragmentId, Vec<FragmentId>> = BTreeMap::new();
        for fragment in &self.fragments {
            components
                .entry(head(&heads, *fragment))
                .or_default()
                .push(*fragment);
        }
        for fragments in components.values_mut() {
            fragments.sort_unstable();
        }
        components.into_values().collect()
    }

    /// What some of the fragments add up to.
    fn own(&self, fragments: &[FragmentId], currency: Currency) -> Result<Own, DbErr> {
        let mut projection = Projection::default();
        for fragment in fragments {
            let folded = self.projections.get(fragment).ok_or_else(|| {
                DbErr::Custom("the links of a profile are more than a tree".to_owned())
            })?;
            projection.join(folded);
        }
        let views: Vec<_> = self
            .purchases
            .iter()
            .filter_map(|parts| part_of(parts, fragments))
            .map(|part| part.view(&currency))
            .collect();
        Ok(Own {
            projection,
            summary: PurchaseSummary::of(views.iter()),
        })
    }
}

/// The first fragment of those that links tie to this one.
fn head(heads: &HashMap<FragmentId, FragmentId>, fragment: FragmentId) -> FragmentId {
    let mut at = fragment;
    while let Some(next) = heads.get(&at) {
        at = *next;
    }
    at
}

/// What some fragments know of a purchase; none if they know nothing of it.
fn part_of(
    parts: &BTreeMap<FragmentId, PurchaseState>,
    fragments: &[FragmentId],
) -> Option<PurchaseState> {
    let mut known = parts
        .iter()
        .filter(|(fragment, _)| fragments.binary_search(fragment).is_ok())
        .map(|(_, part)| part);
    let mut whole = known.next()?.clone();
    for part in known {
        whole.join(part);
    }
    Some(whole)
}
