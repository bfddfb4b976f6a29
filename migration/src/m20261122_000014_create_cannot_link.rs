//! Creates `cannot_link`: pairs that a person has parted.

use sea_orm_migration::prelude::*;

use crate::columns::{index, millis, text, unique, uuid};

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
                    .table("cannot_link")
                    .col(uuid("id").primary_key())
                    .col(uuid("fragment_id"))
                    .col(uuid("other_fragment_id"))
                    .col(millis("created_at"))
                    .col(text("actor"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(unique("cannot_link", &["fragment_id", "other_fragment_id"]))
            .await?;
        manager
            .create_index(index("cannot_link", &["other_fragment_id"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("cannot_link").to_owned())
            .await
    }
}
