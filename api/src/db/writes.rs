//! Changes that do not depend on each other, in one round trip where the engine can.

use sea_orm::{ConnectionTrait, DbErr};

use super::{Engine, Rows, Table, statement};

/// Changes of tables by rows, collected to be made at once.
///
/// PostgreSQL makes them in one statement, in which none sees what the others change
/// (<https://www.postgresql.org/docs/15/queries-with.html#QUERIES-WITH-MODIFYING>): so no row may be in two of them. SQLite, to
/// which there is no way to go, makes one after the other.
#[derive(Debug, Default)]
pub struct Writes(Vec<(Rows, String)>);

impl Writes {
    /// Adds a change: `{rows}` in `sql` stands for the rows. Without rows there is nothing to change.
    pub fn change(&mut self, rows: Rows, sql: impl Into<String>) {
        if !rows.is_empty() {
            self.0.push((rows, sql.into()));
        }
    }

    /// Inserts rows; a row whose key is there takes the place of the old one.
    pub fn upsert(&mut self, rows: Rows, table: Table) {
        self.change(rows, table.upsert());
    }

    /// Stores rows in the place of those that are there. Where it is known which are, that and [`insert`](Self::insert) cost the
    /// engine less than [`upsert`](Self::upsert).
    pub fn update(&mut self, rows: Rows, table: Table) {
        self.change(rows, table.update());
    }

    /// Inserts rows; it is an error if one is there.
    pub fn insert(&mut self, rows: Rows, table: Table) {
        self.change(rows, table.insert_or(""));
    }

    /// Inserts rows, with an `ON CONFLICT` clause that says what happens to those that are there.
    pub fn insert_or(&mut self, rows: Rows, table: Table, conflict: &str) {
        self.change(rows, table.insert_or(conflict));
    }

    /// Makes the changes.
    pub async fn execute(self, connection: &impl ConnectionTrait) -> Result<(), DbErr> {
        if Engine::of(connection) == Engine::Sqlite {
            for (rows, sql) in self.0 {
                let change = rows.query(connection, &sql, Vec::new());
                connection.execute_raw(change).await?;
            }
            return Ok(());
        }
        let (mut parts, mut values) = (Vec::new(), Vec::new());
        for (rows, sql) in self.0 {
            let relation = rows.postgres_relation(|place| values.len() + place + 1);
            parts.push(sql.replace("{rows}", &relation));
            values.extend(rows.postgres_values(Vec::new()));
        }
        let Some(last) = parts.pop() else {
            return Ok(());
        };
        let before = parts.iter().zip(1..);
        let before: Vec<_> = before
            .map(|(part, number)| format!("change_{number} AS ({part})"))
            .collect();
        let whole = if before.is_empty() {
            last
        } else {
            format!("WITH {} {last}", before.join(", "))
        };
        let whole = statement(connection, whole, values);
        connection.execute_raw(whole).await?;
        Ok(())
    }
}
