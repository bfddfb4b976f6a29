//! The two engines, and a fresh database on each of them for each test.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    path::Path,
    thread,
};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};

/// What the program keeps its data in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The embedded default: one file, and the cache in the process.
    Sqlite,
    /// A server, with Redis as the cache.
    Postgres,
}

/// A database that one test has to itself. Dropping it removes it from its server.
#[derive(Debug)]
pub struct TestDatabase {
    /// The engine it lives on.
    pub engine: Engine,
    /// What `LAZO_DATABASE_URL` is set to.
    pub url: String,
    /// What `LAZO_REDIS_URL` is set to.
    pub redis_url: Option<String>,
    on_server: Option<String>,
}

impl TestDatabase {
    /// Creates an empty database; an embedded one inside the folder.
    pub async fn create(engine: Engine, folder: &Path) -> Self {
        match engine {
            Engine::Sqlite => Self {
                engine,
                url: format!("sqlite://{}", folder.join("lazo.db").display()),
                redis_url: None,
                on_server: None,
            },
            Engine::Postgres => Self::create_on_server().await,
        }
    }

    /// Takes a database that already exists on a server of the test's own.
    pub fn existing(engine: Engine, url: String) -> Self {
        Self {
            engine,
            url,
            redis_url: None,
            on_server: None,
        }
    }

    async fn create_on_server() -> Self {
        let number = RandomState::new().build_hasher().finish();
        let name = format!("lazo_test_{number:016x}");
        administer(&format!("CREATE DATABASE {name}")).await;
        let (server, _) = administration_url()
            .rsplit_once('/')
            .map(|(server, database)| (server.to_owned(), database.to_owned()))
            .expect("LAZO_TEST_POSTGRES_URL ends with the name of a database");
        let redis = required("LAZO_TEST_REDIS_URL");
        Self {
            engine: Engine::Postgres,
            url: format!("{server}/{name}"),
            // Tests share the Redis server, so each takes one of its numbered databases.
            redis_url: Some(format!("{redis}/{}", number % 4096)),
            on_server: Some(name),
        }
    }

    /// Opens a connection beside the running program.
    pub async fn connect(&self) -> DatabaseConnection {
        let url = match self.engine {
            Engine::Sqlite => format!("{}?mode=rwc", self.url),
            Engine::Postgres => self.url.clone(),
        };
        connect(&url).await
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Some(name) = self.on_server.take() else {
            return;
        };
        let dropped = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            runtime.block_on(administer(&format!("DROP DATABASE {name} WITH (FORCE)")));
        });
        // A database that stays behind goes away with its private server.
        let _ = dropped.join();
    }
}

async fn administer(statement: &str) {
    let connection = connect(&administration_url()).await;
    connection
        .execute_unprepared(statement)
        .await
        .unwrap_or_else(|error| panic!("{statement}: {error}"));
    connection.close().await.expect("the connection is closed");
}

async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options)
        .await
        .unwrap_or_else(|error| panic!("cannot connect to {url}: {error}"))
}

fn administration_url() -> String {
    required("LAZO_TEST_POSTGRES_URL")
}

fn required(variable: &str) -> String {
    std::env::var_os(variable)
        .and_then(|value| value.into_string().ok())
        .unwrap_or_else(|| {
            panic!(
                "{variable} is not set: this test runs on PostgreSQL and Redis. \
                 ./tests/run starts private servers and sets it; `./tests/run NAME` runs one test."
            )
        })
}
