//! Creates `sweep`: how far all profiles are decided anew after a change of what is defined.

use sea_orm_migration::prelude::*;

use crate::columns::{integer, millis, millis_null, text, uuid_null};

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
                    .table("sweep")
                    .col(text("name").primary_key())
                    .col(integer("target"))
                    .col(integer("completed"))
                    .col(uuid_null("position"))
                    .col(integer("done"))
                    .col(integer("total"))
                    .col(millis("started_at"))
                    .col(millis_null("finished_at"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("sweep").to_owned())
            .await
    }
}
