//! Sorts profiles by the day on which they were last seen, and leaves room for their changes.
//!
//! A profile is seen again and again within a day, so an index of the exact time had to be changed with nearly every touchpoint,
//! and all other indexes of the row with it. An index of the day is not, and within a day few are sorted. Where rows are changed
//! often and no index with them, `PostgreSQL` keeps the new row in the page of the old one if there is room
//! (<https://www.postgresql.org/docs/current/storage-hot.html>).

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::columns::{index, integer_null};

/// The tables whose rows change with touchpoints.
const CHANGING: [&str; 3] = ["profile", "fragment", "identifier"];

/// This change.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let add = Table::alter()
            .table("profile")
            .add_column(integer_null("last_seen_day"))
            .to_owned();
        manager.alter_table(add).await?;
        let connection = manager.get_connection();
        // Rounded down, also before 1970.
        connection
            .execute_unprepared(
                "UPDATE profile SET last_seen_day = \
                 (last_seen - ((last_seen % 86400000) + 86400000) % 86400000) / 86400000",
            )
            .await?;
        let drop = Index::drop()
            .name("profile_last_seen_id_idx")
            .table("profile")
            .to_owned();
        manager.drop_index(drop).await?;
        // Lists are of profiles that were not merged into another. SQLite goes by that first and then takes the order; PostgreSQL
        // takes no order from an index behind a column that is null, and sorts null as the greatest value unless told otherwise.
        let columns = match manager.get_database_backend() {
            DbBackend::Postgres => "last_seen_day DESC NULLS LAST",
            _ => "merged_into, last_seen_day DESC",
        };
        connection
            .execute_unprepared(&format!(
                "CREATE INDEX profile_last_seen_day_idx ON profile ({columns})"
            ))
            .await?;
        each_table(manager, "SET (fillfactor = 70)").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        each_table(manager, "RESET (fillfactor)").await?;
        let drop = Index::drop()
            .name("profile_last_seen_day_idx")
            .table("profile")
            .to_owned();
        manager.drop_index(drop).await?;
        let drop = Table::alter()
            .table("profile")
            .drop_column("last_seen_day")
            .to_owned();
        manager.alter_table(drop).await?;
        manager
            .create_index(index("profile", &["last_seen", "id"]))
            .await
    }
}

/// How full the pages of the tables are made; SQLite has no such setting.
async fn each_table(manager: &SchemaManager<'_>, setting: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        for table in CHANGING {
            let alter = format!("ALTER TABLE {table} {setting}");
            manager.get_connection().execute_unprepared(&alter).await?;
        }
    }
    Ok(())
}
