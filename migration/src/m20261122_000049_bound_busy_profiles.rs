//! Notes from when on the touchpoints of a fragment are considered where its profile has very many.

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
            .add_column(millis_null("considered_from"))
            .to_owned();
        manager.alter_table(add).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drop = Table::alter()
            .table("fragment")
            .drop_column("considered_from")
            .to_owned();
        manager.alter_table(drop).await
    }
}
