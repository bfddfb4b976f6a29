//! Creates `quarantine`: items that could not be accepted.

use sea_orm_migration::prelude::*;

use crate::columns::{
    bytes, index, json, millis, millis_null, text, text_null, unique, uuid, uuid_null,
};

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
                    .table("quarantine")
                    .col(uuid("id").primary_key())
                    .col(uuid("source_id"))
                    .col(uuid("digest"))
                    .col(text_null("message_id"))
                    .col(text("code"))
                    .col(text("reason"))
                    .col(bytes("raw"))
                    .col(millis("received_at"))
                    .col(json("envelope"))
                    .col(text("state"))
                    .col(millis_null("resolved_at"))
                    .col(uuid_null("touchpoint_id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(unique("quarantine", &["source_id", "digest"]))
            .await?;
        manager
            .create_index(index("quarantine", &["state", "id"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("quarantine").to_owned())
            .await
    }
}
