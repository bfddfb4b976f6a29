//! Creates `message`: the ledger of accepted messages.
//!
//! No foreign key leads to `touchpoint`: the ledger outlives what is erased, and it lies on the hot write path.

use sea_orm_migration::prelude::*;

use crate::columns::uuid;

/// This change.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("message")
                    .col(uuid("source_id"))
                    .col(uuid("digest"))
                    .col(uuid("content"))
                    .col(uuid("touchpoint_id"))
                    .primary_key(Index::create().col("source_id").col("digest"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("message").to_owned())
            .await
    }
}
