//! Finds traits that are true or false by their names, as those of the other types are found.

use sea_orm_migration::prelude::*;

/// This change.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let create = "CREATE INDEX profile_trait_name_truth_idx ON profile_trait (name, truth) WHERE truth IS NOT NULL";
        manager.get_connection().execute_unprepared(create).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drop = Index::drop()
            .name("profile_trait_name_truth_idx")
            .table("profile_trait")
            .to_owned();
        manager.drop_index(drop).await
    }
}
