//! Creates `profile`: profiles.

use sea_orm_migration::prelude::*;

use crate::columns::{
    flag, index, integer, integer_null, json, millis, millis_null, text_null, uuid, uuid_null,
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
                    .table("profile")
                    .col(uuid("id").primary_key())
                    .col(millis("created_at"))
                    .col(uuid_null("merged_into"))
                    .col(json("projection"))
                    .col(millis_null("first_seen"))
                    .col(millis_null("last_seen"))
                    .col(integer("touchpoints"))
                    .col(integer("orders"))
                    .col(integer("spend"))
                    .col(integer("refunded"))
                    .col(integer("left_out"))
                    .col(millis_null("first_order_at"))
                    .col(millis_null("last_order_at"))
                    .col(integer_null("mean_interval"))
                    .col(text_null("stage"))
                    .col(text_null("level"))
                    .col(flag("restricted"))
                    .col(millis_null("next_evaluation_at"))
                    .col(integer("version"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(index("profile", &["merged_into"]))
            .await?;
        manager
            .create_index(index("profile", &["next_evaluation_at"]))
            .await?;
        manager
            .create_index(index("profile", &["created_at", "id"]))
            .await?;
        manager
            .create_index(index("profile", &["last_seen", "id"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("profile").to_owned())
            .await
    }
}
