//! Creates `idempotency_key`: answers kept for calls that are repeated.

use sea_orm_migration::prelude::*;

use crate::columns::{json, millis, text, uuid};

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
                    .table("idempotency_key")
                    .col(text("caller"))
                    .col(text("operation"))
                    .col(text("key"))
                    .col(uuid("input"))
                    .col(json("payload"))
                    .col(millis("created_at"))
                    .primary_key(Index::create().col("caller").col("operation").col("key"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("idempotency_key").to_owned())
            .await
    }
}
