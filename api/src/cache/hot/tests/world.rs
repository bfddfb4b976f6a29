//! A process of a deployment, over a database that is a map.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sea_orm::{DatabaseConnection, DbErr};

use super::*;
use crate::auth::secret::DeploymentSecret;
use crate::auth::service::Authenticator;
use crate::auth::source_keys::SourceKeys;
use crate::cache::{Hearing, Memory};
use crate::clock::SystemClock;

/// The database of a deployment.
#[derive(Clone)]
pub(super) struct Database(Arc<Inner>);

struct Inner {
    rows: Mutex<Rows>,
    loads: AtomicU64,
    away: AtomicBool,
    secret: Arc<DeploymentSecret>,
}

#[derive(Default)]
struct Rows {
    versions: HashMap<ProfileId, i64>,
    counters: Reading,
}

impl Database {
    pub(super) fn new() -> Self {
        crate::auth::install_crypto();
        Self(Arc::new(Inner {
            rows: Mutex::default(),
            loads: AtomicU64::new(0),
            away: AtomicBool::new(false),
            secret: Arc::new(DeploymentSecret::ephemeral().unwrap()),
        }))
    }

    /// Gives a profile its next version: the number of the commit, and the version.
    pub(super) fn commit(&self, id: ProfileId) -> (i64, i64) {
        let mut rows = self.0.rows.lock().unwrap();
        rows.counters.commit += 1;
        let commit = rows.counters.commit;
        let version = rows.versions.entry(id).or_insert(0);
        *version += 1;
        (commit, *version)
    }

    pub(super) fn version(&self, id: ProfileId) -> Option<i64> {
        self.0.rows.lock().unwrap().versions.get(&id).copied()
    }

    pub(super) fn load(&self, id: ProfileId) -> Option<Value> {
        self.0.loads.fetch_add(1, Ordering::SeqCst);
        self.version(id).map(Value::of)
    }

    /// How often a value was loaded.
    pub(super) fn loads(&self) -> u64 {
        self.0.loads.load(Ordering::SeqCst)
    }

    pub(super) fn counters(&self) -> Reading {
        self.0.rows.lock().unwrap().counters
    }

    /// It no longer tells its counters, or does again.
    pub(super) fn away(&self, away: bool) {
        self.0.away.store(away, Ordering::SeqCst);
    }

    fn answer(&self) -> Result<(), DbErr> {
        if self.0.away.load(Ordering::SeqCst) {
            return Err(DbErr::Custom("away".to_owned()));
        }
        Ok(())
    }
}

impl Commits for Database {
    async fn read(&self) -> Result<Reading, DbErr> {
        self.answer()?;
        Ok(self.counters())
    }

    async fn start_epoch(&self, from: i64) -> Result<Option<Reading>, DbErr> {
        self.answer()?;
        let mut rows = self.0.rows.lock().unwrap();
        if rows.counters.cache_epoch != from {
            return Ok(None);
        }
        rows.counters.cache_epoch += 1;
        Ok(Some(rows.counters))
    }
}

/// A process.
pub(super) struct World {
    pub(super) hot: Arc<Hot<Value, &'static str>>,
    pub(super) database: Database,
    bus: Bus,
    stop: CancellationToken,
}

impl World {
    /// A process without Redis.
    pub(super) async fn alone() -> Self {
        Self::on(&Database::new(), None, 1).await
    }

    /// A process that has heard of all commits so far.
    pub(super) async fn on(database: &Database, redis: Option<&Server>, mib: u64) -> Self {
        let url = redis.map(Server::url);
        let secret = &database.0.secret;
        let bus = Bus::new(url.as_ref(), secret).unwrap();
        let settings = config::Cache {
            process_mib: mib,
            ttl_s: 300,
        };
        let stop = CancellationToken::new();
        let (hot, _) = Hot::start(settings, &bus, 4, database.clone(), stop.clone());
        let nowhere = DatabaseConnection::default();
        let clock = Arc::new(SystemClock);
        let memory = Memory::new(
            Arc::new(Authenticator::new(
                nowhere.clone(),
                Arc::clone(&clock) as _,
                Arc::clone(secret),
            )),
            Arc::new(SourceKeys::new(nowhere, clock, Arc::clone(secret))),
        )
        .with_hot(Arc::clone(&hot) as _);
        bus.listen(memory, stop.clone());
        let world = Self {
            hot,
            database: database.clone(),
            bus,
            stop,
        };
        until("the process is ready", || world.is_ready()).await;
        world
    }

    fn is_ready(&self) -> bool {
        let shared = &self.hot.shared;
        self.hot.counters().forgotten >= 1
            && self.bus.hearing() != Hearing::Down
            && shared.as_ref().is_none_or(|shared| shared.is_trusted())
    }

    /// What a reader sees.
    pub(super) async fn read(&self, id: ProfileId) -> Option<i64> {
        self.read_from(id, None).await
    }

    /// What a reader sees who has seen that version.
    pub(super) async fn read_from(&self, id: ProfileId, min: Option<i64>) -> Option<i64> {
        let load = async || Ok(self.database.load(id));
        let found = self.hot.get(id, min, load).await.unwrap();
        found.map(|value| value.version)
    }

    /// A change, acknowledged: its version.
    pub(super) async fn change(&self, id: ProfileId) -> i64 {
        let (commit, version) = self.database.commit(id);
        self.hot.put_out(commit, &[(id, version)]).await;
        version
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Waits for something that comes soon.
pub(super) async fn until(what: &str, mut is: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is() {
        assert!(began.elapsed() < Duration::from_secs(20), "not yet: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
