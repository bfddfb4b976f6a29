//! The versions below which a process no longer goes.

use std::future::ready;
use std::time::Duration;

use lazo_domain::id::ProfileId;
use moka::future::Cache;
use moka::ops::compute::Op;
use moka::policy::EvictionPolicy;

/// How many profiles are remembered: those of some seconds under the heaviest load.
const PROFILES: u64 = 50_000;
/// Longer than anything lives in Redis is of no use.
const LIFETIME: Duration = Duration::from_mins(10);

/// The newest version that this process has shown or knows to be committed, for the profiles it met last.
///
/// A reader never sees a profile go back: what comes from Redis and is older than its floor is passed over.
pub(super) struct Floors(Cache<ProfileId, i64>);

impl Floors {
    pub(super) fn new() -> Self {
        let floors = Cache::builder()
            .max_capacity(PROFILES)
            // Who is new is never turned away: the floors of now are those that count.
            .eviction_policy(EvictionPolicy::lru())
            .time_to_live(LIFETIME)
            .build();
        Self(floors)
    }

    /// The floor of a profile; none, which is below all versions, where it is not remembered.
    pub(super) async fn of(&self, id: ProfileId) -> Option<i64> {
        self.0.get(&id).await
    }

    /// Raises a floor; it never sinks.
    pub(super) async fn raise(&self, id: ProfileId, version: i64) {
        // Most readers see the version that was seen before, and need not wait for the entry's lock.
        if self.of(id).await.is_some_and(|floor| floor >= version) {
            return;
        }
        let entry = self.0.entry(id);
        entry
            .and_compute_with(|floor| {
                ready(match floor {
                    Some(floor) if *floor.value() >= version => Op::Nop,
                    _ => Op::Put(version),
                })
            })
            .await;
    }
}
