//! What is promised holds while its parts fail: processes are killed, databases frozen, disks full. After each fault everything is
//! counted, and nothing that was acknowledged is lost or there twice.
//!
//! The experiments run on PostgreSQL and Redis servers of their own. In their short form each takes seconds; with
//! `LAZO_TEST_FAULTS=long` they run at full size. `LAZO_TEST_SEED` repeats a run. Each appends its figures and its seed to
//! `target/faults.jsonl`, and `cargo run -p lazo-tests --bin faults-table` makes a table of them:
//!
//! ```sh
//! LAZO_TEST_FAULTS=long cargo test -p lazo-tests --test it faults:: -- --test-threads 1
//! ```

mod cache;
mod clock;
mod concurrency;
mod count;
mod database;
mod disk;
mod drive;
mod duplicates;
mod flood;
mod history;
mod ledger;
mod load;
mod meters;
mod overload;
mod poison;
mod process;
mod reading;
mod redis;
mod report;
mod two_processes;

use std::{
    collections::hash_map::RandomState,
    future::Future,
    hash::{BuildHasher, Hasher},
    net::TcpListener,
    time::Duration,
};

use lazo_tests::{
    Engine, TestServer, engine::TestDatabase, graphql::Caller, postgres::PrivatePostgres,
    redis::PrivateRedis, segment::Sender,
};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use tokio::time::{Instant, sleep};

use crate::PROGRAM;
use load::Door;

/// Whether the experiments run at full size.
fn long() -> bool {
    std::env::var_os("LAZO_TEST_FAULTS").is_some_and(|form| form == "long")
}

/// The name of an experiment that runs on both engines; alone, it is that on PostgreSQL.
fn on(name: &str, engine: Engine) -> String {
    match engine {
        Engine::Sqlite => format!("{name}: SQLite"),
        Engine::Postgres => name.to_owned(),
    }
}

/// A size or a duration in the form that runs.
fn pick<T>(in_short: T, in_long: T) -> T {
    if long() { in_long } else { in_short }
}

/// How long something may take: in the long form what is promised of a machine that does nothing else, and in the short form
/// what a machine may need that runs other tests beside it.
fn limit(promised: Duration) -> Duration {
    pick(promised * 3 + Duration::from_secs(5), promised)
}

/// What decides the random choices of a run.
fn seed() -> u64 {
    std::env::var_os("LAZO_TEST_SEED").map_or_else(
        || RandomState::new().build_hasher().finish() >> 16,
        |seed| {
            let seed = seed.to_str().expect("LAZO_TEST_SEED is text");
            seed.parse().expect("LAZO_TEST_SEED is a number")
        },
    )
}

/// Random numbers that repeat with their seed: `SplitMix64` (Steele, Lea, Flood: Fast splittable pseudorandom number generators).
#[derive(Clone, Debug)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).expect("64 bits");
        usize::try_from(self.next() % bound).expect("it is below a `usize`")
    }

    /// A time between the two.
    fn time(&mut self, least: Duration, most: Duration) -> Duration {
        let range = usize::try_from(most.saturating_sub(least).as_micros()).expect("a short time");
        let extra = u64::try_from(self.below(range.max(1))).expect("64 bits");
        least + Duration::from_micros(extra)
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// The program under load, on servers of its own which may come to harm.
struct World {
    server: TestServer,
    key: String,
    token: String,
    redis: PrivateRedis,
    postgres: PrivatePostgres,
}

impl World {
    async fn start(engine: Engine) -> Self {
        Self::start_with(engine, PrivatePostgres::start(), &[]).await
    }

    /// Starts the program with further settings on a server that the test brings.
    async fn start_with(
        engine: Engine,
        postgres: PrivatePostgres,
        settings: &[(&str, &str)],
    ) -> Self {
        let url = postgres.url();
        Self::start_on(engine, postgres, url, settings).await
    }

    /// The same on one of the server's databases.
    async fn start_on(
        engine: Engine,
        postgres: PrivatePostgres,
        url: String,
        settings: &[(&str, &str)],
    ) -> Self {
        let mut redis = PrivateRedis::away();
        redis.up();
        let server = process(engine, url, &redis, settings).await;
        let key = server.source("backend", "web", true).await;
        let token = server.admin_token().await;
        Self {
            server,
            key,
            token,
            redis,
            postgres,
        }
    }

    /// Starts another process on the same database and Redis.
    async fn another(&self) -> TestServer {
        let database = self.server.database();
        process(database.engine, database.url.clone(), &self.redis, &[]).await
    }

    /// Where the load goes in and reads come out.
    fn door(&self) -> Door {
        self.door_of(&self.server)
    }

    /// The same of another process.
    fn door_of(&self, server: &TestServer) -> Door {
        Door::new(server, &self.key, &self.token)
    }

    /// The same servers under a new process on an empty database of this name.
    async fn afresh(self, name: &str) -> Self {
        let engine = self.server.database().engine;
        if engine == Engine::Postgres {
            connect(engine, &self.postgres.url())
                .await
                .execute_unprepared(&format!("CREATE DATABASE {name}"))
                .await
                .expect("a database");
        }
        let url = self.postgres.url_of(name);
        self.on(engine, url).await
    }

    /// The same servers under a new process on another database.
    async fn on(self, engine: Engine, url: String) -> Self {
        Self::start_on(engine, self.postgres, url, &[]).await
    }

    fn sender(&self) -> Sender {
        Sender::new(&self.server, self.key.clone())
    }

    fn admin(&self) -> Caller {
        self.server.platform(Some(self.token.clone()))
    }

    /// Holds everything that is kept of profiles and purchases to what their touchpoints say.
    async fn is_what_its_touchpoints_say(&self) {
        let output = self.server.cli(&["rebuild", "--check"]).await;
        let (found, notes) = (output.stdout, output.stderr);
        assert!(
            output.status.success() && found.is_empty(),
            "{}{}",
            String::from_utf8_lossy(&found),
            String::from_utf8_lossy(&notes)
        );
    }
}

/// Opens a connection to a database of a server of the test's own.
async fn connect(engine: Engine, url: &str) -> DatabaseConnection {
    TestDatabase::existing(engine, url.to_owned())
        .connect()
        .await
}

/// Starts a process that listens on the same port after each restart.
async fn process(
    engine: Engine,
    url: String,
    redis: &PrivateRedis,
    settings: &[(&str, &str)],
) -> TestServer {
    let port = TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port();
    let listen = format!("127.0.0.1:{port}");
    let folder = tempfile::tempdir().expect("a folder");
    let database = match engine {
        // The embedded one is a file of the process, which caches by itself.
        Engine::Sqlite => TestDatabase::create(engine, folder.path()).await,
        Engine::Postgres => {
            let mut database = TestDatabase::existing(engine, url);
            database.redis_url = Some(redis.url());
            database
        }
    };
    let all = [&under_load(&listen), settings].concat();
    TestServer::start_on(database, folder, PROGRAM, &all).await
}

/// The settings of every process under load.
fn under_load(listen: &str) -> Vec<(&str, &str)> {
    vec![
        ("LAZO_LISTEN", listen),
        ("LAZO_LOG", "warn,lazo::serve=info"),
    ]
}

/// Waits until something is so, and tells how long that took.
async fn until<F: Future<Output = bool>>(
    within: Duration,
    what: &str,
    is_so: impl Fn() -> F,
) -> Duration {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < within, "{what}: not within {within:?}");
        sleep(Duration::from_millis(20)).await;
    }
    started.elapsed()
}

/// Waits until a process can take requests, and tells how long that took.
async fn until_ready(server: &TestServer, within: Duration) -> Duration {
    let ready = || async {
        let answer = server.http().get(server.url("/health/ready")).send().await;
        answer.is_ok_and(|answer| answer.status() == 200)
    };
    until(within, "the server is ready", ready).await
}
