//! Creates `identifier`: identifiers.

use sea_orm_migration::prelude::*;

use crate::columns::{flag, index, millis, text, unique, uuid};

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
                    .table("identifier")
                    .col(uuid("id").primary_key())
                    .col(text("namespace"))
                    .col(text("value"))
                    .col(uuid("fragment_id"))
                    .col(text("trust"))
                    .col(flag("shared"))
                    .col(millis("first_seen"))
                    .col(millis("last_seen"))
                    .col(uuid("source_id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(unique("identifier", &["namespace", "value"]))
            .await?;
        manager
            .create_index(index("identifier", &["fragment_id"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("identifier").to_owned())
            .await
    }
}
