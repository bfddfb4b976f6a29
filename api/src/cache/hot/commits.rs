//! What the database says of commits, and which of them a process has heard of.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DbErr};

use crate::db::{Db, statement, take_numbers};

/// The counter of writer transactions.
pub const COMMIT: &str = "commit";
/// The counter of cache epochs.
pub const CACHE_EPOCH: &str = "cache_epoch";

/// Both counters at one instant; 0 where nothing was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The number of the last writer transaction that committed.
    pub commit: i64,
    /// The cache epoch: what Redis was given in an earlier one is not used.
    pub cache_epoch: i64,
}

/// What the cache asks of the database beside profiles.
pub trait Commits: Send + Sync + 'static {
    /// Reads both counters in one statement.
    fn read(&self) -> impl Future<Output = Result<Reading, DbErr>> + Send;

    /// Starts a new cache epoch in a transaction of the writer's kind, and says how both counters stood at its end; none where
    /// the epoch is no longer `from`, so that of several processes one starts it.
    fn start_epoch(&self, from: i64)
    -> impl Future<Output = Result<Option<Reading>, DbErr>> + Send;
}

impl Commits for Db {
    async fn read(&self) -> Result<Reading, DbErr> {
        reading(Db::read(self)).await
    }

    async fn start_epoch(&self, from: i64) -> Result<Option<Reading>, DbErr> {
        let transaction = self.begin().await?;
        let now = reading(&transaction).await?;
        if now.cache_epoch != from {
            transaction.rollback().await?;
            return Ok(None);
        }
        let cache_epoch = take_numbers(&transaction, CACHE_EPOCH, 1).await?;
        transaction.commit().await?;
        Ok(Some(Reading { cache_epoch, ..now }))
    }
}

async fn reading(connection: &impl ConnectionTrait) -> Result<Reading, DbErr> {
    let select = statement(
        connection,
        format!("SELECT name, value FROM counter WHERE name IN ('{COMMIT}', '{CACHE_EPOCH}')"),
        [],
    );
    let mut reading = Reading::default();
    for row in connection.query_all_raw(select).await? {
        let name: String = row.try_get("", "name")?;
        let value = row.try_get("", "value")?;
        match name.as_str() {
            COMMIT => reading.commit = value,
            _ => reading.cache_epoch = value,
        }
    }
    Ok(reading)
}

/// Which commits are known: all up to a mark, and some beyond it.
#[derive(Debug, Default)]
pub(super) struct Known {
    mark: Option<i64>,
    beyond: BTreeSet<i64>,
}

impl Known {
    /// A commit was heard of.
    pub(super) fn hear(&mut self, commit: i64) {
        self.beyond.insert(commit);
        self.advance();
    }

    /// Whether this commit was heard of.
    pub(super) fn has(&self, commit: i64) -> bool {
        self.reaches(commit) || self.beyond.contains(&commit)
    }

    /// Whether all commits up to this one were heard of.
    pub(super) fn reaches(&self, commit: i64) -> bool {
        self.mark.is_some_and(|mark| mark >= commit)
    }

    /// All commits up to this one count as heard of.
    pub(super) fn jump(&mut self, commit: i64) {
        self.mark = self.mark.max(Some(commit));
        self.beyond = self.beyond.split_off(&commit);
        self.advance();
    }

    fn advance(&mut self) {
        while let (Some(mark), Some(first)) = (self.mark, self.beyond.first().copied()) {
            match first {
                heard if heard <= mark => {}
                next if next == mark + 1 => self.mark = Some(next),
                _ => break,
            }
            self.beyond.pop_first();
        }
    }
}
