//! The hot values that a process keeps for itself.

use std::convert::Infallible;
use std::future::ready;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use lazo_domain::id::ProfileId;
use moka::Expiry;
use moka::future::Cache;
use moka::ops::compute::{CompResult, Op};

use super::Versioned;
use super::floors::Floors;
use super::stamps::{Stamps, Ticket};
use super::store::{Found, Store};

/// What an entry costs beside its value, in bytes: about what the map needs for it.
const OVERHEAD: usize = 256;

/// A bounded map of values, with the laws of who may put one in.
///
/// A value enters only if nothing was put out since its load began, or where it replaces an older one that was still in use.
pub(super) struct Process<V> {
    /// None where the process keeps nothing.
    kept: Option<Cache<ProfileId, Kept<V>>>,
    stamps: Stamps,
    floors: Floors,
}

/// A value and the epoch of the process in which it was read.
struct Kept<V> {
    value: Arc<V>,
    epoch: u64,
}

impl<V> Clone for Kept<V> {
    fn clone(&self) -> Self {
        Self {
            value: Arc::clone(&self.value),
            epoch: self.epoch,
        }
    }
}

impl<V: Versioned> Process<V> {
    pub(super) fn new(mib: u64, lifetime: Duration) -> Self {
        let kept = (mib > 0).then(|| {
            Cache::builder()
                .max_capacity(mib << 20)
                .weigher(|_, kept: &Kept<V>| weight(kept.value.as_ref()))
                .expire_after(Jitter::new(lifetime))
                .build()
        });
        Self {
            kept,
            stamps: Stamps::new(),
            floors: Floors::new(),
        }
    }

    /// The value, if it is kept and still in use.
    pub(super) async fn get(&self, id: ProfileId) -> Option<Arc<V>> {
        let kept = self.kept.as_ref()?.get(&id).await?;
        (kept.epoch == self.stamps.epoch()).then_some(kept.value)
    }

    /// What a load of this profile notes before it reads.
    pub(super) fn ticket(&self, id: ProfileId) -> Ticket {
        self.stamps.ticket(id)
    }

    /// Whether a load with this ticket knows all that was put out.
    pub(super) fn holds(&self, id: ProfileId, ticket: Ticket) -> bool {
        self.stamps.holds(id, ticket)
    }

    /// The version below which readers of this process are not to fall, if one is known.
    pub(super) async fn floor(&self, id: ProfileId) -> Option<i64> {
        self.floors.of(id).await
    }

    async fn put(&self, id: ProfileId, value: &Arc<V>, ticket: Ticket) -> bool {
        let Some(cache) = &self.kept else {
            return true;
        };
        let floor = self.floors.of(id).await;
        let put = |epoch| {
            Op::Put(Kept {
                value: Arc::clone(value),
                epoch,
            })
        };
        let filled = cache
            .entry(id)
            .and_compute_with(|entry| {
                let present = entry
                    .map(moka::Entry::into_value)
                    .filter(|kept| kept.epoch == self.stamps.epoch());
                ready(match present {
                    // Readers see the older one now, so the newer one can only be better, whatever its load has missed.
                    Some(older) if older.value.version() < value.version() => put(older.epoch),
                    None if Some(value.version()) >= floor && self.holds(id, ticket) => {
                        put(ticket.epoch)
                    }
                    _ => Op::Nop,
                })
            })
            .await;
        !matches!(filled, CompResult::StillNone(_))
    }

    /// A commit gave a profile this version.
    async fn raise(&self, id: ProfileId, version: i64) {
        self.floors.raise(id, version).await;
        // Before the removal: a load that notes the stamp after it reads what is committed.
        self.stamps.bump(id);
        let Some(cache) = &self.kept else {
            return;
        };
        // A fill that saw the stamp as it was comes before this, and what it put in is removed.
        cache
            .entry(id)
            .and_compute_with(|entry| {
                ready(match entry {
                    Some(entry) if entry.value().value.version() < version => Op::Remove,
                    _ => Op::Nop,
                })
            })
            .await;
    }

    /// Lets the map do now what it does by and by.
    #[cfg(test)]
    pub(super) async fn settle(&self) {
        if let Some(cache) = &self.kept {
            cache.run_pending_tasks().await;
        }
    }

    /// Nothing that was read so far is used any longer.
    pub(super) fn forget_all(&self) {
        self.stamps.new_epoch();
    }
}

impl<V: Versioned> Store<V> for Process<V> {
    type Ticket = Ticket;
    type Error = Infallible;

    async fn look_up(&self, id: ProfileId) -> Found<V, Ticket> {
        Found {
            ticket: Some(self.ticket(id)),
            value: self.get(id).await,
        }
    }

    /// Takes what a load has read, before anybody is shown it. Says whether it is kept.
    async fn fill(&self, id: ProfileId, value: &Arc<V>, ticket: Ticket) -> bool {
        let kept = self.put(id, value, ticket).await;
        self.floors.raise(id, value.version()).await;
        kept
    }

    async fn put_out(&self, _: i64, changed: &[(ProfileId, i64)]) -> Result<(), Infallible> {
        for (id, version) in changed {
            self.raise(*id, *version).await;
        }
        Ok(())
    }
}

fn weight<V: Versioned>(value: &V) -> u32 {
    u32::try_from(value.weight().saturating_add(OVERHEAD)).unwrap_or(u32::MAX)
}

/// Lifetimes that differ by up to a fifth, so that what was read together is not read again together.
pub(super) struct Jitter {
    lifetime: Duration,
    hasher: RandomState,
}

impl Jitter {
    pub(super) fn new(lifetime: Duration) -> Self {
        Self {
            lifetime,
            hasher: RandomState::new(),
        }
    }

    /// The longest lifetime there is.
    pub(super) fn longest(&self) -> Duration {
        self.lifetime + self.lifetime / 5
    }

    /// The lifetime of a profile in this process.
    pub(super) fn of(&self, id: ProfileId) -> Duration {
        let [.., high, low] = self.hasher.hash_one(id).to_be_bytes();
        let share = u32::from(u16::from_be_bytes([high, low]));
        let fifth = self.lifetime / 5;
        fifth * 4 + fifth * 2 * share / u32::from(u16::MAX)
    }
}

impl<V> Expiry<ProfileId, Kept<V>> for Jitter {
    fn expire_after_create(&self, id: &ProfileId, _: &Kept<V>, _: Instant) -> Option<Duration> {
        Some(self.of(*id))
    }

    fn expire_after_update(
        &self,
        id: &ProfileId,
        _: &Kept<V>,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(self.of(*id))
    }
}
