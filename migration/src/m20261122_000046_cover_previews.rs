//! Gives conditions that are asked of all profiles what they need in indexes, so that the wide rows of the tables stay unread.
//!
//! What these indexes hold of a profile changes with its purchases alone, so a row that changes with every touchpoint still changes in
//! its page (<https://www.postgresql.org/docs/current/storage-hot.html>).

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// A text trait leads to its profile.
const TEXTS: &str = "CREATE INDEX profile_trait_name_text_profile_id_idx ON profile_trait (name, text, profile_id) WHERE text IS NOT NULL";
const TEXTS_BEFORE: &str =
    "CREATE INDEX profile_trait_name_text_idx ON profile_trait (name, text) WHERE text IS NOT NULL";

/// PostgreSQL reckons with how often a value is there at all, if it is not told how often it is there under a name
/// (<https://www.postgresql.org/docs/current/planner-stats.html#PLANNER-STATS-EXTENDED>).
const STATISTICS: &str =
    "CREATE STATISTICS profile_trait_name_text_statistics (mcv) ON name, text FROM profile_trait";

/// This change.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite finds by all columns of an index.
        let (open, close) = match manager.get_database_backend() {
            DbBackend::Postgres => (") INCLUDE (", ")"),
            _ => (", ", ")"),
        };
        let purchases = format!(
            "CREATE INDEX purchase_placed_at_idx ON purchase (placed_at{open}profile_id, net, left_out{close} WHERE counted"
        );
        let summaries = format!(
            "CREATE INDEX profile_summary_idx ON profile (id{open}orders, spend, first_order_at, last_order_at{close} \
             WHERE merged_into IS NULL"
        );
        for step in [
            "DROP INDEX profile_trait_name_text_idx",
            TEXTS,
            &purchases,
            &summaries,
        ] {
            manager.get_connection().execute_unprepared(step).await?;
        }
        on_postgres(manager, STATISTICS).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        on_postgres(
            manager,
            "DROP STATISTICS profile_trait_name_text_statistics",
        )
        .await?;
        for step in [
            "DROP INDEX profile_summary_idx",
            "DROP INDEX purchase_placed_at_idx",
            "DROP INDEX profile_trait_name_text_profile_id_idx",
            TEXTS_BEFORE,
        ] {
            manager.get_connection().execute_unprepared(step).await?;
        }
        Ok(())
    }
}

async fn on_postgres(manager: &SchemaManager<'_>, step: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        manager.get_connection().execute_unprepared(step).await?;
    }
    Ok(())
}
