//! The database: whether it answers, what its settings are, how far its schema is, and what time it has.

use lazo_domain::clock::Timestamp;

use super::finding::Finding;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::db::{self, Change, Db, Engine};

/// Why what is in the database was not looked into.
pub(super) const UNREACHABLE: &str = "there is no database to ask";
/// 2025-01-01: the program is younger, so a clock that says less is not set.
const BEFORE_THE_PROGRAM: i64 = 1_735_689_600_000;
/// How far clocks may be apart without a word, and without an error: tokens allow 30 seconds.
const CLOCKS_APART: (i64, i64) = (2_000, 30_000);

/// Opens the database if there is one; none is created.
pub(super) async fn open(config: &Config) -> (Finding, Option<Db>) {
    let mut finding = Finding::about("database");
    let url = &config.database.url;
    finding.fact(url.to_string());
    match url.file() {
        Some(file) if !file.exists() => {
            finding.warning(
                "there is no such file yet",
                "`lazo serve` creates it; if it should be there, mend LAZO_DATABASE_URL",
            );
            return (finding, None);
        }
        None if url.is_embedded() => {
            finding.warning(
                "it is in memory and ends with the process",
                "set LAZO_DATABASE_URL to sqlite://FILE",
            );
            return (finding, None);
        }
        _ => {}
    }
    let db = match Db::connect(url.expose(), db::Options::default()).await {
        Ok(db) => db,
        Err(error) => {
            finding.error(
                error.to_string(),
                "see that it runs, that LAZO_DATABASE_URL is right, and that it lets this user in",
            );
            return (finding, None);
        }
    };
    match db.version().await {
        Ok(version) => finding.fact(match db.engine() {
            Engine::Sqlite => format!("SQLite {version}"),
            Engine::Postgres => format!("PostgreSQL {version}"),
        }),
        Err(error) => finding.error(
            error.to_string(),
            "the database does not answer as it should",
        ),
    }
    match db.engine_settings().await {
        Ok(settings) => {
            for setting in settings {
                finding.fact(format!("{} = {}", setting.name, setting.value));
                if let Some(danger) = setting.danger {
                    let what = format!("{} is {}", setting.name, setting.value);
                    if setting.name == "journal_mode" {
                        finding.warning(what, danger);
                    } else {
                        finding.error(what, danger);
                    }
                }
            }
        }
        Err(error) => finding.error(error.to_string(), "its settings cannot be read"),
    }
    (finding, Some(db))
}

/// How far the schema is.
pub(super) async fn migrations(db: &Db) -> Finding {
    let mut finding = Finding::about("migrations");
    let (changes, unknown) = match (db.changes().await, db.unknown_changes().await) {
        (Ok(changes), Ok(unknown)) => (changes, unknown),
        (Err(error), _) | (_, Err(error)) => {
            finding.error(
                error.to_string(),
                "the database does not answer as it should",
            );
            return finding;
        }
    };
    let pending: Vec<&Change> = changes.iter().filter(|change| !change.is_made).collect();
    finding.fact(format!("{} made", changes.len() - pending.len()));
    if let Some(first) = pending.first() {
        let mend = match db.engine() {
            Engine::Sqlite => "the next `lazo serve` makes them",
            Engine::Postgres => "run `lazo migrate`",
        };
        let what = format!("{} pending, from {} on", pending.len(), first.name);
        match db.engine() {
            Engine::Sqlite => finding.warning(what, mend),
            Engine::Postgres => finding.error(what, mend),
        }
    }
    if let Some(first) = unknown.first() {
        finding.error(
            format!(
                "a newer Lazo made {} more, the first {first}",
                unknown.len()
            ),
            "run that version or restore a backup",
        );
    }
    finding
}

/// Whether our clock is sane and agrees with the database's.
pub(super) async fn clock(db: Option<&Db>) -> Finding {
    let mut finding = Finding::about("clock");
    let before = SystemClock.now();
    finding.fact(before.to_string());
    is_set(before, &mut finding);
    let Some(db) = db else {
        return finding;
    };
    if let Ok(Some(theirs)) = db.clock_millis().await {
        let after = SystemClock.now();
        let ours = Timestamp(before.0.midpoint(after.0));
        are_one(ours, Timestamp(theirs), &mut finding);
    }
    // Without the table nothing was received.
    if let Ok(Some(received)) = db.last_received_millis().await {
        goes_on(before, Timestamp(received), &mut finding);
    }
    finding
}

fn is_set(ours: Timestamp, finding: &mut Finding) {
    if ours.0 < BEFORE_THE_PROGRAM {
        finding.error("the machine's clock is not set", "set it, best by NTP");
    }
}

fn are_one(ours: Timestamp, theirs: Timestamp, finding: &mut Finding) {
    let apart = theirs.0.abs_diff(ours.0);
    finding.fact(format!("the database's is {} ms off", theirs.0 - ours.0));
    let what = "our clock and the database's are apart";
    let mend = "let both machines take their time from NTP";
    if apart > CLOCKS_APART.1.unsigned_abs() {
        finding.error(what, mend);
    } else if apart > CLOCKS_APART.0.unsigned_abs() {
        finding.warning(what, mend);
    }
}

fn goes_on(ours: Timestamp, last_received: Timestamp, finding: &mut Finding) {
    if last_received.0 > ours.0.saturating_add(CLOCKS_APART.0) {
        finding.warning(
            "the last touchpoint was received in the future",
            "the clock was wrong then, or is wrong now; set it by NTP",
        );
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn told(judge: impl FnOnce(&mut Finding)) -> (String, String) {
        let mut finding = Finding::about("clock");
        judge(&mut finding);
        let level = finding.json()["level"].as_str().unwrap().to_owned();
        (level, finding.to_string())
    }

    #[rstest]
    #[case::never_set(0, "error")]
    #[case::just_before(BEFORE_THE_PROGRAM - 1, "error")]
    #[case::set(BEFORE_THE_PROGRAM, "ok")]
    fn a_clock_from_before_the_program_is_not_set(#[case] ours: i64, #[case] expected: &str) {
        let (level, line) = told(|finding| is_set(Timestamp(ours), finding));
        assert_eq!(level, expected);
        assert_eq!(line.contains("set it, best by NTP"), expected == "error");
    }

    #[rstest]
    #[case::together(0, "ok")]
    #[case::a_little(2_000, "ok")]
    #[case::ahead(2_001, "warning")]
    #[case::behind(-30_000, "warning")]
    #[case::far_ahead(30_001, "error")]
    #[case::far_behind(-30_001, "error")]
    fn two_clocks_that_are_apart_are_told(#[case] apart: i64, #[case] expected: &str) {
        let ours = Timestamp(BEFORE_THE_PROGRAM);
        let theirs = Timestamp(ours.0 + apart);
        let (level, line) = told(|finding| are_one(ours, theirs, finding));
        assert_eq!(level, expected);
        assert!(line.contains(&format!("{apart} ms off")), "{line}");
        assert_eq!(line.contains("take their time from NTP"), expected != "ok");
    }

    #[rstest]
    #[case::just_now(2_000, "ok")]
    #[case::later_than_now(2_001, "warning")]
    fn what_was_received_in_the_future_is_told(#[case] ahead: i64, #[case] expected: &str) {
        let ours = Timestamp(BEFORE_THE_PROGRAM);
        let received = Timestamp(ours.0 + ahead);
        let (level, line) = told(|finding| goes_on(ours, received, finding));
        assert_eq!(level, expected);
        assert_eq!(line.contains("set it by NTP"), expected != "ok");
    }
}
