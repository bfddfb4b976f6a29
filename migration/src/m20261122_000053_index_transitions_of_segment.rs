//! Finds the transitions of a segment after a place, in their order, as streams of them and long lists ask for them.

use sea_orm_migration::prelude::*;

use crate::columns::index;

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
            .create_index(index("segment_transition", &["segment_id", "seq"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drop = Index::drop()
            .name("segment_transition_segment_id_seq_idx")
            .table("segment_transition")
            .to_owned();
        manager.drop_index(drop).await
    }
}
