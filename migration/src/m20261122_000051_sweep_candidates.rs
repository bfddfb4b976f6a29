//! Lets a sweep visit only those of whom a change of segments may change something, and count them once it knows who they are.

use sea_orm_migration::prelude::*;

use crate::columns::{integer, integer_null, json_null};

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
        alter(manager, |sweep| sweep.drop_column("segments")).await?;
        alter(manager, |sweep| sweep.drop_column("total")).await?;
        let mut total = integer("total");
        alter(manager, |sweep| sweep.add_column(total.default(0))).await
    }
}

/// Makes one change of the table: SQLite makes no more of them at a time.
async fn alter(
    manager: &SchemaManager<'_>,
    change: impl FnOnce(&mut TableAlterStatement) -> &mut TableAlterStatement,
) -> Result<(), DbErr> {
    let mut sweep = Table::alter();
    sweep.table("sweep");
    manager.alter_table(change(&mut sweep).to_owned()).await
}
