//! Notes from when on those touchpoints of a fragment are considered that came from public sources.

use sea_orm_migration::prelude::*;

use crate::columns::millis_null;

/// This change.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let add = Table::alter()
            .table("fragment")
            .add_column(millis_null("public_considered_from"))
            .to_owned();
        manager.alter_table(add).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drop = Table::alter()
            .table("fragment")
            .drop_column("public_considered_from")
            .to_owned();
        manager.alter_table(drop).await
    }
}
