//! The database: the only place that tells SQLite from PostgreSQL.

mod connect;
mod counter;
mod rows;
mod schema;

pub use connect::{ConnectError, Options};
pub use counter::take_numbers;
pub use rows::{Column, ColumnKind, Rows, Table, hex};
pub use schema::Change;

use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait, Value,
};

/// The key of the advisory lock under which all writers of a deployment take turns: "lazo" in ASCII.
const WRITER_LOCK: i64 = 0x6c61_7a6f;

/// The kind of database underneath.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// An embedded SQLite file.
    Sqlite,
    /// A PostgreSQL server, 15 or newer.
    Postgres,
}

impl Engine {
    /// The engine behind a connection or a transaction.
    pub fn of(connection: &impl ConnectionTrait) -> Self {
        match connection.get_database_backend() {
            DatabaseBackend::Postgres => Self::Postgres,
            _ => Self::Sqlite,
        }
    }

    /// The engine's name for the `n`-th parameter of a statement, counted from one.
    pub fn parameter(self, n: usize) -> String {
        match self {
            Self::Sqlite => format!("?{n}"),
            Self::Postgres => format!("${n}"),
        }
    }
}

/// A deployment's database: readers beside one writer.
#[derive(Clone, Debug)]
pub struct Db {
    engine: Engine,
    read: DatabaseConnection,
    write: DatabaseConnection,
}

impl Db {
    /// The engine.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// For queries outside of any transaction.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// The connection that may write, outside of any transaction: for what tests do to a database.
    #[cfg(test)]
    pub(crate) fn schema_connection(&self) -> &DatabaseConnection {
        &self.write
    }

    /// Opens a transaction that writes, alone in the whole deployment until it ends; dropping it rolls back.
    ///
    /// On PostgreSQL it holds the advisory lock, on SQLite the file's write lock.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = self.write.begin_with_options(options).await?;
        if self.engine == Engine::Postgres {
            let lock = statement(
                &transaction,
                "SELECT pg_advisory_xact_lock($1)",
                [WRITER_LOCK.into()],
            );
            transaction.execute_raw(lock).await?;
        }
        Ok(transaction)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.read.ping().await
    }

    /// Closes all connections.
    pub async fn close(self) -> Result<(), DbErr> {
        self.read.close().await?;
        self.write.close().await
    }
}

/// A statement for the engine of `connection`.
pub fn statement(
    connection: &impl ConnectionTrait,
    sql: impl Into<String>,
    values: impl IntoIterator<Item = Value>,
) -> Statement {
    Statement::from_sql_and_values(connection.get_database_backend(), sql, values)
}
