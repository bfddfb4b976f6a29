//! Creates `consent_record`: what people decided about purposes, and what shows it.

use sea_orm_migration::prelude::*;

use crate::columns::{index, json, millis, text, uuid};

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
                    .table("consent_record")
                    .col(uuid("id").primary_key())
                    .col(uuid("fragment_id"))
                    .col(text("purpose"))
                    .col(millis("at"))
                    .col(millis("recorded_at"))
                    .col(json("decision"))
                    .col(json("evidence"))
                    .col(text("actor"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(index("consent_record", &["fragment_id"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("consent_record").to_owned())
            .await
    }
}
