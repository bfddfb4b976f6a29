//! Creates `profile_trait`: current traits of profiles, typed for queries.

use sea_orm_migration::prelude::*;

use crate::columns::{double_null, flag_null, index, integer, millis_null, text, text_null, uuid};

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
                    .table("profile_trait")
                    .col(uuid("profile_id"))
                    .col(text("name"))
                    .col(integer("position"))
                    .col(text_null("text"))
                    .col(double_null("number"))
                    .col(millis_null("time"))
                    .col(flag_null("truth"))
                    .primary_key(
                        Index::create()
                            .col("profile_id")
                            .col("name")
                            .col("position"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(index("profile_trait", &["name", "text"]))
            .await?;
        manager
            .create_index(index("profile_trait", &["name", "number"]))
            .await?;
        manager
            .create_index(index("profile_trait", &["name", "time"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("profile_trait").to_owned())
            .await
    }
}
