//! Opening the pools.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr, RuntimeErr};

use super::{Db, Engine};

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
}

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
            let write = postgres(url, 2, options).await?;
            let read = postgres(url, options.readers, options).await?;
            Ok(Self {
                engine: Engine::Postgres,
                read,
                write,
            })
        } else {
            Err(ConnectError::UnknownEngine)
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
            .pragma("mmap_size", "268435456");
        if read_only {
            sqlite.pragma("query_only", "on")
        } else {
            sqlite.journal_mode(SqliteJournalMode::Wal)
        }
    });
    Database::connect(connect).await
}

async fn postgres(
    url: &str,
    connections: u32,
    options: Options,
) -> Result<DatabaseConnection, DbErr> {
    let mut connect = quiet(url, connections, options);
    connect.map_sqlx_postgres_opts(|postgres| {
        postgres.options([
            ("lock_timeout", "5000"),
            ("idle_in_transaction_session_timeout", "10000"),
            ("statement_timeout", "30000"),
        ])
    });
    Database::connect(connect).await
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

    use super::*;

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
        sea_orm::ConnectionTrait::execute_unprepared(&db.write, "CREATE TABLE t (a)")
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
    fn a_database_in_memory_has_no_file() {
        create_file("sqlite::memory:").unwrap();
        create_file("sqlite://nowhere.db?mode=memory").unwrap();
        assert!(!Path::new("nowhere.db").exists());
    }
}
