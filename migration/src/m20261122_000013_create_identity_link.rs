//! Creates `identity_link`: the log of identity.

use sea_orm_migration::prelude::*;

use crate::columns::{index, millis, millis_null, text, text_null, uuid, uuid_null};

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
                    .table("identity_link")
                    .col(uuid("id").primary_key())
                    .col(text("kind"))
                    .col(millis("at"))
                    .col(uuid("profile_id"))
                    .col(uuid_null("other_profile_id"))
                    .col(uuid_null("fragment_id"))
                    .col(uuid_null("other_fragment_id"))
                    .col(text_null("namespace"))
                    .col(text_null("value"))
                    .col(text("trust"))
                    .col(uuid_null("touchpoint_id"))
                    .col(text("actor"))
                    .col(text_null("reason"))
                    .col(millis_null("undone_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(index("identity_link", &["profile_id", "id"]))
            .await?;
        manager
            .create_index(index("identity_link", &["other_profile_id", "id"]))
            .await?;
        manager
            .create_index(index("identity_link", &["fragment_id", "id"]))
            .await?;
        manager
            .create_index(index("identity_link", &["other_fragment_id", "id"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("identity_link").to_owned())
            .await
    }
}
