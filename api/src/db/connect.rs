//! Opening the pools.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, RuntimeErr};

use super::{Db, Engine, statement};

/// How the pools are made.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How many connections read.
    pub readers: u32,
    /// How long to wait for a free connection, and for a connection to open.
    pub patience: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            readers: 8,
            patience: Duration::from_secs(2),
        }
    }
}

/// Why no database could be opened. Its text never holds a password.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The address is of no engine that is known.
    #[error("the database address must begin with sqlite:// or postgres://")]
    UnknownEngine,
    /// The database does not open.
    #[error("the database does not open: {0}")]
    Database(#[from] DbErr),
    /// The file of an embedded database cannot be created.
    #[error("the database file cannot be created: {0}")]
    File(#[from] std::io::Error),
    /// The server is older than what is written for.
    #[error("the server is PostgreSQL {0}; PostgreSQL {OLDEST_POSTGRES} or newer is needed")]
    OldServer(String),
    /// The database has a schema that this program does not know.
    #[error(
        "the database was migrated by a newer Lazo (change {0} is unknown here); run that version or restore a backup"
    )]
    NewerSchema(String),
}

/// The oldest PostgreSQL that is tested with.
pub const OLDEST_POSTGRES: i32 = 15;

impl Db {
    /// Opens the database at `url`: `sqlite://FILE` or `postgres://…`.
    pub async fn connect(url: &str, options: Options) -> Result<Self, ConnectError> {
        if url.starts_with("sqlite:") {
            create_file(url)?;
            let write = sqlite(url, 1, options, false).await?;
            let read = sqlite(url, options.readers, options, true).await?;
            Ok(Self {
                engine: Engine::Sqlite,
                read,
                write,
            })
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let write = Database::connect(on_postgres(url, 2, options, FEW_PLANS)).await?;
            let read = on_postgres(url, options.readers, options, "auto");
            let read = Database::connect(read).await?;
            check_version(&read).await?;
            Ok(Self {
                engine: Engine::Postgres,
                read,
                write,
            })
        } else {
            Err(ConnectError::UnknownEngine)
        }
    }

    /// The same database with a connection for writing that is shared with nobody, opened by whoever uses it first: on a server its
    /// socket is then watched by the thread that waits for it. An embedded one has a single connection that writes.
    pub async fn apart(&self, url: &str, options: Options) -> Result<Self, DbErr> {
        let mut apart = self.clone();
        if self.engine == Engine::Postgres {
            apart.write = Database::connect(
                on_postgres(url, 1, options, FEW_PLANS)
                    .min_connections(0)
                    .connect_lazy(true)
                    .to_owned(),
            )
            .await?;
        }
        Ok(apart)
    }

    /// Opens the database at `url`, unless a newer program has changed its schema.
    pub async fn open(url: &str, options: Options) -> Result<Self, ConnectError> {
        let db = Self::connect(url, options).await?;
        match db.unknown_changes().await?.into_iter().next() {
            None => Ok(db),
            Some(change) => Err(ConnectError::NewerSchema(change)),
        }
    }

    /// The file of an embedded database, if `url` names one.
    pub fn embedded_file(url: &str) -> Option<PathBuf> {
        let path = url.strip_prefix("sqlite:")?.trim_start_matches("//");
        let path = path
            .split('?')
            .next()
            .filter(|path| !path.is_empty() && *path != ":memory:")?;
        Some(Path::new(path).to_path_buf())
    }
}

/// Creates the file of an embedded database, if it is not there, for its owner alone.
///
/// `SQLite` itself would let everybody on the machine read it. The files that it puts beside it, `-wal` and `-shm`, get the
/// permissions of this one (<https://www.sqlite.org/src/file/src/os_unix.c>, `findCreateFileMode`).
fn create_file(url: &str) -> Result<(), ConnectError> {
    if Db::embedded_file(url).is_none() || url.contains("mode=memory") || url.contains("mode=ro") {
        return Ok(());
    }
    let sqlite: SqliteConnectOptions = url
        .parse()
        .map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))))?;
    let mut create = OpenOptions::new();
    create.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut create, 0o600);
    match create.open(sqlite.get_filename()) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error.into()),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn quiet(url: &str, connections: u32, options: Options) -> ConnectOptions {
    let mut connect = ConnectOptions::new(url);
    connect
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(options.patience)
        .connect_timeout(options.patience)
        .test_before_acquire(false)
        .sqlx_logging(false);
    connect
}

/// After so many pages in the log the database's file is brought up to date. Pages that change again and again, as those of indexes do,
/// are written there once for all the times that they changed; the log stays below 16 MiB and the pauses short.
const CHECKPOINT_PAGES: &str = "4000";

async fn sqlite(
    url: &str,
    connections: u32,
    options: Options,
    read_only: bool,
) -> Result<DatabaseConnection, DbErr> {
    let mut connect = quiet(url, connections, options);
    connect.map_sqlx_sqlite_opts(move |sqlite: SqliteConnectOptions| {
        let sqlite = sqlite
            .create_if_missing(!read_only)
            .busy_timeout(Duration::from_secs(5))
            .synchronous(SqliteSynchronous::Full)
            .pragma("cache_size", "-32768")
            .pragma("mmap_size", "268435456")
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES);
        if read_only {
            sqlite.pragma("query_only", "on")
        } else {
            sqlite.journal_mode(SqliteJournalMode::Wal)
        }
    });
    Database::connect(connect).await
}

/// One connection to an embedded database beside all others, which is there already.
pub(super) async fn single(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut connect = quiet(url, 1, Options::default());
    connect.map_sqlx_sqlite_opts(|sqlite: SqliteConnectOptions| {
        sqlite
            .create_if_missing(false)
            .busy_timeout(Duration::from_secs(5))
    });
    Database::connect(connect).await
}

/// Statements are prepared, and PostgreSQL keeps the plan it made of one while a table was small or not yet looked at by
/// `ANALYZE`: without a word against it that plan reads the whole table, for minutes after it has grown. What is asked for by key
/// goes by an index, whatever the statistics say; what has none reads the table still. `jit` would take the price that is set on
/// that for real, and compile for it (<https://www.postgresql.org/docs/15/runtime-config-query.html>).
///
/// The writer's few statements are planned once: a plan for the rows at hand would be no other, and is a large part of the work if
/// they are few.
const PLANS: [(&str, &str); 4] = [
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("jit", "off"),
];

/// Plans that are made once for each statement.
const FEW_PLANS: &str = "force_generic_plan";

fn on_postgres(
    url: &str,
    connections: u32,
    options: Options,
    plans: &'static str,
) -> ConnectOptions {
    let mut connect = quiet(url, connections, options);
    connect.map_sqlx_postgres_opts(move |postgres| {
        postgres.options(PLANS).options([
            ("plan_cache_mode", plans),
            ("lock_timeout", "5000"),
            ("idle_in_transaction_session_timeout", "10000"),
            ("statement_timeout", "30000"),
        ])
    });
    connect
}

async fn check_version(connection: &DatabaseConnection) -> Result<(), ConnectError> {
    let ask = "SELECT current_setting('server_version_num')::int AS number, \
               current_setting('server_version') AS name";
    let row = connection
        .query_one_raw(statement(connection, ask, []))
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("the server's version".to_owned()))?;
    let (number, name) = (row.try_get("", "number")?, row.try_get("", "name")?);
    if is_new_enough(number) {
        Ok(())
    } else {
        Err(ConnectError::OldServer(name))
    }
}

/// Whether this is the number of a version that is tested with, such as 150004 for 15.4.
fn is_new_enough(number: i32) -> bool {
    number >= OLDEST_POSTGRES * 10_000
}

impl FromStr for Engine {
    type Err = ConnectError;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        match url.split(':').next() {
            Some("sqlite") => Ok(Self::Sqlite),
            Some("postgres" | "postgresql") => Ok(Self::Postgres),
            _ => Err(ConnectError::UnknownEngine),
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs::{Permissions, metadata, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    use sea_orm::{TransactionOptions, TransactionTrait};
    use serde_json::json;

    use super::*;
    use crate::auth::caller::Caller;
    use crate::testing::TestApp;

    fn mode(path: &Path) -> u32 {
        metadata(path).unwrap().permissions().mode() & 0o777
    }

    async fn connect(url: &str) -> Db {
        Db::connect(url, Options::default()).await.unwrap()
    }

    #[tokio::test]
    async fn the_embedded_database_is_its_owners_alone() {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/a%20b.db", directory.path().display());
        let db = connect(&url).await;
        ConnectionTrait::execute_unprepared(&db.write, "CREATE TABLE t (a)")
            .await
            .unwrap();
        let mut names: Vec<_> = std::fs::read_dir(directory.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.file_name().unwrap().to_owned(), mode(&path)))
            .collect();
        names.sort();
        let expected = ["a b.db", "a b.db-shm", "a b.db-wal"].map(|name| (name.into(), 0o600));
        assert_eq!(names, expected);
    }

    #[tokio::test]
    async fn the_permissions_of_a_file_that_is_there_are_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lazo.db");
        std::fs::write(&path, "").unwrap();
        set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        connect(&format!("sqlite://{}", path.display())).await;
        assert_eq!(mode(&path), 0o640);
    }

    #[test]
    fn postgres_15_is_new_enough_and_14_is_not() {
        assert!(is_new_enough(150_000) && is_new_enough(170_002));
        assert!(!is_new_enough(140_011) && !is_new_enough(90_624));
    }

    #[tokio::test]
    async fn what_is_asked_for_by_key_never_reads_whole_tables() {
        let test = TestApp::start().await;
        let db = test.app.db();
        if db.engine() == Engine::Sqlite {
            return;
        }
        // The indexes were built by reading the tables, by one of two sessions.
        let options = TransactionOptions::default;
        let sessions = [
            db.write.begin_with_options(options()).await,
            db.write.begin_with_options(options()).await,
        ];
        for session in sessions.map(Result::unwrap) {
            session
                .execute_unprepared("SELECT pg_stat_force_next_flush()")
                .await
                .unwrap();
            session.commit().await.unwrap();
        }
        db.write
            .execute_unprepared("SELECT pg_stat_reset()")
            .await
            .unwrap();
        let source = test.source("shop", true).await;
        let item = |number: usize| {
            json!({ "type": "identify", "messageId": number.to_string(), "userId": format!("customer {number}"),
                "anonymousId": format!("device {number}"), "traits": { "city": "Soria" } })
        };
        for round in 0..20 {
            let items: Vec<_> = (0..100).map(|number| item(round * 100 + number)).collect();
            test.record(&source, &items).await;
            test.app.hot().forget_all();
            let by = format!("{{ customerId: \"customer {}\" }}", round * 100);
            let document =
                format!("{{ profile(by: {by}) {{ traits {{ value }} identifiers {{ value }} }} }}");
            let answer = test.answer(Caller::Local, &document).await;
            let city = &answer["data"]["profile"]["traits"][0]["value"];
            assert_eq!(city, "Soria", "{answer}");
        }
        let url = test.app.config().database.url.expose().to_owned();
        // A session hands in what it counted at the latest when it ends.
        db.read.close_by_ref().await.unwrap();
        db.write.close_by_ref().await.unwrap();
        let db = connect(&url).await;
        let sql = "SELECT relname::text AS name, seq_scan FROM pg_stat_user_tables \
                   WHERE relname IN ('identifier', 'fragment', 'profile', 'message') AND seq_scan > 0";
        let scanned = db.read.query_all_raw(statement(&db.read, sql, [])).await;
        let scanned = scanned.unwrap();
        let scanned: Vec<(String, i64)> = scanned
            .iter()
            .map(|row| {
                (
                    row.try_get("", "name").unwrap(),
                    row.try_get("", "seq_scan").unwrap(),
                )
            })
            .collect();
        assert_eq!(scanned, []);
    }

    #[test]
    fn a_database_in_memory_has_no_file() {
        create_file("sqlite::memory:").unwrap();
        create_file("sqlite://nowhere.db?mode=memory").unwrap();
        assert!(!Path::new("nowhere.db").exists());
    }
}
