//! Transactions for what is asked of all profiles: they see one instant of the database, and what they began ends with them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sea_orm::sqlx::sqlite::SqlitePoolOptions;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, RuntimeErr, SqlxSqliteConnector,
    TransactionOptions, TransactionTrait,
};

use super::{Db, Engine};

/// What is good for statements that look at most rows of their tables, and bad for all others: the plan is made for the parameters at
/// hand, whole tables may be read and hashed, and there is memory for that
/// (<https://www.postgresql.org/docs/15/runtime-config-query.html>).
const WIDE_PLANS: &str = "SET LOCAL enable_seqscan = on; SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on; \
    SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL work_mem = '64MB'; \
    SET LOCAL hash_mem_multiplier = 4";

/// After so many steps of its machine SQLite asks whether to go on: some thousand times a second
/// (<https://www.sqlite.org/c3ref/progress_handler.html>).
const STEPS: i32 = 10_000;

/// A transaction that only reads and may look at much. Dropping it ends what it asked last.
#[derive(Debug)]
pub struct Preview {
    transaction: DatabaseTransaction,
    stop: Option<StopOnDrop>,
}

impl Preview {
    /// For queries in it.
    pub fn connection(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// Ends it.
    pub async fn end(self) -> Result<(), DbErr> {
        let Self { transaction, stop } = self;
        let ended = transaction.commit().await;
        drop(stop);
        ended
    }
}

/// Tells a statement of SQLite to stop.
#[derive(Debug)]
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Db {
    /// Opens a transaction that only reads, sees one instant of the database, and may look at much of it. A statement that takes longer
    /// than `patience` fails, on PostgreSQL; on SQLite, the caller drops it.
    pub async fn preview(&self, patience: Duration) -> Result<Preview, DbErr> {
        if self.engine == Engine::Sqlite {
            return self.sqlite_preview().await;
        }
        let transaction = self.snapshot().await?;
        let most = patience.as_millis();
        let settings = format!("SET LOCAL statement_timeout = {most}; {WIDE_PLANS}");
        transaction.execute_unprepared(&settings).await?;
        Ok(Preview {
            transaction,
            stop: None,
        })
    }

    /// SQLite goes on with a statement that nobody waits for, and keeps its connection busy. So a preview has a connection of its own,
    /// which is told to stop.
    async fn sqlite_preview(&self) -> Result<Preview, DbErr> {
        let options = self.read.get_sqlite_connection_pool().connect_options();
        let stop = StopOnDrop(Arc::default());
        let stopped = Arc::clone(&stop.0);
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .after_connect(move |connection, _| {
                let stopped = Arc::clone(&stopped);
                Box::pin(async move {
                    let mut handle = connection.lock_handle().await?;
                    handle.set_progress_handler(STEPS, move || !stopped.load(Ordering::Relaxed));
                    Ok(())
                })
            })
            .connect_with((*options).clone())
            .await
            .map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))))?;
        let connection = SqlxSqliteConnector::from_sqlx_sqlite_pool(pool);
        Ok(Preview {
            transaction: connection
                .begin_with_options(TransactionOptions::default())
                .await?,
            stop: Some(stop),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Part;
    use crate::testing::TestApp;

    #[tokio::test]
    async fn what_nobody_waits_for_any_longer_is_ended() {
        let test = TestApp::start().await;
        let db = test.app.db();
        if db.engine() == Engine::Postgres {
            return;
        }
        let preview = db.preview(Duration::from_secs(1)).await.unwrap();
        let running = Arc::downgrade(&preview.stop.as_ref().unwrap().0);
        let endless = Part::new(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
        );
        let asked = async {
            let statement = endless.statement(preview.connection());
            preview.connection().query_one_raw(statement).await
        };
        let waited = tokio::time::timeout(Duration::from_millis(100), asked).await;
        assert!(waited.is_err());
        drop(preview);
        let gone = async {
            while running.upgrade().is_some() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let gone = tokio::time::timeout(Duration::from_secs(5), gone).await;
        assert!(gone.is_ok(), "the connection goes on");
    }
}
