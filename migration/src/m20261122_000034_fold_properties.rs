//! Keeps beside properties and lines what conditions compare, where an engine would read them otherwise: `folded`. It is empty where
//! they are plain, as most are. Lines also get `amount`, what they come to in the deployment's currency.
//!
//! What was stored before is read through once, a batch of rows after the other.

use lazo_domain::profile::{fold_text, folded};
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{
    ConnectionTrait, DbBackend, JsonValue, QueryResult, Statement, Value,
};
use uuid::Uuid;

use crate::columns::{index, integer_null, json_null};

/// How many rows are read at once.
const BATCH: i64 = 1_000;
/// The texts of lines that conditions compare.
const TEXTS: [&str; 4] = ["product_id", "sku", "category", "brand"];
/// The columns that are added.
const ADDED: [(&str, &str); 3] = [
    ("touchpoint", "folded"),
    ("purchase_line", "folded"),
    ("purchase_line", "amount"),
];
/// The price times the quantity, as far as 64 bits go, where the order is in the deployment's currency.
const AMOUNTS: &str = "UPDATE purchase_line SET amount = CASE \
    WHEN price > 9223372036854775807 / quantity THEN 9223372036854775807 \
    WHEN price < -9223372036854775807 / quantity THEN -9223372036854775807 \
    ELSE price * quantity END \
    WHERE price IS NOT NULL AND purchase_id IN (SELECT id FROM purchase WHERE NOT left_out)";

/// This change.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in ADDED {
            let column = match column {
                "amount" => integer_null(column),
                _ => json_null(column),
            };
            let alter = Table::alter().table(table).add_column(column).to_owned();
            manager.alter_table(alter).await?;
        }
        let connection = manager.get_connection();
        fold_touchpoints(connection).await?;
        fold_lines(connection).await?;
        connection.execute_unprepared(AMOUNTS).await?;
        manager.create_index(by_name()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drop = Index::drop()
            .name("touchpoint_name_occurred_at_fragment_id_idx")
            .table("touchpoint")
            .to_owned();
        manager.drop_index(drop).await?;
        for (table, column) in ADDED.into_iter().rev() {
            let alter = Table::alter().table(table).drop_column(column).to_owned();
            manager.alter_table(alter).await?;
        }
        Ok(())
    }
}

/// What conditions over all profiles look for: the touchpoints of a name and a time, and whose they are.
fn by_name() -> IndexCreateStatement {
    index("touchpoint", &["name", "occurred_at", "fragment_id"])
}

/// A statement whose parameters are `{}`.
fn statement(backend: DbBackend, sql: &str, values: Vec<Value>) -> Statement {
    let mut pieces = sql.split("{}");
    let mut numbered = pieces.next().unwrap_or_default().to_owned();
    let mark = match backend {
        DbBackend::Postgres => "$",
        _ => "?",
    };
    for (number, piece) in (1_u8..).zip(pieces) {
        numbered.extend([mark, &number.to_string(), piece]);
    }
    Statement::from_sql_and_values(backend, numbered, values)
}

async fn fold_touchpoints(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    let backend = connection.get_database_backend();
    let mut after = i64::MIN;
    loop {
        let batch = statement(
            backend,
            "SELECT id, seq, properties FROM touchpoint WHERE seq > {} ORDER BY seq LIMIT {}",
            vec![after.into(), BATCH.into()],
        );
        let rows = connection.query_all_raw(batch).await?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        after = last.try_get("", "seq")?;
        for row in &rows {
            let properties: JsonValue = row.try_get("", "properties")?;
            if let Some(folded) = properties.as_object().and_then(folded) {
                let id: Uuid = row.try_get("", "id")?;
                let update = statement(
                    backend,
                    "UPDATE touchpoint SET folded = {} WHERE id = {}",
                    vec![folded.into(), id.into()],
                );
                connection.execute_raw(update).await?;
            }
        }
    }
}

async fn fold_lines(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    let backend = connection.get_database_backend();
    let mut after: Option<(Uuid, i64)> = None;
    loop {
        let (purchase, position) = after.unwrap_or((Uuid::nil(), -1));
        let batch = statement(
            backend,
            "SELECT purchase_id, position, product_id, sku, category, brand FROM purchase_line \
             WHERE (purchase_id, position) > ({}, {}) ORDER BY purchase_id, position LIMIT {}",
            vec![purchase.into(), position.into(), BATCH.into()],
        );
        let rows = connection.query_all_raw(batch).await?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        after = Some((
            last.try_get("", "purchase_id")?,
            last.try_get("", "position")?,
        ));
        for row in &rows {
            if let Some(folded) = folded_line(row)? {
                let purchase: Uuid = row.try_get("", "purchase_id")?;
                let position: i64 = row.try_get("", "position")?;
                let update = statement(
                    backend,
                    "UPDATE purchase_line SET folded = {} WHERE purchase_id = {} AND position = {}",
                    vec![folded.into(), purchase.into(), position.into()],
                );
                connection.execute_raw(update).await?;
            }
        }
    }
}

/// The folded texts of a line by their columns; none if all are ASCII.
fn folded_line(row: &QueryResult) -> Result<Option<JsonValue>, DbErr> {
    let mut texts = serde_json::Map::new();
    let mut is_plain = true;
    for column in TEXTS {
        let text: Option<String> = row.try_get("", column)?;
        if let Some(text) = text {
            is_plain &= text.is_ascii();
            texts.insert(column.to_owned(), fold_text(&text).into());
        }
    }
    Ok((!is_plain).then_some(JsonValue::Object(texts)))
}
