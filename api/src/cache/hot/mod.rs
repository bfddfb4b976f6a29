//! Hot values, kept close to their readers: in the process, then in Redis, then in the database that alone knows.
//!
//! What it promises. After an acknowledgement every later read of the same process sees the change. Another process sees it at
//! once where it reads with the version that the acknowledgement carried, and else within a second. What one process shows of a
//! profile never goes back. Whatever of it is broken is a miss.

mod breaker;
mod commits;
mod counters;
mod debts;
mod flight;
mod floors;
mod keeper;
mod many;
mod news;
mod process;
mod read;
mod record;
mod redis;
mod scripts;
mod stamps;
mod store;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use lazo_domain::id::ProfileId;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{Semaphore, broadcast};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::commits::Known;
use self::flight::Flights;
use self::news::Teller;
use self::process::Process;
use self::redis::Shared;
use self::store::Store;
use super::notice::PutOut;
use super::{Bus, Heeds};
use crate::config;
use crate::metrics::Meters;

pub use self::commits::{CACHE_EPOCH, COMMIT, Commits, Reading};
pub use self::counters::{Counted, Counters};
pub use self::news::News;

/// How many fills of Redis may run at once.
const FILLS: usize = 64;

/// What the cache holds: it knows its version and its size.
pub trait Versioned: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Its version: each commit that changes it gives it a greater one.
    fn version(&self) -> i64;

    /// About how much memory it takes, in bytes.
    fn weight(&self) -> usize;
}

/// The cache of one kind of value, by profile. `E` is the error of loading one, told to all who wait for the same load.
pub struct Hot<V, E> {
    process: Process<V>,
    /// None without Redis.
    shared: Option<Arc<Shared>>,
    flights: Flights<V, E>,
    /// Loads that may run at once.
    loads: Semaphore,
    /// The commits that were put out in this process.
    known: Mutex<Known>,
    /// Fills of Redis that may run at once; what is beyond is left out.
    fills: Arc<Semaphore>,
    counters: Arc<Counters>,
    news: Teller,
}

impl<V: Versioned, E: Clone + Send + Sync + 'static> Hot<V, E> {
    /// Makes the cache and starts what keeps it true, a task that ends once `stop` is cancelled. At most so many `loads` run at
    /// once.
    pub fn start(
        settings: config::Cache,
        bus: &Bus,
        loads: usize,
        database: impl Commits,
        stop: CancellationToken,
    ) -> (Arc<Self>, JoinHandle<()>) {
        let lifetime = Duration::from_secs(settings.ttl_s);
        let counters = Arc::new(Counters::default());
        let shared = match bus {
            Bus::None => None,
            Bus::Redis(server) => {
                Shared::new(Arc::clone(server), lifetime, Arc::clone(&counters)).map(Arc::new)
            }
        };
        let hot = Arc::new(Self {
            process: Process::new(settings.process_mib, lifetime),
            shared,
            flights: Flights::new(),
            loads: Semaphore::new(loads),
            known: Mutex::default(),
            fills: Arc::new(Semaphore::new(FILLS)),
            counters,
            news: Teller::default(),
        });
        let kept = Arc::clone(&hot);
        let task = tokio::spawn(async move {
            stop.run_until_cancelled(kept.keep(&database)).await;
        });
        (hot, task)
    }

    /// Puts out what a commit of this process changed, each profile with its new version. Called for every commit in which the
    /// counter `commit` took a number, also where no profile changed, after it and before anybody is answered.
    pub async fn put_out(&self, commit: i64, changed: &[(ProfileId, i64)]) {
        // First of all, so that nobody takes from Redis what is old by now.
        let owed = self
            .shared
            .as_ref()
            .map(|shared| (shared, shared.debts.owe(commit, changed, Instant::now())));
        self.put_out_here(commit, changed).await;
        if let Some((shared, changed)) = owed {
            match Store::<V>::put_out(shared.as_ref(), commit, &changed).await {
                Ok(()) => shared.debts.settle(commit),
                // The keeper pays it.
                Err(_) => self.counters.debts.up(),
            }
        }
    }

    /// Nothing that was read so far is shown any longer: changes may have been missed.
    pub fn forget_all(&self) {
        self.counters.forgotten.up();
        self.process.forget_all();
        self.news.missed();
    }

    /// Tells from here on what this process learns of commits: of its own at once, of others' as soon as it hears of them, with
    /// Redis at once and without it within half a second. What is told of is in force, and readers of this process find it.
    pub fn news(&self) -> broadcast::Receiver<News> {
        self.news.listen()
    }

    /// Shows the operator what it counts; to be called once.
    pub fn show_counters(&self, meters: &Meters) {
        self.counters.show(meters);
    }

    /// What it counted.
    pub fn counters(&self) -> Counted {
        self.counters.snapshot()
    }

    async fn put_out_here(&self, commit: i64, changed: &[(ProfileId, i64)]) {
        let number = u64::try_from(changed.len()).unwrap_or(u64::MAX);
        self.counters.put_outs.add(number);
        let Ok(()) = self.process.put_out(commit, changed).await;
        self.known().hear(commit);
        self.news.changed(changed);
    }

    /// What is behind the lock is whole at every instant, so a panic elsewhere does not spoil it.
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V: Versioned, E: Clone + Send + Sync + 'static> Heeds for Hot<V, E> {
    fn heed<'a>(&'a self, told: &'a PutOut) -> BoxFuture<'a, ()> {
        async move {
            // Our own word comes back to us: what has been read since is not to be read again.
            if self.known().has(told.commit) {
                return;
            }
            self.put_out_here(told.commit, &told.profiles).await;
        }
        .boxed()
    }

    fn forget_all(&self) {
        Self::forget_all(self);
    }
}
