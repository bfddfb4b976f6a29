//! Verifying the chain, entry by entry, as it was at one instant.

use lazo_domain::privacy::audit::{Broken, Fault, Head, Verifier};
use lazo_entity::audit_entry::Model;
use sea_orm::{DbErr, FromQueryResult};

use super::{chain, store};
use crate::db::Db;

/// How many entries are held at a time.
const BATCH: u64 = 500;

/// What was found of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is whole, up to this end.
    Whole(Head),
    /// This entry is the first that is wrong.
    Broken(Broken),
    /// The end of the chain is not kept any more, so that nobody can tell whether entries were cut off; up to this one it is whole.
    WithoutEnd(Head),
}

/// Verifies the whole chain, which must also pass through an end that was noted elsewhere, if one was.
pub async fn verify(db: &Db, noted: Option<Head>) -> Result<Verdict, DbErr> {
    let snapshot = db.snapshot().await?;
    let kept = store::kept_head(&snapshot).await?;
    let mut walk = Walk::default();
    let mut after = i64::MIN;
    loop {
        let rows = store::after(&snapshot, after, BATCH).await?;
        let Some(last) = rows.last() else { break };
        after = last.try_get("", "seq")?;
        for row in &rows {
            let seq: i64 = row.try_get("", "seq")?;
            // A row that cannot be read any more was altered.
            let entry = Model::from_query_result(row, "").ok();
            if let Err(broken) = walk.pass(seq, entry.as_ref(), noted) {
                return Ok(Verdict::Broken(broken));
            }
        }
    }
    Ok(walk.end(kept, noted))
}

/// The way through the chain, up to the last entry that was good.
#[derive(Clone, Copy, Default)]
struct Walk {
    verifier: Verifier,
    head: Head,
}

impl Walk {
    fn pass(&mut self, seq: i64, entry: Option<&Model>, noted: Option<Head>) -> Result<(), Broken> {
        let next = self.head.seq.saturating_add(1);
        let broken = |fault| Broken { seq: next, fault };
        let seq = u64::try_from(seq).map_err(|_| broken(Fault::Unlinked))?;
        if seq > next {
            return Err(broken(Fault::Missing));
        }
        let entry = entry.ok_or(broken(Fault::Altered))?;
        chain::check(&mut self.verifier, seq, entry).map_err(broken)?;
        let hash = entry.hash.parse().map_err(|_| broken(Fault::Altered))?;
        self.head = Head { seq, hash };
        match noted.filter(|noted| noted.seq == seq && noted.hash != hash) {
            Some(_) => Err(broken(Fault::Unlinked)),
            None => Ok(()),
        }
    }

    fn end(self, kept: Option<Head>, noted: Option<Head>) -> Verdict {
        let ends = [noted, kept].into_iter().flatten();
        let longest = ends.max_by_key(|end| end.seq);
        if let Some(end) = longest.filter(|end| end.seq > self.head.seq) {
            let missing = (self.head.seq + 1).min(end.seq);
            return Verdict::Broken(Broken {
                seq: missing,
                fault: Fault::Missing,
            });
        }
        match kept {
            None => Verdict::WithoutEnd(self.head),
            Some(kept) if kept == self.head => Verdict::Whole(kept),
            // Entries stand behind the end that is kept, or the last one is another.
            Some(kept) => Verdict::Broken(Broken {
                seq: (kept.seq + 1).min(self.head.seq),
                fault: Fault::Unlinked,
            }),
        }
    }
}
