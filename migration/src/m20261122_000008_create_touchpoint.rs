//! Creates `touchpoint`: touchpoints, as they were stored and never changed.
//!
//! The primary key is `id` alone, so that PostgreSQL can later partition the table by its range. `seq` is unique by an
//! index and no constraint: a partition that holds the rows of today may keep it, though its parent cannot have one.

use sea_orm_migration::prelude::*;

use crate::columns::{index, integer, json, millis, millis_null, text, unique, uuid};

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
                    .table("touchpoint")
                    .col(uuid("id").primary_key())
                    .col(integer("seq"))
                    .col(uuid("source_id"))
                    .col(text("message_id"))
                    .col(text("kind"))
                    .col(text("channel"))
                    .col(text("name"))
                    .col(millis("occurred_at"))
                    .col(millis("received_at"))
                    .col(millis_null("original_at"))
                    .col(millis_null("sent_at"))
                    .col(integer("position"))
                    .col(uuid("fragment_id"))
                    .col(json("properties"))
                    .col(json("context"))
                    .col(json("traits"))
                    .col(json("extra"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(unique("touchpoint", &["seq"])).await?;
        manager
            .create_index(index("touchpoint", &["fragment_id", "occurred_at", "id"]))
            .await?;
        manager
            .create_index(index("touchpoint", &["name", "occurred_at"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("touchpoint").to_owned())
            .await
    }
}
