//! Creates `purpose`: what data may be used for.

use sea_orm_migration::prelude::*;

use crate::columns::{integer, json, millis, millis_null, text};

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
                    .table("purpose")
                    .col(text("key").primary_key())
                    .col(json("purpose"))
                    .col(integer("version"))
                    .col(millis("created_at"))
                    .col(millis("updated_at"))
                    .col(millis_null("archived_at"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("purpose").to_owned())
            .await
    }
}
