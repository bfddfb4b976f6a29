//! Creates `segment_member` and `segment_transition`: who is a member of a segment, and every entry and exit.

use sea_orm_migration::prelude::*;

use crate::columns::{
    flag, index, integer, json_null, millis, millis_null, text, unique, uuid, uuid_null,
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
                    .table("segment_member")
                    .col(uuid("profile_id"))
                    .col(uuid("segment_id"))
                    .col(millis("since"))
                    .col(millis_null("valid_until"))
                    .primary_key(Index::create().col("profile_id").col("segment_id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(index("segment_member", &["segment_id", "profile_id"]))
            .await?;
        create_transitions(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("segment_transition").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("segment_member").to_owned())
            .await
    }
}

/// Creates `segment_transition`.
pub(crate) async fn create_transitions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("segment_transition")
                .col(uuid("id").primary_key())
                .col(integer("seq"))
                .col(uuid("segment_id"))
                .col(uuid("profile_id"))
                .col(flag("entered"))
                .col(millis("at"))
                .col(millis("recorded_at"))
                .col(integer("segment_version"))
                .col(text("cause"))
                .col(uuid_null("touchpoint_id"))
                .col(json_null("because"))
                .to_owned(),
        )
        .await?;
    manager
        .create_index(unique("segment_transition", &["seq"]))
        .await?;
    manager
        .create_index(index("segment_transition", &["segment_id", "at"]))
        .await?;
    manager
        .create_index(index("segment_transition", &["profile_id", "at"]))
        .await
}
