//! Lets a fragment have no projection of its own while it is the only one of its profile.
//!
//! Most profiles are of one fragment, and what such a profile adds up to was stored twice with every touchpoint. Now it is stored
//! once, in the profile. The way back writes it into the fragments again.
//!
//! What was stored before, also what comes back out of a backup, is brought to this: a fragment has a projection exactly if its
//! profile has others too. Whoever ties or parts fragments keeps it so, and a rebuild compares and mends it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::columns::{index, json, json_null, millis, uuid};

/// Leaves those without a projection that are the only ones of their profiles.
const FORGET: &str = "UPDATE fragment SET projection = NULL WHERE profile_id IN \
     (SELECT profile_id FROM fragment GROUP BY profile_id HAVING count(*) = 1)";
/// Gives each its projection back; the fold of nothing where there is no profile to take it of.
const RECALL: &str = "UPDATE fragment SET projection = coalesce(\
     (SELECT projection FROM profile WHERE profile.id = fragment.profile_id), '{}') WHERE projection IS NULL";

/// This change.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        if manager.get_database_backend() == DbBackend::Postgres {
            let allow = "ALTER TABLE fragment ALTER COLUMN projection DROP NOT NULL";
            connection.execute_unprepared(allow).await?;
        } else {
            with_projection(manager, json_null("projection")).await?;
        }
        connection.execute_unprepared(FORGET).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection.execute_unprepared(RECALL).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            let forbid = "ALTER TABLE fragment ALTER COLUMN projection SET NOT NULL";
            connection.execute_unprepared(forbid).await?;
            return Ok(());
        }
        with_projection(manager, json("projection")).await
    }
}

/// Makes the table anew with another column for projections: SQLite cannot alter one
/// (<https://www.sqlite.org/lang_altertable.html>).
async fn with_projection(manager: &SchemaManager<'_>, projection: ColumnDef) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    for step in [
        "DROP INDEX fragment_profile_id_idx",
        "ALTER TABLE fragment RENAME TO fragment_before",
    ] {
        connection.execute_unprepared(step).await?;
    }
    let table = Table::create()
        .table("fragment")
        .col(uuid("id").primary_key())
        .col(uuid("profile_id"))
        .col(millis("created_at"))
        .col(projection)
        .to_owned();
    manager.create_table(table).await?;
    for step in [
        "INSERT INTO fragment (id, profile_id, created_at, projection) \
         SELECT id, profile_id, created_at, projection FROM fragment_before",
        "DROP TABLE fragment_before",
    ] {
        connection.execute_unprepared(step).await?;
    }
    manager
        .create_index(index("fragment", &["profile_id"]))
        .await
}
