//! Keeps what every touchpoint writes small: transitions are found by their place, their segment and their profile alone, changes of
//! scores by what they are changes of, and why a transition came to be is text that is only ever read whole. On SQLite what is found
//! by its key alone is kept in the order of that key (<https://sqlite.org/withoutrowid.html>): a tree less for each row.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{DbBackend, Statement};

use crate::columns::{double_null, flag, index, integer, millis, text, text_null, uuid, uuid_null};
use crate::{
    m20261122_000041_create_segment_member as members, m20261122_000044_create_score as scores,
    m20261122_000053_index_transitions_of_segment as transitions,
};

const COLUMNS: &str =
    "segment_id, profile_id, entered, at, recorded_at, segment_version, cause, touchpoint_id";

const CLUSTERED: [&str; 4] = [
    "segment_member",
    "segment_transition",
    "score",
    "score_entry",
];
const IN_ORDER: &str = " WITHOUT ROWID";

/// This change.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        set_aside(manager, "segment_transition").await?;
        manager
            .create_table(
                Table::create()
                    .table("segment_transition")
                    .col(integer("seq").primary_key())
                    .col(uuid("segment_id"))
                    .col(uuid("profile_id"))
                    .col(flag("entered"))
                    .col(millis("at"))
                    .col(millis("recorded_at"))
                    .col(integer("segment_version"))
                    .col(text("cause"))
                    .col(uuid_null("touchpoint_id"))
                    .col(text_null("because"))
                    .to_owned(),
            )
            .await?;
        let kept = format!(
            "INSERT INTO segment_transition (seq, {COLUMNS}, because) \
             SELECT seq, {COLUMNS}, CAST(because AS text) FROM kept_segment_transition"
        );
        bring_back(manager, "segment_transition", &kept).await?;
        for columns in [["segment_id", "seq"], ["profile_id", "at"]] {
            manager
                .create_index(index("segment_transition", &columns))
                .await?;
        }
        set_aside(manager, "score_entry").await?;
        manager
            .create_table(
                Table::create()
                    .table("score_entry")
                    .col(uuid("profile_id"))
                    .col(uuid("model_id"))
                    .col(millis("at"))
                    .col(double_null("value"))
                    .col(text_null("grade"))
                    .col(text("cause"))
                    .col(uuid_null("touchpoint_id"))
                    .primary_key(Index::create().col("profile_id").col("model_id").col("at"))
                    .to_owned(),
            )
            .await?;
        // Of several changes within one millisecond the last one counts.
        let kept = "INSERT INTO score_entry (profile_id, model_id, at, value, grade, cause, touchpoint_id) \
             SELECT profile_id, model_id, at, value, grade, cause, touchpoint_id FROM (SELECT kept_score_entry.*, row_number() OVER \
             (PARTITION BY profile_id, model_id, at ORDER BY id DESC) AS place FROM kept_score_entry) AS numbered WHERE place = 1";
        bring_back(manager, "score_entry", kept).await?;
        for table in CLUSTERED {
            recreate(manager, table, |create| format!("{create}{IN_ORDER}")).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (id, json) = match manager.get_database_backend() {
            DbBackend::Postgres => ("gen_random_uuid()", "CAST(because AS jsonb)"),
            _ => ("randomblob(16)", "because"),
        };
        for table in CLUSTERED {
            recreate(manager, table, |create| create.replace(IN_ORDER, "")).await?;
        }
        for table in ["segment_transition", "score_entry"] {
            set_aside(manager, table).await?;
        }
        members::create_transitions(manager).await?;
        transitions::Migration.up(manager).await?;
        scores::create_entries(manager).await?;
        let kept = format!(
            "INSERT INTO segment_transition (id, seq, {COLUMNS}, because) \
             SELECT {id}, seq, {COLUMNS}, {json} FROM kept_segment_transition"
        );
        bring_back(manager, "segment_transition", &kept).await?;
        let kept = format!(
            "INSERT INTO score_entry (id, profile_id, model_id, value, grade, at, cause, touchpoint_id) \
             SELECT {id}, profile_id, model_id, value, grade, at, cause, touchpoint_id FROM kept_score_entry"
        );
        bring_back(manager, "score_entry", &kept).await
    }
}

/// Keeps what a table holds beside it, and drops the table.
async fn set_aside(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    for step in [
        format!("CREATE TEMPORARY TABLE kept_{table} AS SELECT * FROM {table}"),
        format!("DROP TABLE {table}"),
    ] {
        manager.get_connection().execute_unprepared(&step).await?;
    }
    Ok(())
}

/// Stores what was kept, by this statement.
async fn bring_back(manager: &SchemaManager<'_>, table: &str, insert: &str) -> Result<(), DbErr> {
    let done = format!("DROP TABLE kept_{table}");
    for step in [insert, &done] {
        manager.get_connection().execute_unprepared(step).await?;
    }
    Ok(())
}

/// Makes a table of SQLite anew by another statement, with all that it holds.
async fn recreate(
    manager: &SchemaManager<'_>,
    table: &str,
    change: impl Fn(&str) -> String,
) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    if connection.get_database_backend() != DbBackend::Sqlite {
        return Ok(());
    }
    let own = |kind: &str| {
        let query = format!(
            "SELECT sql FROM sqlite_master WHERE tbl_name = '{table}' AND type = '{kind}' AND sql IS NOT NULL ORDER BY rowid"
        );
        connection.query_all_raw(Statement::from_string(DbBackend::Sqlite, query))
    };
    let tables = own("table").await?;
    let indexes = own("index").await?;
    set_aside(manager, table).await?;
    for row in tables {
        let create: String = row.try_get("", "sql")?;
        connection.execute_unprepared(&change(&create)).await?;
    }
    let kept = format!("INSERT INTO {table} SELECT * FROM kept_{table}");
    bring_back(manager, table, &kept).await?;
    for row in indexes {
        let create: String = row.try_get("", "sql")?;
        connection.execute_unprepared(&create).await?;
    }
    Ok(())
}
