//! The audit log: whether it is whole, from its first entry to the end that is kept.

use lazo_domain::privacy::audit::Head;

use super::database;
use super::finding::Finding;
use crate::audit::{Verdict, verify};
use crate::config::Config;

/// How to mend a log that is not whole.
const MEND: &str =
    "compare it with a backup from before: entries are never changed or removed by the program";

/// An end of the log as it is printed.
pub(super) fn head(text: &str) -> Result<Head, String> {
    let read = |text: &str| {
        let (seq, hash) = text.split_once(':')?;
        Some(Head {
            seq: seq.parse().ok()?,
            hash: hash.parse().ok()?,
        })
    };
    read(text).ok_or_else(|| {
        "write it as it was printed: a number, a colon and 64 hexadecimal digits".to_owned()
    })
}

/// Verifies the log. What is said of the database is told only where it is in the way.
pub(super) async fn look(config: &Config, noted: Option<Head>) -> Vec<Finding> {
    let (about_database, db) = database::open(config).await;
    let Some(db) = db else {
        return vec![
            about_database,
            Finding::skipped("audit", database::UNREACHABLE),
        ];
    };
    let mut finding = Finding::about("audit");
    match verify(&db, noted).await {
        Ok(Verdict::Whole(Head { seq, hash })) => {
            finding.fact(format!("{seq} entries"));
            finding.fact(format!("note this end elsewhere: {seq}:{hash}"));
        }
        Ok(Verdict::Broken(broken)) => finding.error(broken.to_string(), MEND),
        Ok(Verdict::WithoutEnd(Head { seq, .. })) => {
            let what = format!("its end is not kept any more, and it is whole up to entry {seq}");
            finding.error(what, MEND);
        }
        Err(error) => {
            let mend = "run `lazo migrate`, and see that the database answers";
            finding.error(format!("it cannot be read: {error}"), mend);
        }
    }
    vec![finding]
}
