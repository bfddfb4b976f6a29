//! What is known of profiles that touchpoints come to, kept in memory: a profile that is busy is read once.
//!
//! What is kept is true for one version of the profile. Each transaction that changes a profile counts its version up by one, so
//! whoever finds the version before its own has all that was there before, whichever process wrote last; what is found otherwise is
//! read anew. It is kept once it is committed, and never before.

use std::sync::Arc;

use lazo_domain::id::ProfileId;
use moka::future::Cache;
use moka::policy::EvictionPolicy;

use super::facts::Read;

/// How much memory it takes at most, in bytes, about.
const MOST: u64 = 128 << 20;

/// What is known of a profile at one of its versions.
pub(crate) struct Known {
    pub(super) version: i64,
    /// The number of the definitions by which it was decided: others may look at more.
    pub(super) definitions: i64,
    pub(super) read: Read,
}

/// What is known of profiles.
#[derive(Clone)]
pub(crate) struct Memory(Cache<ProfileId, Arc<Known>>);

impl Default for Memory {
    fn default() -> Self {
        let weight = |_: &ProfileId, known: &Arc<Known>| known.read.weight();
        // Whoever was busy a moment ago is likely to be next, however much is known of them: what is new is always let in.
        let policy = EvictionPolicy::lru();
        let cache = Cache::builder().max_capacity(MOST).weigher(weight);
        Self(cache.eviction_policy(policy).build())
    }
}

impl Memory {
    /// What was known of a profile at that version.
    pub(super) async fn recall(
        &self,
        profile: ProfileId,
        version: i64,
        definitions: i64,
    ) -> Option<Arc<Known>> {
        let known = self.0.get(&profile).await?;
        (known.version == version && known.definitions == definitions).then_some(known)
    }

    /// Keeps what is known now of those of whom something was known, after it was committed. To others no touchpoint came lately.
    pub(crate) async fn renew(&self, known: Vec<(ProfileId, Arc<Known>)>) {
        let known = known.into_iter();
        let kept = known.filter(|(profile, _)| self.0.contains_key(profile));
        self.keep(kept.collect()).await;
    }

    /// Keeps what is known of profiles, after it was committed.
    pub(crate) async fn keep(&self, known: Vec<(ProfileId, Arc<Known>)>) {
        for (profile, known) in known {
            self.0.insert(profile, known).await;
        }
    }
}

impl Read {
    /// How many bytes it takes, about.
    fn weight(&self) -> u32 {
        const ROW: usize = 200;
        const SCORE: usize = 120;
        const SMALL: usize = 64;
        let touchpoints = self.touchpoints.iter().map(|one| {
            let properties = one.properties.iter();
            let properties = properties
                .map(|(name, value)| 2 * (name.len() + crate::json::bytes_of(value)) + ROW);
            2 * ROW + one.name.len() + properties.sum::<usize>()
        });
        let purchases = self
            .purchases
            .iter()
            .map(|(_, view)| ROW * (1 + view.lines.len()));
        let consents = self.consents.iter().count();
        let rows = self.computed.len() + self.history.len() + self.decisions.len() + consents;
        let small = self.members.len() + self.pins.len();
        let all = touchpoints.chain(purchases).sum::<usize>()
            + (rows + 1) * ROW
            + self.scores.len() * SCORE
            + small * SMALL;
        u32::try_from(all).unwrap_or(u32::MAX)
    }
}
