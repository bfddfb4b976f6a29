//! Deciding where profiles stand, within the transaction that changed them.

use std::collections::BTreeSet;
use std::mem::take;
use std::sync::Arc;

use lazo_domain::clock::Timestamp;
use lazo_domain::consent::Consents;
use lazo_domain::id::{FragmentId, ProfileId, TouchpointId};
use lazo_domain::identity::{Graph, Namespace};
use lazo_domain::lifecycle::{Level, Stage};
use lazo_domain::standing::Definitions;
use sea_orm::{ConnectionTrait, DbErr};

use super::Cause;
use super::busy;
use super::consents::consents;
use super::facts::{Happened, Locale, Read, Reads};
use super::load::{self, Wanted};
use super::memory::{Known, Memory};
use super::moves::Moves;
use super::store::{Changed, History, Own};
use crate::db::Writes;
use crate::profile::store::ProfileRow;

/// A profile to be decided.
pub(crate) struct Subject<'a> {
    /// What is stored of it.
    pub(crate) row: &'a ProfileRow,
    /// Its fragments.
    pub(crate) fragments: Vec<FragmentId>,
    /// The identities around it.
    pub(crate) graph: &'a Graph,
    /// The namespaces of its identifiers.
    pub(crate) namespaces: BTreeSet<&'a Namespace>,
    /// Why it is decided.
    pub(crate) cause: Cause,
    /// What came to it.
    pub(crate) came: Came,
    /// Whether nobody knew it before.
    pub(crate) is_new: bool,
    /// Whether its purchases may have changed.
    pub(crate) ordered: bool,
}

/// The touchpoints that came to a profile.
#[derive(Default)]
pub(crate) struct Came {
    /// The last of them, for which the profile is decided.
    pub(crate) last: Option<TouchpointId>,
    /// How many they are.
    pub(crate) count: u64,
    /// Those that definitions look at.
    pub(crate) looked_at: Vec<Arc<Happened>>,
}

/// A profile that is no more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gone(pub(crate) ProfileId);

/// By what is decided, and when.
#[derive(Clone, Copy)]
pub(crate) struct Settled<'a> {
    pub(crate) definitions: &'a Definitions,
    pub(crate) locale: Locale,
    pub(crate) now: Timestamp,
}

/// What came of it, to be stored.
pub(crate) struct Settlement {
    changed: Changed,
    known: Vec<(ProfileId, Arc<Known>)>,
}

impl Settlement {
    /// Stores what changed. Returns the profiles that are seen otherwise than before and had not counted a change, with the versions
    /// they have now.
    pub(crate) async fn save(
        &mut self,
        connection: &impl ConnectionTrait,
        now: Timestamp,
    ) -> Result<Vec<(ProfileId, i64)>, DbErr> {
        take(&mut self.changed).save(connection, now).await
    }

    /// Collects what changed, but for what is stored in the rows of the profiles: that it returns.
    pub(crate) async fn collect(
        &mut self,
        connection: &impl ConnectionTrait,
        writes: &mut Writes,
        now: Timestamp,
    ) -> Result<Vec<Own>, DbErr> {
        let changed = take(&mut self.changed);
        changed.collect(connection, writes, now).await
    }

    /// What is known of the profiles now, to be kept once it is committed.
    pub(crate) fn known(self) -> Vec<(ProfileId, Arc<Known>)> {
        self.known
    }
}

/// Decides where profiles stand.
pub(crate) async fn settle(
    connection: &impl ConnectionTrait,
    settled: Settled<'_>,
    memory: &Memory,
    subjects: &[Subject<'_>],
    gone: &[Gone],
) -> Result<Settlement, DbErr> {
    let reads = reads(connection, settled, memory, subjects, gone).await?;
    let none = Read::default();
    let mut changed = Changed::default();
    let mut known = Vec::with_capacity(subjects.len());
    for subject in subjects {
        let read = reads.get(&subject.row.id).unwrap_or(&none);
        let vouched = || subject.graph.vouched_fragments(subject.row.id);
        let consents = consents(settled.definitions, &read.decisions, vouched);
        let now = Moves::new(settled, subject, read, &consents).decide(&mut changed);
        known.push((subject.row.id, Arc::new(now)));
    }
    for Gone(profile) in gone {
        let read = reads.get(profile).unwrap_or(&none);
        forget(*profile, read, settled, &mut changed);
    }
    Ok(Settlement { changed, known })
}

/// What is known of profiles: what is kept in memory with what came, and else what is stored.
async fn reads(
    connection: &impl ConnectionTrait,
    settled: Settled<'_>,
    memory: &Memory,
    subjects: &[Subject<'_>],
    gone: &[Gone],
) -> Result<Reads, DbErr> {
    let (definitions, needs) = (settled.definitions, settled.definitions.needs());
    let currency = &settled.locale.currency;
    let considered = busy::considered(connection, subjects).await?;
    let mut kept = Reads::new();
    let (mut wanted, mut ordered) = (Vec::new(), Vec::new());
    for subject in subjects {
        let row = subject.row;
        let came = &subject.came.looked_at;
        // Of those that came late, what is noted of the fragment to which each came decides.
        let is_whole = considered.get(&row.id).is_none_or(|considered| {
            let is_late = |one: &Arc<Happened>| one.order.occurred_at < considered.from;
            !considered.moved && !came.iter().any(is_late)
        });
        let mut read = if subject.is_new {
            Read::default()
        } else if is_whole && let Some(known) = recall(memory, subject, definitions.version()).await
        {
            known.read.clone()
        } else {
            wanted.push(Wanted {
                profile: row.id,
                fragments: subject.fragments.clone(),
                buys: row.summary.orders > 0,
                all: subject.cause == Cause::Definition,
                regrouped: matches!(subject.cause, Cause::Merge | Cause::Unmerge),
                at: subject.decided_at(settled.now),
            });
            continue;
        };
        read.touchpoints.extend(came.iter().cloned());
        read.touchpoints.retain(|one| {
            let at = one.order.occurred_at;
            needs.touchpoints.wants(&one.name, at, settled.now)
        });
        if subject.ordered {
            ordered.push(row.id);
        }
        kept.insert(row.id, read);
    }
    wanted.extend(gone.iter().map(|gone| Wanted {
        profile: gone.0,
        fragments: Vec::new(),
        buys: true,
        all: true,
        regrouped: true,
        at: settled.now,
    }));
    let mut reads = load::read(connection, &wanted, definitions, currency).await?;
    for (profile, purchases) in load::purchases(connection, ordered, currency).await? {
        if let Some(read) = kept.get_mut(&profile) {
            read.purchases = Arc::new(purchases);
        }
    }
    reads.extend(kept);
    Ok(reads)
}

impl Subject<'_> {
    /// The first instant at which it is decided: what time alone changed is decided as of when it did, however late that is.
    pub(super) fn decided_at(&self, now: Timestamp) -> Timestamp {
        match (self.cause, self.row.next_evaluation_at) {
            (Cause::Time, Some(due)) => due.min(now),
            _ => now,
        }
    }
}

/// What is kept of a profile, if it is all there was before the transaction.
async fn recall(memory: &Memory, subject: &Subject<'_>, definitions: i64) -> Option<Arc<Known>> {
    let before = match subject.cause {
        // It has counted this change already.
        Cause::Touchpoint => subject.row.version - 1,
        Cause::Time => subject.row.version,
        _ => return None,
    };
    memory.recall(subject.row.id, before, definitions).await
}

/// Ends all that is stored of a profile that is no more.
fn forget(profile: ProfileId, read: &Read, settled: Settled<'_>, changed: &mut Changed) {
    let place = super::moves::Place {
        profile,
        cause: Cause::Merge,
        touchpoint: None,
        at: settled.now,
    };
    for (segment, member) in &read.members {
        let left = place.leaves(settled.definitions, *segment, *member, None);
        changed.members.transitions.push(left);
        changed.members.gone.push((profile, *segment));
    }
    for model in read.scores.keys() {
        changed.scores.gone.push((profile, *model));
    }
    changed
        .computed
        .compare(profile, &read.computed, Vec::new());
    changed
        .consents
        .compare(profile, &read.consents, &Consents::default());
    if !read.history.is_empty() {
        changed.histories.push(History {
            profile,
            stages: Vec::new(),
            levels: Vec::new(),
        });
    }
    changed.own.push(Own {
        profile,
        stage: Stage::Anonymous,
        level: Level::Probable,
        next: None,
        counts: false,
    });
}
