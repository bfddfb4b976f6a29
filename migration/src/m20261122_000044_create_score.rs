//! Creates `score_model`, `score` and `score_entry`: score models, the scores of profiles, and how these changed.

use sea_orm_migration::prelude::*;

use crate::columns::{
    double_null, index, integer, json, millis, millis_null, text, text_null, unique, uuid,
    uuid_null,
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
                    .table("score_model")
                    .col(uuid("id").primary_key())
                    .col(text("key"))
                    .col(text("name"))
                    .col(text_null("description"))
                    .col(json("model"))
                    .col(integer("version"))
                    .col(integer("defined"))
                    .col(millis("created_at"))
                    .col(millis("updated_at"))
                    .col(millis_null("archived_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(unique("score_model", &["key"]))
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("score")
                    .col(uuid("profile_id"))
                    .col(uuid("model_id"))
                    .col(json("scored"))
                    .col(text_null("grade"))
                    .col(millis("computed_at"))
                    .col(millis_null("valid_until"))
                    .primary_key(Index::create().col("profile_id").col("model_id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(index("score", &["model_id", "grade", "profile_id"]))
            .await?;
        create_entries(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("score_entry").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("score").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("score_model").to_owned())
            .await
    }
}

/// Creates `score_entry`.
pub(crate) async fn create_entries(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("score_entry")
                .col(uuid("id").primary_key())
                .col(uuid("profile_id"))
                .col(uuid("model_id"))
                .col(double_null("value"))
                .col(text_null("grade"))
                .col(millis("at"))
                .col(text("cause"))
                .col(uuid_null("touchpoint_id"))
                .to_owned(),
        )
        .await?;
    manager
        .create_index(index("score_entry", &["profile_id", "model_id", "at"]))
        .await
}
