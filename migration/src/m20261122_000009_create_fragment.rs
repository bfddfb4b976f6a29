//! Creates `fragment`: fragments of profiles.

use sea_orm_migration::prelude::*;

use crate::columns::{index, json, millis, uuid};

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
                    .table("fragment")
                    .col(uuid("id").primary_key())
                    .col(uuid("profile_id"))
                    .col(millis("created_at"))
                    .col(json("projection"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(index("fragment", &["profile_id"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("fragment").to_owned())
            .await
    }
}
