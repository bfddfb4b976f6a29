//! Leaves the rows out of an index that have nothing in its column.
//!
//! Few profiles were merged into another, and few entries of the identity log name another profile or fragment. An index of all
//! rows was changed with each of them; and to a planner that counts the values of a column, one that holds nothing nearly
//! everywhere looks like a reason to read the whole table.

use sea_orm_migration::prelude::*;

use crate::columns::index;

/// The table, and the columns of an index; the first may be missing.
const INDEXES: [(&str, &[&str]); 4] = [
    ("profile", &["merged_into"]),
    ("profile", &["next_evaluation_at"]),
    ("identity_link", &["other_profile_id", "id"]),
    ("identity_link", &["other_fragment_id", "id"]),
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
        for (table, columns) in INDEXES {
            drop(manager, table, columns).await?;
            let (name, keys, first) = (name(table, columns), columns.join(", "), columns[0]);
            let create =
                format!("CREATE INDEX {name} ON {table} ({keys}) WHERE {first} IS NOT NULL");
            manager.get_connection().execute_unprepared(&create).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, columns) in INDEXES {
            drop(manager, table, columns).await?;
            manager.create_index(index(table, columns)).await?;
        }
        Ok(())
    }
}

fn name(table: &str, columns: &[&str]) -> String {
    format!("{table}_{}_idx", columns.join("_"))
}

async fn drop(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&str],
) -> Result<(), DbErr> {
    let drop = Index::drop()
        .name(name(table, columns))
        .table(table)
        .to_owned();
    manager.drop_index(drop).await
}
