//! Creates `computed_trait` and `computed_value`: what is computed of profiles, and the values typed for queries.

use sea_orm_migration::prelude::*;

use crate::columns::{
    double_null, flag_null, index, integer, json, millis, millis_null, text, text_null, unique,
    uuid,
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
                    .table("computed_trait")
                    .col(uuid("id").primary_key())
                    .col(text("name"))
                    .col(text_null("description"))
                    .col(json("definition"))
                    .col(integer("version"))
                    .col(integer("defined"))
                    .col(millis("created_at"))
                    .col(millis("updated_at"))
                    .col(millis_null("archived_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(unique("computed_trait", &["name"]))
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("computed_value")
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
            .create_index(index("computed_value", &["name", "profile_id"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("computed_value").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("computed_trait").to_owned())
            .await
    }
}
