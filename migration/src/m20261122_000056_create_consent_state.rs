//! Creates `consent_state`: where consent of profiles stands, so that they can be asked for by it.

use sea_orm_migration::prelude::*;

use crate::columns::{flag, index, json, millis_null, text, uuid};

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
                    .table("consent_state")
                    .col(uuid("profile_id"))
                    .col(text("purpose"))
                    .col(text("channel"))
                    .col(json("state"))
                    .col(flag("granted"))
                    .col(millis_null("valid_until"))
                    .primary_key(
                        Index::create()
                            .col("profile_id")
                            .col("purpose")
                            .col("channel"),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(index(
                "consent_state",
                &["purpose", "channel", "profile_id"],
            ))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("consent_state").to_owned())
            .await
    }
}
