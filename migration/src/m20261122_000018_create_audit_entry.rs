//! Creates `audit_entry`: the audit log.

use sea_orm_migration::prelude::*;

use crate::columns::{integer, json, millis, text, unique, uuid};

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
                    .table("audit_entry")
                    .col(integer("seq").primary_key())
                    .col(uuid("id"))
                    .col(millis("at"))
                    .col(text("actor"))
                    .col(text("action"))
                    .col(text("subject"))
                    .col(json("details"))
                    .col(text("previous_hash"))
                    .col(text("hash"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(unique("audit_entry", &["id"])).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("audit_entry").to_owned())
            .await
    }
}
