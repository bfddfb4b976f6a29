//! Creates `source`: sources of touchpoints.

use sea_orm_migration::prelude::*;

use crate::columns::{flag, integer, json, millis, millis_null, text, text_null, unique, uuid};

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
                    .table("source")
                    .col(uuid("id").primary_key())
                    .col(text("name"))
                    .col(text("channel"))
                    .col(flag("trusted"))
                    .col(flag("live"))
                    .col(text("shop"))
                    .col(text_null("region"))
                    .col(flag("links_known"))
                    .col(json("allowed_origins"))
                    .col(text("key_hash"))
                    .col(text("key_hint"))
                    .col(text_null("second_key_hash"))
                    .col(text_null("second_key_hint"))
                    .col(millis("created_at"))
                    .col(millis_null("archived_at"))
                    .col(integer("version"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(unique("source", &["name"])).await?;
        manager
            .create_index(unique("source", &["key_hash"]))
            .await?;
        manager
            .create_index(unique("source", &["second_key_hash"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("source").to_owned())
            .await
    }
}
