//! Creates `segment` and `segment_pin`: named conditions, and who is a member whatever they say.

use sea_orm_migration::prelude::*;

use crate::columns::{
    flag, index, integer, json_null, millis, millis_null, text, text_null, unique, uuid,
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
                    .table("segment")
                    .col(uuid("id").primary_key())
                    .col(text("key"))
                    .col(text("name"))
                    .col(text_null("description"))
                    .col(json_null("condition"))
                    .col(integer("version"))
                    .col(integer("defined"))
                    .col(millis("created_at"))
                    .col(millis("updated_at"))
                    .col(millis_null("archived_at"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(unique("segment", &["key"])).await?;
        manager
            .create_table(
                Table::create()
                    .table("segment_pin")
                    .col(uuid("fragment_id"))
                    .col(uuid("segment_id"))
                    .col(flag("included"))
                    .col(text("actor"))
                    .col(millis("created_at"))
                    .primary_key(Index::create().col("fragment_id").col("segment_id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(index("segment_pin", &["segment_id", "fragment_id"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("segment_pin").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("segment").to_owned())
            .await
    }
}
