//! Profiles as readers see them: hot, else read.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use lazo_domain::id::ProfileId;

use super::is_shown;
use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::Error;
use crate::profile::hot::{HotProfile, Present};
use crate::profile::read;

/// The most former ids that are followed before the database is asked where they lead.
const MOST_HOPS: usize = 8;

/// The profile that an id, present or former, leads to; of at least `min_version` where that is given and there is one.
pub async fn present(
    app: &App,
    id: ProfileId,
    min_version: Option<i64>,
) -> Result<Option<Arc<Present>>, Error> {
    let mut at = id;
    for _ in 0..MOST_HOPS {
        match standing(app, at, min_version).await?.as_deref() {
            Some(HotProfile::Present(found)) => return Ok(Some(Arc::clone(found))),
            Some(HotProfile::Merged { into, .. }) => at = *into,
            None => match leads_to(app, at).await? {
                Some(now) if now != at => at = now,
                Some(_) | None => return Ok(None),
            },
        }
    }
    let Some(now) = leads_to(app, id).await? else {
        return Ok(None);
    };
    let found = standing(app, now, Some(i64::MAX)).await?;
    Ok(found.and_then(|found| found.present().cloned()))
}

/// The profile that an id leads to, if this process has it at hand.
pub async fn at_hand(app: &App, id: ProfileId) -> Option<Arc<Present>> {
    let mut at = id;
    for _ in 0..MOST_HOPS {
        match app.hot().at_hand(at).await?.as_ref() {
            HotProfile::Present(found) => return Some(Arc::clone(found)),
            HotProfile::Merged { into, .. } => at = *into,
        }
    }
    None
}

/// The profiles that ids, present or former, lead to, as far as the caller may see them.
pub async fn resolve(
    app: &App,
    caller: Option<&Caller>,
    ids: &[ProfileId],
) -> Result<HashMap<ProfileId, Arc<Present>>, Error> {
    let mut found = HashMap::new();
    let mut open: HashMap<ProfileId, ProfileId> = ids.iter().map(|id| (*id, *id)).collect();
    for _ in 0..MOST_HOPS {
        if open.is_empty() {
            break;
        }
        let standing = standings(app, open.values().copied().collect()).await?;
        let (mut next, mut unknown) = (HashMap::new(), HashMap::new());
        for (id, at) in open {
            match standing.get(&at).map(Arc::as_ref) {
                Some(HotProfile::Present(profile)) => {
                    found.insert(id, Arc::clone(profile));
                }
                Some(HotProfile::Merged { into, .. }) => {
                    next.insert(id, *into);
                }
                None => {
                    unknown.insert(id, at);
                }
            }
        }
        if !unknown.is_empty() {
            let asked: Vec<_> = unknown.values().copied().collect();
            let current = read::current(app.db().read(), &asked).await?;
            let moved = unknown.into_iter().filter_map(|(id, at)| {
                let now = current.get(&at).filter(|now| **now != at)?;
                Some((id, *now))
            });
            next.extend(moved);
        }
        open = next;
    }
    for id in open.into_keys() {
        if let Some(profile) = present(app, id, None).await? {
            found.insert(id, profile);
        }
    }
    found.retain(|_, profile| is_shown(profile, caller));
    Ok(found)
}

/// What an id stands for; none if no profile ever bore it.
async fn standing(
    app: &App,
    id: ProfileId,
    min_version: Option<i64>,
) -> Result<Option<Arc<HotProfile>>, Error> {
    let load = || async move {
        let currency = app.deployment().currency;
        let mut found = HotProfile::load(app.db().read(), &[id], currency).await?;
        Ok(found.remove(&id))
    };
    Ok(app.hot().get(id, min_version, load).await?)
}

/// What ids stand for; those that no profile ever bore are left out.
async fn standings(
    app: &App,
    ids: HashSet<ProfileId>,
) -> Result<HashMap<ProfileId, Arc<HotProfile>>, Error> {
    let ids: Vec<_> = ids.into_iter().collect();
    if let [id] = ids[..] {
        let found = standing(app, id, None).await?;
        return Ok(found.map(|found| (id, found)).into_iter().collect());
    }
    let load = |ids: Vec<ProfileId>| async move {
        let currency = app.deployment().currency;
        HotProfile::load(app.db().read(), &ids, currency).await
    };
    Ok(app.hot().get_many(&ids, load).await?)
}

/// The profile that an id leads to, as the database says: also the id of a fragment that never was a profile of its own.
async fn leads_to(app: &App, id: ProfileId) -> Result<Option<ProfileId>, Error> {
    Ok(read::current(app.db().read(), &[id]).await?.remove(&id))
}
