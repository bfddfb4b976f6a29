//! Lets a sweep visit only those of whom a change of segments may change something, and count them once it knows who they are.

use sea_orm_migration::prelude::*;

use crate::columns::{integer_null, json_null};

/// This change.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        alter(manager, |sweep| sweep.drop_column("total")).await?;
        alter(manager, |sweep| sweep.add_column(integer_null("total"))).await?;
        alter(manager, |sweep| sweep.add_column(json_null("segments"))).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for step in [
            "CREATE TEMPORARY TABLE sweep_kept AS SELECT * FROM sweep",
            "DROP TABLE sweep",
        ] {
            connection.execute_unprepared(step).await?;
        }
        super::m20261122_000043_create_sweep::Migration
            .up(manager)
            .await?;
        for step in [
            "INSERT INTO sweep (name, target, completed, position, done, total, started_at, finished_at) \
             SELECT name, target, completed, position, done, coalesce(total, 0), started_at, finished_at FROM sweep_kept",
            "DROP TABLE sweep_kept",
        ] {
            connection.execute_unprepared(step).await?;
        }
        Ok(())
    }
}

async fn alter(
    manager: &SchemaManager<'_>,
    change: impl FnOnce(&mut TableAlterStatement) -> &mut TableAlterStatement,
) -> Result<(), DbErr> {
    let mut sweep = Table::alter();
    sweep.table("sweep");
    manager.alter_table(change(&mut sweep).to_owned()).await
}
