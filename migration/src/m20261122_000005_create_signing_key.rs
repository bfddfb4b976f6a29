//! Creates `signing_key`: keys that sign tokens.

use sea_orm_migration::prelude::*;

use crate::columns::{bytes, millis, millis_null, text, unique, uuid};

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
                    .table("signing_key")
                    .col(uuid("id").primary_key())
                    .col(text("kid"))
                    .col(text("algorithm"))
                    .col(bytes("public_key"))
                    .col(bytes("private_key"))
                    .col(millis("created_at"))
                    .col(millis_null("retired_at"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(unique("signing_key", &["kid"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("signing_key").to_owned())
            .await
    }
}
