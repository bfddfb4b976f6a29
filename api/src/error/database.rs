//! Which failures of the database pass, and what may be told of one.

use sea_orm::{DbErr, RuntimeErr, SqlxError};

/// Whether the same statement can succeed later: the connection was lost, the database is short of
/// something, or another transaction was in the way.
pub(super) fn is_passing(error: &DbErr) -> bool {
    match error {
        DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            match error.as_ref() {
                SqlxError::Io(_)
                | SqlxError::Tls(_)
                | SqlxError::PoolTimedOut
                | SqlxError::PoolClosed
                | SqlxError::WorkerCrashed => true,
                SqlxError::Database(error) => {
                    error.code().is_some_and(|code| is_passing_code(&code))
                }
                _ => false,
            }
        }
        _ => false,
    }
}

/// A failure without the driver's text, which may quote a person's values: its kind, and the database's code and constraint.
pub(super) fn describe(error: &DbErr) -> String {
    let (DbErr::Conn(RuntimeErr::SqlxError(driver))
    | DbErr::Exec(RuntimeErr::SqlxError(driver))
    | DbErr::Query(RuntimeErr::SqlxError(driver))) = error
    else {
        return match error {
            DbErr::ConnectionAcquire(_) => "no connection to the database in time".to_owned(),
            DbErr::Conn(_) => "no connection to the database".to_owned(),
            _ => "the database's answer does not fit".to_owned(),
        };
    };
    match driver.as_ref() {
        SqlxError::Database(refusal) => {
            let code = refusal.code().unwrap_or_default();
            let constraint = refusal.constraint().unwrap_or("none");
            format!("the database answered code {code}, constraint {constraint}")
        }
        SqlxError::Io(error) => format!("the connection to the database broke: {}", error.kind()),
        SqlxError::PoolTimedOut => "no connection to the database in time".to_owned(),
        SqlxError::PoolClosed => "the connections to the database are closed".to_owned(),
        _ => "the database's driver failed".to_owned(),
    }
}

/// PostgreSQL's codes have five characters (its manual, appendix A); SQLite's are numbers whose low
/// byte is the primary code (<https://www.sqlite.org/rescode.html>).
fn is_passing_code(code: &str) -> bool {
    const SQLITE_BUSY: u32 = 5;
    const SQLITE_LOCKED: u32 = 6;
    const SQLITE_IOERR: u32 = 10;
    const SQLITE_FULL: u32 = 13;

    if code.len() == 5 {
        // 08 connection, 53 resources (disk, memory, connections), 57P0x shutdown and restart;
        // read-only after a failover, a session ended while idle in a transaction, serialization failure, deadlock, lock
        // timeout, statement timeout.
        code.starts_with("08")
            || code.starts_with("53")
            || code.starts_with("57P0")
            || matches!(
                code,
                "25006" | "25P03" | "40001" | "40P01" | "55P03" | "57014"
            )
    } else {
        code.parse::<u32>().is_ok_and(|code| {
            matches!(
                code & 0xff,
                SQLITE_BUSY | SQLITE_LOCKED | SQLITE_IOERR | SQLITE_FULL
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use sea_orm::{ConnectionTrait, Database};

    use super::*;
    use crate::error::{ApiError, Error};

    #[rstest]
    #[case::connection_failure("08006", true)]
    #[case::too_many_connections("53300", true)]
    #[case::disk_full("53100", true)]
    #[case::admin_shutdown("57P01", true)]
    #[case::query_canceled("57014", true)]
    #[case::read_only("25006", true)]
    #[case::ended_while_idle("25P03", true)]
    #[case::serialization_failure("40001", true)]
    #[case::deadlock("40P01", true)]
    #[case::lock_timeout("55P03", true)]
    #[case::unique_violation("23505", false)]
    #[case::undefined_table("42P01", false)]
    #[case::sqlite_busy("5", true)]
    #[case::sqlite_busy_snapshot("517", true)]
    #[case::sqlite_locked_shared_cache("262", true)]
    #[case::sqlite_io("10", true)]
    #[case::sqlite_full("13", true)]
    #[case::sqlite_unique("2067", false)]
    #[case::sqlite_error("1", false)]
    fn a_database_code_is_passing_or_permanent(#[case] code: &str, #[case] passing: bool) {
        assert_eq!(is_passing_code(code), passing);
    }

    #[tokio::test]
    async fn a_refused_statement_is_permanent_and_its_text_stays_inside() {
        let db = Database::connect("sqlite::memory:").await.unwrap();
        let error = Error::from(
            db.execute_unprepared("select * from s3cret")
                .await
                .unwrap_err(),
        );
        assert!(!error.is_passing());
        assert!(!error.for_the_log().contains("s3cret"));
        assert_eq!(ApiError::from(error), ApiError::internal());
    }

    #[tokio::test]
    async fn a_busy_sqlite_is_passing() {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/a.db?mode=rwc", dir.path().display());
        let (one, two) = (
            Database::connect(&url).await.unwrap(),
            Database::connect(&url).await.unwrap(),
        );
        two.execute_unprepared("pragma busy_timeout = 0")
            .await
            .unwrap();
        one.execute_unprepared("begin immediate").await.unwrap();
        let error = Error::from(two.execute_unprepared("begin immediate").await.unwrap_err());
        assert!(error.is_passing(), "{error}");
    }
}
