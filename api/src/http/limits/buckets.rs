//! Buckets: each holds so much, gives it out until it is empty, and fills again at a steady rate.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How much a bucket holds, and how fast it fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// What a full bucket holds.
    pub burst: u32,
    /// What comes back in a second.
    pub per_second: u32,
}

/// What became of a wish to take from a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// How long to wait where there was not enough; nothing was taken then.
    pub wait: Option<Duration>,
    /// What is left.
    pub left: u32,
}

/// A bucket in thousandths, which is what a rate per second gives in a millisecond.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: u64,
    at: Instant,
}

/// Parts with a lock of their own, so that requests do not wait for one another.
const SHARDS: usize = 16;
/// Buckets kept in one part.
const MOST: usize = 4_096;

/// One bucket for each key. Their memory is bounded: keys are kept as hashes, and buckets that are full again are forgotten.
#[derive(Debug)]
pub struct Buckets {
    rate: Rate,
    hasher: RandomState,
    shards: [Mutex<HashMap<u64, Bucket>>; SHARDS],
}

impl Buckets {
    /// Buckets of that rate; none where nothing ever comes back, which stands for no limit.
    pub fn new(rate: Rate) -> Option<Self> {
        (rate.per_second > 0).then(|| Self {
            rate,
            hasher: RandomState::new(),
            shards: Default::default(),
        })
    }

    /// The rate of all of them.
    pub fn rate(&self) -> Rate {
        self.rate
    }

    /// What a key is known by in here.
    pub fn key(&self, key: impl Hash) -> u64 {
        self.hasher.hash_one(key)
    }

    /// Whether there is nothing to take from a key's bucket.
    pub fn is_empty(&self, key: u64, now: Instant) -> bool {
        let (rate, capacity) = (
            u64::from(self.rate.per_second),
            thousandths(self.rate.burst),
        );
        let buckets = self.shard(key);
        buckets
            .get(&key)
            .is_some_and(|bucket| bucket.filled(now, rate, capacity).left < thousandths(1))
    }

    fn shard(&self, key: u64) -> MutexGuard<'_, HashMap<u64, Bucket>> {
        let shard = usize::from(key.to_le_bytes()[0]) % SHARDS;
        self.shards[shard]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes from a key's bucket. What costs more than a bucket holds takes a full one.
    pub fn take(&self, key: u64, cost: u32, now: Instant) -> Taken {
        let capacity = thousandths(self.rate.burst);
        let rate = u64::from(self.rate.per_second);
        let cost = thousandths(cost).min(capacity);
        let mut buckets = self.shard(key);
        if buckets.len() >= MOST && !buckets.contains_key(&key) {
            buckets.retain(|_, bucket| bucket.filled(now, rate, capacity).left < capacity);
            // So many at once are a flood, which a bucket for each does not stop: all start anew.
            if buckets.len() > MOST / 2 {
                buckets.clear();
            }
        }
        let bucket = buckets.entry(key).or_insert(Bucket {
            left: capacity,
            at: now,
        });
        *bucket = bucket.filled(now, rate, capacity);
        let missing = cost.saturating_sub(bucket.left);
        if missing == 0 {
            bucket.left -= cost;
        }
        Taken {
            wait: (missing > 0).then(|| Duration::from_millis(missing.div_ceil(rate))),
            left: u32::try_from(bucket.left / 1_000).unwrap_or(u32::MAX),
        }
    }
}

impl Bucket {
    fn filled(self, now: Instant, rate: u64, capacity: u64) -> Self {
        let passed = now.saturating_duration_since(self.at).as_millis();
        let passed = u64::try_from(passed).unwrap_or(u64::MAX);
        Self {
            left: passed
                .saturating_mul(rate)
                .saturating_add(self.left)
                .min(capacity),
            // By whole milliseconds, so that frequent calls lose nothing.
            at: self
                .at
                .checked_add(Duration::from_millis(passed))
                .unwrap_or(now),
        }
    }
}

fn thousandths(number: u32) -> u64 {
    u64::from(number).saturating_mul(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn buckets(burst: u32, per_second: u32) -> Buckets {
        Buckets::new(Rate { burst, per_second }).unwrap()
    }

    fn later(start: Instant, ms: u64) -> Instant {
        start + Duration::from_millis(ms)
    }

    #[test]
    fn a_bucket_gives_what_it_holds_and_then_what_comes_back() {
        let (buckets, start) = (buckets(10, 2), Instant::now());
        assert_eq!(
            buckets.take(1, 7, start),
            Taken {
                wait: None,
                left: 3
            }
        );
        let refused = buckets.take(1, 5, start);
        assert_eq!(refused.wait, Some(Duration::from_secs(1)));
        assert_eq!(refused.left, 3, "what is refused takes nothing");
        assert!(buckets.take(1, 5, later(start, 999)).wait.is_some());
        assert!(!buckets.is_empty(1, start) && !buckets.is_empty(2, start));
        assert_eq!(buckets.take(1, 5, later(start, 1_000)).left, 0);
        assert!(buckets.is_empty(1, later(start, 1_000)));
        assert!(!buckets.is_empty(1, later(start, 1_500)));
        assert_eq!(buckets.take(1, 1, later(start, 60_000)).left, 9);
    }

    #[test]
    fn keys_do_not_share() {
        let (buckets, start) = (buckets(1, 1), Instant::now());
        assert!(buckets.take(1, 1, start).wait.is_none());
        assert!(buckets.take(1, 1, start).wait.is_some());
        assert!(buckets.take(17, 1, start).wait.is_none());
    }

    #[test]
    fn what_comes_back_is_not_lost_to_frequent_calls() {
        let (buckets, start) = (buckets(1, 1), Instant::now());
        assert!(buckets.take(1, 1, start).wait.is_none());
        let given = (1..20_000)
            .filter(|step| {
                let now = start + Duration::from_micros(step * 100);
                buckets.take(1, 1, now).wait.is_none()
            })
            .count();
        assert_eq!(given, 1, "one a second, in almost two");
    }

    #[test]
    fn what_costs_more_than_a_bucket_holds_waits_for_a_full_one() {
        let (buckets, start) = (buckets(10, 10), Instant::now());
        assert_eq!(buckets.take(1, 1_000, start).left, 0);
        let wait = buckets.take(1, 1_000, start).wait;
        assert_eq!(wait, Some(Duration::from_secs(1)));
        assert!(buckets.take(1, 1_000, later(start, 1_000)).wait.is_none());
    }

    #[test]
    fn a_rate_of_nothing_is_no_limit() {
        assert!(
            Buckets::new(Rate {
                burst: 1,
                per_second: 0
            })
            .is_none()
        );
    }

    #[test]
    fn however_many_keys_there_are_memory_is_bounded() {
        let (buckets, start) = (buckets(1, 1), Instant::now());
        for key in 0..200_000 {
            buckets.take(key, 1, start);
        }
        let kept: usize = buckets
            .shards
            .iter()
            .map(|shard| shard.lock().unwrap().len())
            .sum();
        assert!(kept <= SHARDS * MOST, "{kept}");
    }
}
