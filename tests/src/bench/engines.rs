//! A private PostgreSQL and a private Redis, set up as for a company's server of this size.

use std::{fs, path::Path};

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::process::{Process, parent};
use crate::{Engine, engine::TestDatabase, postgres::PrivatePostgres, redis::PrivateRedis};

/// What a company's server is given: memory to hold what is read often, and room in the log. All that makes a commit durable stays as it is by default.
const SETTINGS: [&str; 4] = [
    "ALTER SYSTEM SET shared_buffers = '2GB'",
    "ALTER SYSTEM SET max_wal_size = '8GB'",
    "ALTER SYSTEM SET checkpoint_timeout = '15min'",
    "ALTER SYSTEM SET random_page_cost = 1.1",
];

/// The servers that all sections share. Dropping them stops both.
#[derive(Debug)]
pub struct Engines {
    postgres: PrivatePostgres,
    redis: PrivateRedis,
    /// PostgreSQL with its workers.
    pub postgres_process: Process,
    /// Redis.
    pub redis_process: Process,
    /// The version of each.
    pub versions: [String; 2],
}

impl Engines {
    /// Starts both.
    pub async fn start() -> Self {
        let postgres = PrivatePostgres::start();
        let administrator = existing(&postgres.url()).connect().await;
        for setting in SETTINGS {
            run(&administrator, setting).await;
        }
        let _ = administrator.close().await;
        postgres.crash();
        postgres.up();
        let administrator = existing(&postgres.url()).connect().await;
        let backend: i32 = one(&administrator, "SELECT pg_backend_pid()").await;
        let postgres_id = parent(u32::try_from(backend).expect("a process id"));
        let postgres_version: String = one(&administrator, "SHOW server_version").await;
        let _ = administrator.close().await;
        let mut redis = PrivateRedis::away();
        redis.up();
        let told = about_redis(&redis.url()).await;
        let field = |name: &str| {
            let line = told.lines().find_map(|line| line.strip_prefix(name));
            line.expect("Redis tells about itself").trim().to_owned()
        };
        let redis_id = field("process_id:").parse().expect("a process id");
        Self {
            postgres_process: Process::with_children(postgres_id),
            redis_process: Process::alone(redis_id),
            versions: [
                format!("PostgreSQL {postgres_version}"),
                format!("Redis {}", field("redis_version:")),
            ],
            postgres,
            redis,
        }
    }

    /// Where Redis is.
    pub fn redis_url(&self) -> String {
        self.redis.url()
    }

    /// A new, empty database.
    pub async fn database(&self, engine: Engine, folder: &Path, name: &str) -> TestDatabase {
        if engine == Engine::Sqlite {
            let file = folder.join(format!("{name}.db"));
            return TestDatabase::existing(engine, format!("sqlite://{}", file.display()));
        }
        let administrator = existing(&self.postgres.url()).connect().await;
        run(&administrator, &format!("CREATE DATABASE {name}")).await;
        let _ = administrator.close().await;
        let url = self.postgres.url();
        let (server, _) = url.rsplit_once('/').expect("the address of a database");
        existing(&format!("{server}/{name}"))
    }

    /// Removes a database.
    pub async fn remove(&self, database: TestDatabase) {
        if let Some(file) = database.url.strip_prefix("sqlite://") {
            for end in ["", "-wal", "-shm"] {
                let _ = fs::remove_file(format!("{file}{end}"));
            }
        } else if let Some((_, name)) = database.url.rsplit_once('/') {
            let administrator = existing(&self.postgres.url()).connect().await;
            run(
                &administrator,
                &format!("DROP DATABASE {name} WITH (FORCE)"),
            )
            .await;
            let _ = administrator.close().await;
        }
    }
}

fn existing(url: &str) -> TestDatabase {
    TestDatabase::existing(Engine::Postgres, url.to_owned())
}

async fn about_redis(url: &str) -> String {
    let address = url.trim_start_matches("redis://");
    let mut stream = TcpStream::connect(address).await.expect("Redis listens");
    let asked = stream.write_all(b"INFO server\r\nQUIT\r\n").await;
    asked.expect("Redis takes commands");
    let mut told = String::new();
    let read = stream.read_to_string(&mut told).await;
    read.expect("Redis answers");
    told
}

/// Runs a statement.
pub async fn run(connection: &DatabaseConnection, sql: &str) {
    connection
        .execute_unprepared(sql)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// The one value that a query gives.
pub async fn one<T: sea_orm::TryGetable>(connection: &DatabaseConnection, sql: &str) -> T {
    let query = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection
        .query_one_raw(query)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    row.and_then(|row| row.try_get_by_index(0).ok())
        .unwrap_or_else(|| panic!("{sql} gives a value"))
}
