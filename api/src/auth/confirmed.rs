//! Remembers what the database said for a few seconds, and through a short outage of it.

use std::future::{Future, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use lazo_domain::clock::Timestamp;
use moka::future::Cache;
use moka::ops::compute::{CompResult, Op};
use sea_orm::DbErr;

use super::AuthError;

/// How long an entry is trusted without asking, in milliseconds: a revocation takes effect within it.
const TRUSTED: u64 = 4_000;
/// How long the last known state holds while the database does not answer, in milliseconds.
const HOLDS: u64 = 60_000;
/// How long "there is none" is trusted, in milliseconds.
const ABSENT_TRUSTED: u64 = 2_000;
/// How long the database is left alone after it did not answer, where the last known state still holds, in milliseconds.
const PAUSE: u64 = 1_000;
/// How long one look-up may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long it may take where the last known state can stand in for its answer. A write waits for it and then for the writer
/// (`writer::outage`): together they stay below a second, within which a client is told to come back.
const SHORT_PATIENCE: Duration = Duration::from_millis(400);
/// Entries kept of each kind, present and absent: a flood of unknown keys displaces other unknown keys alone.
const CAPACITY: u64 = 10_000;
/// After this an entry is of no use to anybody; judged by the process's own clock, for memory alone.
const FORGOTTEN: Duration = Duration::from_mins(2);

#[derive(Debug)]
struct Known<V> {
    value: Arc<V>,
    /// When the database said so.
    confirmed_at: Timestamp,
    /// When the database was last asked, whether it answered or not.
    asked_at: Timestamp,
    /// The epoch in which the database was asked when it said so.
    epoch: u64,
}

impl<V> Clone for Known<V> {
    fn clone(&self) -> Self {
        Self {
            value: Arc::clone(&self.value),
            ..*self
        }
    }
}

impl<V> Known<V> {
    fn serves(&self, now: Timestamp, trusted: u64, epoch: u64) -> bool {
        (self.epoch == epoch && age(now, self.confirmed_at) < trusted)
            || (self.asked_at != self.confirmed_at
                && age(now, self.asked_at) < PAUSE
                && self.holds(now))
    }

    fn holds(&self, now: Timestamp) -> bool {
        age(now, self.confirmed_at) <= HOLDS
    }
}

/// A bounded memory of rows by key, each confirmed by the database every few seconds.
#[derive(Debug)]
pub struct Confirmed<V: Send + Sync + 'static> {
    present: Cache<String, Known<V>>,
    /// When, and in which epoch, the database said that there is none.
    absent: Cache<String, (Timestamp, u64)>,
    /// What was confirmed in an earlier epoch is trusted no more.
    epoch: AtomicU64,
}

impl<V: Send + Sync + 'static> Default for Confirmed<V> {
    fn default() -> Self {
        Self {
            present: Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_live(FORGOTTEN)
                .build(),
            absent: Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_live(FORGOTTEN)
                .build(),
            epoch: AtomicU64::default(),
        }
    }
}

impl<V: Send + Sync + 'static> Confirmed<V> {
    /// The value of a key: as remembered where that is trusted, else as loaded, by one caller for all who wait for it.
    pub async fn get<F: Future<Output = Result<Option<V>, DbErr>>>(
        &self,
        key: &str,
        now: Timestamp,
        load: impl FnOnce() -> F,
    ) -> Result<Option<Arc<V>>, AuthError> {
        self.read(key, now, TRUSTED, load).await
    }

    /// Whether there is a value of a key, trusted or not.
    pub fn remembers(&self, key: &str) -> bool {
        self.present.contains_key(key)
    }

    /// The value of a key as the database has it now, whatever is remembered.
    pub async fn renew<F: Future<Output = Result<Option<V>, DbErr>>>(
        &self,
        key: &str,
        now: Timestamp,
        load: impl FnOnce() -> F,
    ) -> Result<Option<Arc<V>>, AuthError> {
        self.read(key, now, 0, load).await
    }

    /// Forgets a key, so that a change counts at once. A look-up under way, which may have read what was before the change,
    /// is waited for and its answer forgotten too.
    pub async fn forget(&self, key: &str) {
        self.present
            .entry_by_ref(key)
            .and_compute_with(|_| ready(Op::Remove))
            .await;
        self.absent.invalidate(key).await;
    }

    /// Trusts nothing of what is remembered, look-ups under way included. The last known state of a key still holds while
    /// the database does not answer.
    pub fn forget_all(&self) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
    }

    async fn read<F: Future<Output = Result<Option<V>, DbErr>>>(
        &self,
        key: &str,
        now: Timestamp,
        trusted: u64,
        load: impl FnOnce() -> F,
    ) -> Result<Option<Arc<V>>, AuthError> {
        let epoch = self.epoch.load(Ordering::SeqCst);
        if let Some(known) = self.present.get(key).await {
            if known.serves(now, trusted, epoch) {
                return Ok(Some(known.value));
            }
        } else if let Some((since, of_epoch)) = self.absent.get(key).await
            && of_epoch == epoch
            && age(now, since) < ABSENT_TRUSTED
        {
            return Ok(None);
        }
        // Apart from the caller's future, which would be large for the rare case.
        Box::pin(self.look_up(key, now, trusted, load)).await
    }

    async fn look_up<F: Future<Output = Result<Option<V>, DbErr>>>(
        &self,
        key: &str,
        now: Timestamp,
        trusted: u64,
        load: impl FnOnce() -> F,
    ) -> Result<Option<Arc<V>>, AuthError> {
        let outcome = self
            .present
            .entry_by_ref(key)
            .and_try_compute_with(async |entry| {
                let known = entry.map(moka::Entry::into_value);
                let epoch = self.epoch.load(Ordering::SeqCst);
                // Whoever waited for another's look-up takes its answer.
                if known
                    .as_ref()
                    .is_some_and(|known| known.serves(now, trusted, epoch))
                {
                    return Ok(Op::Nop);
                }
                let patience = match &known {
                    Some(known) if known.holds(now) => SHORT_PATIENCE,
                    _ => PATIENCE,
                };
                let answer = tokio::time::timeout(patience, load()).await;
                match (answer, known) {
                    (Ok(Ok(Some(value))), _) => Ok(Op::Put(Known {
                        value: Arc::new(value),
                        confirmed_at: now,
                        asked_at: now,
                        epoch,
                    })),
                    (Ok(Ok(None)), _) => {
                        // Before the key is let go, so that forgetting it comes after.
                        self.absent.insert(key.to_owned(), (now, epoch)).await;
                        Ok(Op::Remove)
                    }
                    (_, Some(known)) if known.holds(now) => Ok(Op::Put(Known {
                        asked_at: now,
                        ..known
                    })),
                    _ => Err(AuthError::Unavailable),
                }
            })
            .await?;

        match outcome {
            CompResult::Inserted(entry)
            | CompResult::ReplacedWith(entry)
            | CompResult::Unchanged(entry) => Ok(Some(entry.into_value().value)),
            CompResult::Removed(_) | CompResult::StillNone(_) => Ok(None),
        }
    }

    #[cfg(test)]
    pub(super) async fn sizes(&self) -> (u64, u64) {
        self.present.run_pending_tasks().await;
        self.absent.run_pending_tasks().await;
        (self.present.entry_count(), self.absent.entry_count())
    }
}

/// The distance of two instants: a clock that ran back makes an entry old, never young for ever.
fn age(now: Timestamp, then: Timestamp) -> u64 {
    now.0.abs_diff(then.0)
}
