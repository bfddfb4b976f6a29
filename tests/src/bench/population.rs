//! Many profiles in little time: those that the server made, copied by the database under new ids and names.

use sea_orm::{DatabaseConnection, FromQueryResult, Statement};

use super::{
    engines::{one, run},
    traffic::prefix,
};
use crate::{Engine, engine::TestDatabase};

/// The tables that hold what belongs to a profile.
const TABLES: [&str; 10] = [
    "fragment",
    "profile",
    "identifier",
    "profile_trait",
    "message",
    "touchpoint",
    "identity_link",
    "purchase",
    "purchase_line",
    "score",
];

/// Ids that a copy shares with its original.
const SHARED: [&str; 3] = ["source_id", "content", "model_id"];

#[derive(Debug, FromQueryResult)]
struct Column {
    name: String,
    kind: String,
}

/// Makes so many copies of all profiles, the original counted, while no server runs.
pub async fn multiply(database: &TestDatabase, copies: u64) {
    if copies < 2 {
        return;
    }
    let connection = database.connect().await;
    let relaxed: &[&str] = match database.engine {
        Engine::Sqlite => &["PRAGMA synchronous = OFF", "PRAGMA cache_size = -1000000"],
        Engine::Postgres => &["SET synchronous_commit = off"],
    };
    for setting in relaxed {
        run(&connection, setting).await;
    }
    let last: i64 = one(&connection, "SELECT COALESCE(max(seq), 0) FROM touchpoint").await;
    for table in TABLES {
        let columns = columns(&connection, table).await;
        if columns.is_empty() {
            continue;
        }
        let key: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let original = format!("original_{table}");
        run(
            &connection,
            &format!("CREATE TEMPORARY TABLE {original} AS SELECT * FROM {table}"),
        )
        .await;
        for copy in 1..copies {
            let copied: Vec<String> = columns
                .iter()
                .map(|column| column.copied(database.engine, copy, last))
                .collect();
            let (names, values) = (key.join(", "), copied.join(", "));
            run(
                &connection,
                &format!("INSERT INTO {table} ({names}) SELECT {values} FROM {original}"),
            )
            .await;
        }
        run(&connection, &format!("DROP TABLE {original}")).await;
    }
    let taken = i64::try_from(copies)
        .unwrap_or(i64::MAX)
        .saturating_mul(last);
    run(
        &connection,
        &format!("UPDATE counter SET value = {taken} WHERE name = 'touchpoint'"),
    )
    .await;
    let settle: &[&str] = match database.engine {
        // Nothing counts its values there but by hand, so that plans go by what indexes there are.
        Engine::Sqlite => &["PRAGMA wal_checkpoint(TRUNCATE)"],
        Engine::Postgres => &["VACUUM ANALYZE", "CHECKPOINT"],
    };
    for statement in settle {
        run(&connection, statement).await;
    }
    let _ = connection.close().await;
}

async fn columns(connection: &DatabaseConnection, table: &str) -> Vec<Column> {
    let backend = connection.get_database_backend();
    let query = match backend {
        sea_orm::DatabaseBackend::Sqlite => {
            format!("SELECT name, lower(type) AS kind FROM pragma_table_info('{table}')")
        }
        _ => format!(
            "SELECT column_name::text AS name, udt_name::text AS kind FROM information_schema.columns \
             WHERE table_name = '{table}' AND table_schema = current_schema() ORDER BY ordinal_position"
        ),
    };
    Column::find_by_statement(Statement::from_string(backend, query))
        .all(connection)
        .await
        .expect("the columns")
}

impl Column {
    /// The value of the column in a copy, as an expression over the original.
    fn copied(&self, engine: Engine, copy: u64, last: i64) -> String {
        let name = self.name.as_str();
        let shared = SHARED.contains(&name);
        match name {
            "seq" => format!(
                "seq + {}",
                i64::try_from(copy).unwrap_or(i64::MAX).saturating_mul(last)
            ),
            "value" | "message_id" => format!("'{}' || {name}", prefix(copy)),
            // The parts of a purchase are kept by fragment, and a profile of one fragment bears its id.
            "parts" => match engine {
                Engine::Postgres => format!(
                    "replace(parts::text, profile_id::text, {}::text)::jsonb",
                    copied_id(engine, "profile_id", copy)
                ),
                Engine::Sqlite => {
                    let dashed = |id: &str| {
                        let hex = format!("lower(hex({id}))");
                        format!(
                            "substr({hex}, 1, 8) || '-' || substr({hex}, 9, 4) || '-' || substr({hex}, 13, 4) \
                             || '-' || substr({hex}, 17, 4) || '-' || substr({hex}, 21)"
                        )
                    };
                    let copied = dashed(&copied_id(engine, "profile_id", copy));
                    format!("replace(parts, {}, {copied})", dashed("profile_id"))
                }
            },
            "digest" => match engine {
                Engine::Postgres => {
                    format!("overlay(digest::text placing '{copy:012x}' from 25 for 12)::uuid")
                }
                Engine::Sqlite => format!("unhex(substr(hex(digest), 1, 20) || '{copy:012x}')"),
            },
            _ if self.is_id() && !shared => copied_id(engine, name, copy),
            _ => name.to_owned(),
        }
    }

    fn is_id(&self) -> bool {
        self.kind.contains("uuid")
    }
}

/// An id with the number of the copy in the place of the variant and some random bits, so that it is like no id that the server
/// makes. Ids of one millisecond differ in bits behind these.
fn copied_id(engine: Engine, name: &str, copy: u64) -> String {
    match engine {
        Engine::Postgres => {
            format!("overlay({name}::text placing 'c{copy:03x}' from 20 for 4)::uuid")
        }
        Engine::Sqlite => {
            // The hexadecimal digits of NULL are an empty text there.
            format!(
                "CASE WHEN {name} IS NOT NULL \
                 THEN unhex(substr(hex({name}), 1, 16) || 'c{copy:03x}' || substr(hex({name}), 21)) END"
            )
        }
    }
}
