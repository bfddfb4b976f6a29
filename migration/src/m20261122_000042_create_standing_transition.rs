//! Creates `standing_transition`: since when profiles are in which lifecycle stage and on which pyramid level.

use sea_orm_migration::prelude::*;

use crate::columns::{index, millis, text, uuid};

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
                    .table("standing_transition")
                    .col(uuid("profile_id"))
                    .col(text("kind"))
                    .col(millis("at"))
                    .col(text("value"))
                    .primary_key(Index::create().col("profile_id").col("kind").col("at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(index("standing_transition", &["kind", "at"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("standing_transition").to_owned())
            .await
    }
}
