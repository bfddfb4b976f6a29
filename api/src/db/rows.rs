//! Rows as parameters of one statement: the number of statements does not grow with the number of rows.
//!
//! They are written as text at once, as they are many and each only passes through: as a JSON array of rows, each an array of its
//! values. SQLite takes that as it is, and `jsonb_each` reads a value by its place without a look at the others. PostgreSQL takes a
//! list for each column, which costs it half of what a list of rows does: it reads numbers and ids directly, and no names.

use std::ops::Range;

use sea_orm::{ConnectionTrait, DbErr, Statement, Value};
use serde::Serialize;
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

/// A value of a row: whatever can be written as JSON.
pub trait Cell {
    /// Appends the value as JSON.
    fn write(&self, text: &mut Vec<u8>) -> serde_json::Result<()>;
}

impl<T: Serialize> Cell for T {
    fn write(&self, text: &mut Vec<u8>) -> serde_json::Result<()> {
        serde_json::to_writer(text, self)
    }
}

/// Rows on their way into a statement.
#[derive(Clone, Debug)]
pub struct Rows {
    columns: &'static [Column],
    /// The JSON array, but for its end.
    text: Vec<u8>,
    /// Where each value is in the text, row by row.
    cells: Vec<Range<usize>>,
}

impl Rows {
    /// No rows yet.
    pub fn new(columns: &'static [Column]) -> Self {
        Self {
            columns,
            text: vec![b'['],
            cells: Vec::new(),
        }
    }

    /// Ids, as rows of the one column `id`.
    pub fn of_ids(ids: impl IntoIterator<Item = Uuid>) -> Self {
        let mut rows = Self::new(&[("id", ColumnKind::Uuid)]);
        for id in ids {
            rows.push([&id]);
        }
        rows
    }

    /// Adds a row; the values are in the order of the columns.
    ///
    /// # Panics
    ///
    /// If a value is a map whose keys are no strings, which nothing that is stored is.
    #[expect(
        clippy::expect_used,
        reason = "a row that cannot be written is a mistake in the program"
    )]
    pub fn push<const N: usize>(&mut self, values: [&dyn Cell; N]) {
        debug_assert_eq!(N, self.columns.len(), "a value for each column");
        self.text
            .extend_from_slice(if self.is_empty() { b"[" } else { b",[" });
        for (place, value) in values.into_iter().enumerate() {
            if place > 0 {
                self.text.push(b',');
            }
            let start = self.text.len();
            value
                .write(&mut self.text)
                .expect("what is stored can be written as JSON");
            self.cells.push(start..self.text.len());
        }
        self.text.push(b']');
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// A query over the rows: `{rows}` in `sql` stands for them, further parameters are counted from 2.
    pub fn query(
        self,
        connection: &impl ConnectionTrait,
        sql: &str,
        more: Vec<Value>,
    ) -> Statement {
        let (relation, values) = match Engine::of(connection) {
            Engine::Sqlite => (sqlite_relation(self.columns), self.sqlite_values(more)),
            Engine::Postgres => {
                let after = more.len();
                let number = |place| if place == 0 { 1 } else { place + 1 + after };
                (self.postgres_relation(number), self.postgres_values(more))
            }
        };
        statement(connection, sql.replace("{rows}", &relation), values)
    }

    fn sqlite_values(mut self, more: Vec<Value>) -> Vec<Value> {
        self.text.push(b']');
        let text = utf8(self.text);
        [Value::from(text)].into_iter().chain(more).collect()
    }

    /// A list for each column: that of the first one, what else the statement is given, and the others.
    pub(super) fn postgres_values(self, more: Vec<Value>) -> Vec<Value> {
        let width = self.columns.len();
        let text = utf8(self.text);
        let list = |(place, (_, kind)): (usize, &Column)| {
            let cells = self.cells.iter().skip(place).step_by(width);
            let cells = cells.filter_map(|cell| text.get(cell.clone()));
            Value::from(postgres_list(*kind, cells))
        };
        let mut lists = self.columns.iter().enumerate().map(list);
        let first = lists.next();
        first.into_iter().chain(more).chain(lists).collect()
    }

    /// Inserts the rows; a row whose key is there takes the place of the old one.
    pub async fn upsert(
        self,
        connection: &impl ConnectionTrait,
        table: Table,
    ) -> Result<(), DbErr> {
        self.change(connection, &table.upsert()).await
    }

    /// Inserts the rows; it is an error if one is there.
    pub async fn insert(
        self,
        connection: &impl ConnectionTrait,
        table: Table,
    ) -> Result<(), DbErr> {
        self.change(connection, &table.insert_or("")).await
    }

    /// Inserts the rows, with an `ON CONFLICT` clause that says what happens to those that are there.
    pub async fn insert_or(
        self,
        connection: &impl ConnectionTrait,
        table: Table,
        conflict: &str,
    ) -> Result<(), DbErr> {
        self.change(connection, &table.insert_or(conflict)).await
    }

    async fn change(self, connection: &impl ConnectionTrait, sql: &str) -> Result<(), DbErr> {
        if self.is_empty() {
            return Ok(());
        }
        connection
            .execute_raw(self.query(connection, sql, Vec::new()))
            .await?;
        Ok(())
    }

    /// The rows as a table expression, of the parameters that have these numbers by their places.
    pub(super) fn postgres_relation(&self, number: impl Fn(usize) -> usize) -> String {
        postgres_relation(self.columns, number)
    }
}

impl Table {
    /// Inserts `{rows}`, with an `ON CONFLICT` clause that says what happens to those that are there.
    pub(super) fn insert_or(&self, conflict: &str) -> String {
        let columns = names(self.columns).join(", ");
        format!(
            "INSERT INTO {} ({columns}) SELECT {columns} FROM {{rows}} AS given WHERE true {conflict}",
            self.name
        )
    }

    /// Stores `{rows}` in the place of those that are there.
    pub(super) fn update(&self) -> String {
        let (keys, others) = self.columns.split_at(self.key);
        let name = self.name;
        let is = |column: &str| format!("{name}.{column} = given.{column}");
        let keys: Vec<_> = names(keys).into_iter().map(is).collect();
        let becomes = |column: &str| format!("{column} = given.{column}");
        let others: Vec<_> = names(others).into_iter().map(becomes).collect();
        format!(
            "UPDATE {name} SET {} FROM {{rows}} AS given WHERE {}",
            others.join(", "),
            keys.join(" AND ")
        )
    }

    /// Inserts `{rows}`; a row whose key is there takes the place of the old one.
    pub(super) fn upsert(&self) -> String {
        let keys = names(&self.columns[..self.key]).join(", ");
        let updates = names(&self.columns[self.key..])
            .into_iter()
            .map(|name| format!("{name} = excluded.{name}"))
            .collect::<Vec<_>>()
            .join(", ");
        self.insert_or(&format!("ON CONFLICT ({keys}) DO UPDATE SET {updates}"))
    }
}

fn names(columns: &[Column]) -> Vec<&'static str> {
    columns.iter().map(|(name, _)| *name).collect()
}

/// The rows as a table expression, of the first parameter.
fn sqlite_relation(columns: &[Column]) -> String {
    let select = |(place, (name, kind)): (usize, &Column)| match kind {
        ColumnKind::Uuid => format!("unhex(value->>{place}, '-') AS {name}"),
        ColumnKind::Bytes => format!("unhex(value->>{place}) AS {name}"),
        ColumnKind::Json => format!("NULLIF(value->{place}, 'null') AS {name}"),
        _ => format!("value->>{place} AS {name}"),
    };
    let list: Vec<_> = columns.iter().enumerate().map(select).collect();
    format!("(SELECT {} FROM jsonb_each(?1))", list.join(", "))
}

/// The rows as a table expression, of the parameters that have these numbers by their places.
fn postgres_relation(columns: &[Column], number: impl Fn(usize) -> usize) -> String {
    let (mut lists, mut names, mut functions, mut json) = (vec![], vec![], vec![], vec![]);
    let mut select = Vec::with_capacity(columns.len());
    for (place, (name, kind)) in columns.iter().enumerate() {
        let number = number(place);
        if *kind == ColumnKind::Json {
            functions.push(format!("jsonb_array_elements(${number}::text::jsonb)"));
            json.push(*name);
        } else {
            lists.push(format!("${number}::text::{}[]", postgres_type(*kind)));
            names.push(*name);
        }
        select.push(match kind {
            ColumnKind::Bytes => format!("decode({name}, 'hex') AS {name}"),
            ColumnKind::Json => format!("NULLIF({name}, 'null') AS {name}"),
            _ => (*name).to_owned(),
        });
    }
    if !lists.is_empty() {
        functions.insert(0, format!("unnest({})", lists.join(", ")));
    }
    names.extend(json);
    let (select, functions) = (select.join(", "), functions.join(", "));
    let names = names.join(", ");
    format!("(SELECT {select} FROM ROWS FROM ({functions}) AS given({names}))")
}

pub(super) fn postgres_type(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Uuid => "uuid",
        ColumnKind::Text | ColumnKind::Bytes => "text",
        ColumnKind::Integer => "bigint",
        ColumnKind::Double => "double precision",
        ColumnKind::Bool => "boolean",
        ColumnKind::Json => "jsonb",
    }
}

/// The values of a column, each as JSON, as PostgreSQL writes a list: JSON values as JSON, all others as an array.
///
/// An array (<https://www.postgresql.org/docs/15/arrays.html#ARRAYS-IO>) has JSON's numbers, truth values, `null` and texts in quotes,
/// but not its escapes.
pub(super) fn postgres_list<'a>(kind: ColumnKind, cells: impl Iterator<Item = &'a str>) -> String {
    let (open, close) = match kind {
        ColumnKind::Json => ('[', ']'),
        _ => ('{', '}'),
    };
    let mut list = String::from(open);
    for cell in cells {
        if list.len() > 1 {
            list.push(',');
        }
        let escaped = kind == ColumnKind::Text && cell.contains('\\');
        match escaped.then(|| serde_json::from_str::<String>(cell)) {
            Some(Ok(text)) => {
                let quoted = text.replace('\\', r"\\").replace('"', "\\\"");
                list.extend(["\"", &quoted, "\""]);
            }
            _ => list.push_str(cell),
        }
    }
    list.push(close);
    list
}

/// The text that bytes are. What writes JSON writes UTF-8, so nothing is copied here.
fn utf8(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Bytes as hexadecimal digits, as [`ColumnKind::Bytes`] takes them.
pub fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::testing::TestApp;

    const ALL: &[Column] = &[
        ("place", ColumnKind::Integer),
        ("json", ColumnKind::Json),
        ("id", ColumnKind::Uuid),
        ("text", ColumnKind::Text),
        ("number", ColumnKind::Double),
        ("truth", ColumnKind::Bool),
        ("bytes", ColumnKind::Bytes),
    ];

    type Given = (
        Option<Json>,
        Option<Uuid>,
        Option<String>,
        Option<f64>,
        Option<bool>,
        Option<Vec<u8>>,
    );

    /// What the engine reads of the rows, in their order.
    async fn read_back(test: &TestApp, given: &[Given]) -> Vec<Given> {
        let mut rows = Rows::new(ALL);
        for (place, (json, id, text, number, truth, bytes)) in given.iter().enumerate() {
            let bytes = bytes.as_deref().map(hex);
            rows.push([&place, json, id, text, number, truth, &bytes]);
        }
        let connection = test.app.db().read();
        let first = Engine::of(connection).parameter(2);
        let sql = format!(
            "SELECT json, id, text, number, truth, bytes FROM {{rows}} AS given WHERE place >= {first} ORDER BY place"
        );
        let query = rows.query(connection, &sql, vec![0_i64.into()]);
        let read = connection.query_all_raw(query).await.unwrap();
        let given = read.iter().map(|row| {
            (
                row.try_get("", "json").unwrap(),
                row.try_get("", "id").unwrap(),
                row.try_get("", "text").unwrap(),
                row.try_get("", "number").unwrap(),
                row.try_get("", "truth").unwrap(),
                row.try_get("", "bytes").unwrap(),
            )
        });
        given.collect()
    }

    fn some(text: &str) -> Given {
        (
            Some(json!({ "a": [text, null, 1.5] })),
            Some(Uuid::from_u128(7)),
            Some(text.to_owned()),
            Some(-0.25),
            Some(true),
            Some(vec![0, 255]),
        )
    }

    #[tokio::test]
    async fn rows_arrive_as_they_were_given() {
        let test = TestApp::start().await;
        let mut given: Vec<_> = [
            "", "null", "NULL", "{a,b}", "\"", "\\", "\\n", "a\nb", "\u{1}", "'", "ñ €", "🦀",
            " a ",
        ]
        .map(some)
        .to_vec();
        given.push((None, None, None, None, None, None));
        assert_eq!(read_back(&test, &given).await, given);
        assert_eq!(read_back(&test, &[]).await, []);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn any_text_arrives(texts in proptest::collection::vec("[^\0]{0,8}", 0..8)) {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let (read, given) = runtime.block_on(async {
                let test = TestApp::start().await;
                let given: Vec<_> = texts.iter().map(|text| some(text)).collect();
                (read_back(&test, &given).await, given)
            });
            prop_assert_eq!(read, given);
        }
    }
}
