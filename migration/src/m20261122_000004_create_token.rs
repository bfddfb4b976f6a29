//! Creates `token`: tokens of integrations and of people at the company.

use sea_orm_migration::prelude::*;

use crate::columns::{json, millis, millis_null, text, text_null, unique, uuid};

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
                    .table("token")
                    .col(uuid("id").primary_key())
                    .col(text("kind"))
                    .col(text("name"))
                    .col(text_null("hash"))
                    .col(text_null("role"))
                    .col(json("scopes"))
                    .col(json("purposes"))
                    .col(millis("created_at"))
                    .col(text("created_by"))
                    .col(millis_null("expires_at"))
                    .col(millis_null("revoked_at"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(unique("token", &["hash"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("token").to_owned())
            .await
    }
}
