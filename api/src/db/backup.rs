//! Copies of an embedded database, made while it is written to.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr};

use super::connect::single;
use super::{Db, Engine, statement};

/// The tables whose rows only grow in number, so that a copy has as many as were there when it was made.
const GROWING: [&str; 3] = ["message", "identity_link", "audit_entry"];
/// The tables whose rows are told.
const TOLD: [&str; 3] = ["profile", "touchpoint", "purchase"];

/// A copy that was made and verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// Its size in bytes.
    pub bytes: u64,
    /// How many rows it has of what matters the most.
    pub rows: Vec<(&'static str, i64)>,
}

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Another engine has tools of its own.
    #[error("only an embedded database is copied in this way")]
    NotEmbedded,
    /// There is a file of that name.
    #[error("{}: this file is there already and is not overwritten", .0.display())]
    Exists(PathBuf),
    /// The database takes names in UTF-8 alone.
    #[error("{}: the name of this file is not UTF-8", .0.display())]
    Name(PathBuf),
    /// The file cannot be written.
    #[error("{}: {error}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system answered.
        error: io::Error,
    },
    /// The database failed.
    #[error("the database was not copied: {0}")]
    Database(#[from] DbErr),
    /// The copy is not sound.
    #[error("the copy is not sound and was deleted: {0}")]
    Unsound(String),
}

impl Db {
    /// Copies an embedded database into a new file that its owner alone can read; writers go on meanwhile.
    ///
    /// The copy is one instant of the database. It gets its name once it is whole, verified and on the disk.
    pub async fn back_up(&self, url: &str, file: &Path) -> Result<Backup, BackupError> {
        if self.engine != Engine::Sqlite {
            return Err(BackupError::NotEmbedded);
        }
        if file.to_str().is_none() {
            return Err(BackupError::Name(file.to_owned()));
        }
        if file.exists() {
            return Err(BackupError::Exists(file.to_owned()));
        }
        let mut draft = file.as_os_str().to_owned();
        draft.push(format!(".{}.partial", std::process::id()));
        let draft = PathBuf::from(draft);
        let made = self.copy(url, &draft, file).await;
        // What was made has two names by now, and what was not is of no use.
        let _ = fs::remove_file(&draft);
        made
    }

    async fn copy(&self, url: &str, draft: &Path, file: &Path) -> Result<Backup, BackupError> {
        let failed = |error| BackupError::File {
            path: file.to_owned(),
            error,
        };
        // SQLite would let everybody on the machine read it; an empty file it takes as it is.
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(draft)
            .map_err(failed)?;
        let before = counts(&self.read, &GROWING).await?;
        // A connection of its own: those that read are forbidden to write, even into another file.
        let source = single(url).await?;
        let copied = source
            .execute_raw(statement(
                &source,
                "VACUUM INTO ?1",
                [draft.to_string_lossy().into_owned().into()],
            ))
            .await;
        source.close().await?;
        copied?;
        let after = counts(&self.read, &GROWING).await?;

        let rows = verify(draft, &before, &after).await?;
        File::open(draft)
            .and_then(|copy| copy.sync_all())
            .map_err(failed)?;
        match fs::hard_link(draft, file) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(BackupError::Exists(file.to_owned()));
            }
            linked => linked.map_err(failed)?,
        }
        let folder = file
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(failed)?;
        let bytes = fs::metadata(file).map_err(failed)?.len();
        Ok(Backup { bytes, rows })
    }
}

/// Opens the copy by itself and asks whether it is whole.
async fn verify(
    draft: &Path,
    before: &[(&'static str, i64)],
    after: &[(&'static str, i64)],
) -> Result<Vec<(&'static str, i64)>, BackupError> {
    let path = url::form_urlencoded::byte_serialize(draft.to_string_lossy().as_bytes())
        .collect::<String>()
        .replace('+', "%20")
        .replace("%2F", "/");
    let mut options = ConnectOptions::new(format!("sqlite://{path}?mode=ro&immutable=true"));
    options.max_connections(1).sqlx_logging(false);
    let copy = Database::connect(options).await?;
    let verified = verify_open(&copy, before, after).await;
    copy.close().await?;
    verified
}

async fn verify_open(
    copy: &DatabaseConnection,
    before: &[(&'static str, i64)],
    after: &[(&'static str, i64)],
) -> Result<Vec<(&'static str, i64)>, BackupError> {
    let check = statement(copy, "PRAGMA integrity_check", []);
    let row = copy.query_one_raw(check).await?;
    let answer: String = row.map_or_else(|| Ok(String::new()), |row| row.try_get_by_index(0))?;
    if answer != "ok" {
        return Err(BackupError::Unsound(answer));
    }
    let copied = counts(copy, &GROWING).await?;
    for (((table, rows), (_, least)), (_, most)) in copied.iter().zip(before).zip(after) {
        if !(least..=most).contains(&rows) {
            return Err(BackupError::Unsound(format!(
                "{table} has {rows} rows, and the database {least} to {most}"
            )));
        }
    }
    Ok(counts(copy, &TOLD).await?)
}

async fn counts(
    connection: &DatabaseConnection,
    tables: &[&'static str],
) -> Result<Vec<(&'static str, i64)>, DbErr> {
    let mut counts = Vec::with_capacity(tables.len());
    for table in tables {
        let count = statement(connection, format!("SELECT count(*) FROM {table}"), []);
        let row = connection.query_one_raw(count).await?;
        counts.push((*table, row.map_or(Ok(0), |row| row.try_get_by_index(0))?));
    }
    Ok(counts)
}
