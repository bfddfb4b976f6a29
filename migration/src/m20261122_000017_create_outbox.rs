//! Creates `outbox`: notices of changes, written with the changes.

use sea_orm_migration::prelude::*;

use crate::columns::{index, integer, json, millis, millis_null, text, unique, uuid, uuid_null};

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
                    .table("outbox")
                    .col(uuid("id").primary_key())
                    .col(integer("seq"))
                    .col(text("topic"))
                    .col(uuid_null("profile_id"))
                    .col(json("payload"))
                    .col(millis("created_at"))
                    .col(millis_null("delivered_at"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(unique("outbox", &["seq"])).await?;
        manager
            .create_index(index("outbox", &["delivered_at", "seq"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("outbox").to_owned())
            .await
    }
}
