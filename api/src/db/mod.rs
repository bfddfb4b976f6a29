//! The database: the only place that tells SQLite from PostgreSQL.

mod backup;
mod connect;
mod counter;
mod document;
mod inspect;
mod part;
mod preview;
mod rows;
mod scalar;
mod schema;
mod writes;

pub use backup::{Backup, BackupError};
pub use connect::{ConnectError, OLDEST_POSTGRES, Options};
pub use counter::{take_from_each, take_numbers};
pub use document::{Document, Written};
pub use inspect::EngineSetting;
pub use part::Part;
pub use preview::Preview;
pub use rows::{Column, ColumnKind, Rows, Table, hex};
pub use scalar::{Scalar, Scalars};
pub use schema::Change;
pub use writes::Writes;

use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr,
    IsolationLevel, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait, Value,
    sqlx,
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

    /// Whether a text is in the JSON list of texts that is the `n`-th parameter.
    pub fn listed(self, text: &str, n: usize) -> String {
        match self {
            Self::Sqlite => format!("{text} IN (SELECT value FROM json_each(?{n}))"),
            Self::Postgres => {
                format!("{text} = ANY (ARRAY(SELECT jsonb_array_elements_text(${n}::text::jsonb)))")
            }
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

/// How many connections a pool has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSize {
    /// Those that are open.
    pub open: usize,
    /// Those of them that nobody uses.
    pub idle: usize,
    /// How many there may be.
    pub most: usize,
}

impl PoolSize {
    fn of<D: sqlx::Database>(open: u32, idle: usize, options: &sqlx::pool::PoolOptions<D>) -> Self {
        let number = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        Self {
            open: number(open),
            idle,
            most: number(options.get_max_connections()),
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

    /// The sizes of the two pools: that for reading, and that for writing.
    pub fn pools(&self) -> [PoolSize; 2] {
        [&self.read, &self.write].map(|connection| match self.engine {
            Engine::Sqlite => {
                let pool = connection.get_sqlite_connection_pool();
                PoolSize::of(pool.size(), pool.num_idle(), pool.options())
            }
            Engine::Postgres => {
                let pool = connection.get_postgres_connection_pool();
                PoolSize::of(pool.size(), pool.num_idle(), pool.options())
            }
        })
    }

    /// Opens a transaction that only reads, and sees one instant of the database however long it takes.
    pub async fn snapshot(&self) -> Result<DatabaseTransaction, DbErr> {
        if self.engine == Engine::Sqlite {
            return self
                .read
                .begin_with_options(TransactionOptions::default())
                .await;
        }
        let options = TransactionOptions {
            isolation_level: Some(IsolationLevel::RepeatableRead),
            access_mode: Some(AccessMode::ReadOnly),
            ..TransactionOptions::default()
        };
        let snapshot = self.read.begin_with_options(options).await?;
        snapshot
            .execute_unprepared("SET LOCAL statement_timeout = 0")
            .await?;
        Ok(snapshot)
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
