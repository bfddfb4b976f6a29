//! Rows as one parameter: the number of statements does not grow with the number of rows.
//!
//! Rows travel as one JSON array, unpacked by `json_each` on SQLite and `jsonb_to_recordset` on PostgreSQL.

use sea_orm::{ConnectionTrait, DbErr, Statement, Value};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{Engine, statement};

/// What a column of [`Rows`] holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// An id or a digest, as a JSON string of the usual form with dashes.
    Uuid,
    /// Text.
    Text,
    /// A 64-bit integer.
    Integer,
    /// A 64-bit float.
    Double,
    /// A truth value.
    Bool,
    /// Any JSON, kept as such.
    Json,
    /// Bytes, as a JSON string of hexadecimal digits.
    Bytes,
}

/// A column of [`Rows`].
pub type Column = (&'static str, ColumnKind);

/// A table as the helper needs it: its name, the columns that travel, and how many of them, from the first, are its key.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// The table's name.
    pub name: &'static str,
    /// The columns, key first.
    pub columns: &'static [Column],
    /// How many columns make the key.
    pub key: usize,
}

/// Rows on their way into a statement.
#[derive(Clone, Debug)]
pub struct Rows {
    columns: &'static [Column],
    rows: Vec<Json>,
}

impl Rows {
    /// No rows yet.
    pub fn new(columns: &'static [Column]) -> Self {
        Self {
            columns,
            rows: Vec::new(),
        }
    }

    /// Ids, as rows of the one column `id`.
    pub fn of_ids(ids: impl IntoIterator<Item = Uuid>) -> Self {
        let mut rows = Self::new(&[("id", ColumnKind::Uuid)]);
        for id in ids {
            rows.push([Json::String(id.to_string())]);
        }
        rows
    }

    /// Adds a row; the values are in the order of the columns.
    pub fn push<const N: usize>(&mut self, values: [Json; N]) {
        debug_assert_eq!(N, self.columns.len(), "a value for each column");
        let row: Map<String, Json> = self
            .columns
            .iter()
            .zip(values)
            .map(|((name, _), value)| ((*name).to_owned(), value))
            .collect();
        self.rows.push(Json::Object(row));
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows as a table expression that takes them as the statement's first parameter.
    pub fn relation(columns: &[Column], engine: Engine) -> String {
        let select = |column: &Column| {
            let (name, kind) = column;
            match (engine, kind) {
                (Engine::Sqlite, ColumnKind::Uuid) => {
                    format!("unhex(value->>'{name}', '-') AS {name}")
                }
                (Engine::Sqlite, ColumnKind::Bytes) => format!("unhex(value->>'{name}') AS {name}"),
                (Engine::Sqlite, ColumnKind::Json) => format!("value->'{name}' AS {name}"),
                (Engine::Sqlite, _) => format!("value->>'{name}' AS {name}"),
                (Engine::Postgres, ColumnKind::Bytes) => format!("decode({name}, 'hex') AS {name}"),
                (Engine::Postgres, _) => (*name).to_owned(),
            }
        };
        let list = columns.iter().map(select).collect::<Vec<_>>().join(", ");
        match engine {
            Engine::Sqlite => format!("(SELECT {list} FROM json_each(?1))"),
            Engine::Postgres => {
                let types = columns
                    .iter()
                    .map(|(name, kind)| format!("{name} {}", postgres_type(*kind)))
                    .collect::<Vec<_>>()
                    .join(", ");
                format!("(SELECT {list} FROM jsonb_to_recordset($1) AS given({types}))")
            }
        }
    }

    /// A query over the rows: `{rows}` in `sql` stands for them, further parameters are counted from 2.
    pub fn query(
        self,
        connection: &impl ConnectionTrait,
        sql: &str,
        more: Vec<Value>,
    ) -> Statement {
        let sql = sql.replace(
            "{rows}",
            &Self::relation(self.columns, Engine::of(connection)),
        );
        let mut values = vec![Value::from(Json::Array(self.rows))];
        values.extend(more);
        statement(connection, sql, values)
    }

    /// Inserts the rows; a row whose key is there takes the place of the old one.
    pub async fn upsert(
        self,
        connection: &impl ConnectionTrait,
        table: Table,
    ) -> Result<(), DbErr> {
        let keys = names(&table.columns[..table.key]).join(", ");
        let updates = names(&table.columns[table.key..])
            .into_iter()
            .map(|name| format!("{name} = excluded.{name}"))
            .collect::<Vec<_>>()
            .join(", ");
        self.insert_or(
            connection,
            table,
            &format!("ON CONFLICT ({keys}) DO UPDATE SET {updates}"),
        )
        .await
    }

    /// Inserts the rows; it is an error if one is there.
    pub async fn insert(
        self,
        connection: &impl ConnectionTrait,
        table: Table,
    ) -> Result<(), DbErr> {
        self.insert_or(connection, table, "").await
    }

    /// Inserts the rows, with an `ON CONFLICT` clause that says what happens to those that are there.
    pub async fn insert_or(
        self,
        connection: &impl ConnectionTrait,
        table: Table,
        conflict: &str,
    ) -> Result<(), DbErr> {
        if self.is_empty() {
            return Ok(());
        }
        let columns = names(table.columns).join(", ");
        let sql = format!(
            "INSERT INTO {} ({columns}) SELECT {columns} FROM {{rows}} AS given WHERE true {conflict}",
            table.name
        );
        connection
            .execute_raw(self.query(connection, &sql, Vec::new()))
            .await?;
        Ok(())
    }
}

fn names(columns: &[Column]) -> Vec<&'static str> {
    columns.iter().map(|(name, _)| *name).collect()
}

fn postgres_type(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Uuid => "uuid",
        ColumnKind::Text | ColumnKind::Bytes => "text",
        ColumnKind::Integer => "bigint",
        ColumnKind::Double => "double precision",
        ColumnKind::Bool => "boolean",
        ColumnKind::Json => "jsonb",
    }
}

/// Bytes as hexadecimal digits, as [`ColumnKind::Bytes`] takes them.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
