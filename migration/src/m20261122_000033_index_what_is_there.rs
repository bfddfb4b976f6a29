//! Keeps out of the indexes what nobody looks up in them.
//!
//! Each row is in each index of its table, also where the column is empty, which most are: a link has no other side, a trait is text
//! or a number or a time, and few profiles were merged into another. Who looks for a value looks for no empty one, so an index of
//! those that are there serves as well. And three indexes served no query: links are looked up by their fragments, and touchpoints
//! by theirs.

use sea_orm_migration::prelude::*;

use crate::columns::index;

/// The indexes that leave out the rows in which there is no value.
const SPARSE: [(&str, &[&str]); 6] = [
    ("identity_link", &["other_fragment_id", "id"]),
    ("profile", &["merged_into"]),
    ("profile", &["next_evaluation_at"]),
    ("profile_trait", &["name", "text"]),
    ("profile_trait", &["name", "number"]),
    ("profile_trait", &["name", "time"]),
];
/// The indexes that go.
const UNREAD: [(&str, &[&str]); 3] = [
    ("identity_link", &["profile_id", "id"]),
    ("identity_link", &["other_profile_id", "id"]),
    ("touchpoint", &["name", "occurred_at"]),
];

/// This change.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, columns) in SPARSE.into_iter().chain(UNREAD) {
            drop_index(manager, table, columns).await?;
        }
        for (table, columns) in SPARSE {
            // Of a trait, its value may be missing and its name not.
            let value = columns.iter().find(|column| **column != "name");
            let create = format!(
                "CREATE INDEX {table}_{}_idx ON {table} ({}) WHERE {} IS NOT NULL",
                columns.join("_"),
                columns.join(", "),
                value.copied().unwrap_or_default()
            );
            manager.get_connection().execute_unprepared(&create).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, columns) in SPARSE {
            drop_index(manager, table, columns).await?;
        }
        for (table, columns) in SPARSE.into_iter().chain(UNREAD) {
            manager.create_index(index(table, columns)).await?;
        }
        Ok(())
    }
}

async fn drop_index(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&str],
) -> Result<(), DbErr> {
    let drop = Index::drop()
        .name(format!("{table}_{}_idx", columns.join("_")))
        .table(table)
        .to_owned();
    manager.drop_index(drop).await
}
