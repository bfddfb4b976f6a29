//! The same touchpoints in a bare copy of their table, by statements of many rows: what the database alone can do.

use std::time::{Duration, Instant};

use sea_orm::{
    prelude::Uuid,
    sqlx::{
        self, PgPool, Row, SqlitePool,
        postgres::{PgArguments, PgPoolOptions, PgRow},
        query::Query,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
    },
};

use super::number;
use crate::{Engine, engine::TestDatabase};

/// Rows in a statement.
const ROWS: usize = 1_000;
/// `PostgreSQL` takes the most rows over a few connections at once.
const CONNECTIONS: u32 = 2;

/// A copy of the table of touchpoints with all of its indexes.
#[derive(Debug)]
pub struct PlainTable {
    pool: Pool,
    columns: Vec<(String, String)>,
    seen: i64,
}

#[derive(Debug)]
enum Pool {
    Postgres(PgPool),
    Sqlite(SqlitePool),
}

impl PlainTable {
    /// Makes an empty copy in the same database. What is stored so far stays out of it.
    pub async fn create(database: &TestDatabase) -> Self {
        let mut table = match database.engine {
            Engine::Postgres => Self::on_postgres(&database.url).await,
            Engine::Sqlite => Self::on_sqlite(&database.url).await,
        };
        table.seen = table.last().await;
        table
    }

    async fn on_postgres(url: &str) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .min_connections(CONNECTIONS)
            .connect(url)
            .await
            .expect("a connection");
        let columns = sqlx::query_as(
            "SELECT column_name::text, udt_name::text FROM information_schema.columns \
             WHERE table_name = 'touchpoint' AND table_schema = current_schema() ORDER BY ordinal_position",
        );
        let columns = columns.fetch_all(&pool).await.expect("the columns");
        let create = "CREATE TABLE plain_touchpoint (LIKE touchpoint INCLUDING ALL)";
        sqlx::query(create).execute(&pool).await.expect("a copy");
        Self {
            pool: Pool::Postgres(pool),
            columns,
            seen: 0,
        }
    }

    async fn on_sqlite(url: &str) -> Self {
        // As the program opens it: what is committed is on the disk.
        let options: SqliteConnectOptions = url.parse().expect("an address");
        let options = options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("cache_size", "-32768")
            .pragma("mmap_size", "268435456");
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options)
            .await
            .expect("a connection");
        let columns = sqlx::query_as("SELECT name, type FROM pragma_table_info('touchpoint')");
        let columns = columns.fetch_all(&pool).await.expect("the columns");
        let made: Vec<(String,)> = sqlx::query_as(
            "SELECT sql FROM sqlite_master WHERE tbl_name = 'touchpoint' AND sql IS NOT NULL ORDER BY type DESC",
        )
        .fetch_all(&pool)
        .await
        .expect("the schema");
        for (sql,) in made {
            let create = sql.replace("touchpoint", "plain_touchpoint");
            let create = sqlx::query(sqlx::AssertSqlSafe(create));
            create.execute(&pool).await.expect("a copy");
        }
        Self {
            pool: Pool::Sqlite(pool),
            columns,
            seen: 0,
        }
    }

    async fn last(&self) -> i64 {
        let query = "SELECT COALESCE(max(seq), 0) FROM touchpoint";
        let last: (i64,) = match &self.pool {
            Pool::Postgres(pool) => sqlx::query_as(query).fetch_one(pool).await,
            Pool::Sqlite(pool) => sqlx::query_as(query).fetch_one(pool).await,
        }
        .expect("the last touchpoint");
        last.0
    }

    /// How many touchpoints were stored since the last call, which inserts them here. Returns also how many rows a second that were.
    pub async fn catch_up(&mut self) -> (i64, f64) {
        let last = self.last().await;
        let (rows, elapsed) = match &self.pool {
            Pool::Postgres(pool) => self.copy_on_postgres(pool, last).await,
            Pool::Sqlite(pool) => self.copy_on_sqlite(pool, last).await,
        };
        let count = last - self.seen;
        assert_eq!(i64::try_from(rows), Ok(count), "the numbers have no gaps");
        self.seen = last;
        let rows = u64::try_from(rows).unwrap_or_default();
        (count, number(rows) / elapsed.as_secs_f64())
    }

    async fn copy_on_postgres(&self, pool: &PgPool, last: i64) -> (usize, Duration) {
        let read = |(name, kind): &(String, String)| match kind.as_str() {
            "jsonb" => format!("{name}::text"),
            _ => name.clone(),
        };
        let select = format!(
            "SELECT {} FROM touchpoint WHERE seq > $1 AND seq <= $2 ORDER BY seq",
            self.list(read)
        );
        let select = sqlx::query(sqlx::AssertSqlSafe(select))
            .bind(self.seen)
            .bind(last);
        let rows = select.fetch_all(pool).await.expect("the rows");
        let mut places = 0;
        let unnest = self.list(|(_, kind)| {
            places += 1;
            match kind.as_str() {
                "jsonb" => format!("${places}::text[]"),
                kind => format!("${places}::{kind}[]"),
            }
        });
        let written = self.list(|(name, kind)| match kind.as_str() {
            "jsonb" => format!("{name}::jsonb"),
            _ => name.clone(),
        });
        let names = self.list(|(name, _)| name.clone());
        let insert: &'static str = Box::leak(
            format!(
                "INSERT INTO plain_touchpoint ({names}) SELECT {written} FROM UNNEST({unnest}) AS given({names})"
            )
            .into_boxed_str(),
        );
        let mut lanes = [Vec::new(), Vec::new()];
        for (place, rows) in rows.chunks(ROWS).enumerate() {
            let mut query = sqlx::query(insert);
            for (place, (name, kind)) in self.columns.iter().enumerate() {
                query = bind(query, kind, rows, place, name);
            }
            lanes[place % 2].push(query);
        }
        let started = Instant::now();
        let [one, other] = lanes.map(|lane| async {
            for query in lane {
                query.execute(pool).await.expect("the rows are inserted");
            }
        });
        tokio::join!(one, other);
        (rows.len(), started.elapsed())
    }

    async fn copy_on_sqlite(&self, pool: &SqlitePool, last: i64) -> (usize, Duration) {
        let is_bytes = |kind: &str| kind.contains("blob") || kind.contains("uuid");
        let read = self.list(|(name, kind)| {
            if is_bytes(kind) {
                format!("hex({name})")
            } else {
                name.clone()
            }
        });
        let select = format!(
            "SELECT json_array({read}) FROM touchpoint WHERE seq > ?1 AND seq <= ?2 ORDER BY seq"
        );
        let rows: Vec<(String,)> = sqlx::query_as(sqlx::AssertSqlSafe(select))
            .bind(self.seen)
            .bind(last)
            .fetch_all(pool)
            .await
            .expect("the rows");
        let mut place = 0;
        let written = self.list(|(_, kind)| {
            place += 1;
            let place = place - 1;
            if is_bytes(kind) {
                format!("unhex(value->>{place})")
            } else {
                format!("value->>{place}")
            }
        });
        let names = self.list(|(name, _)| name.clone());
        let insert =
            format!("INSERT INTO plain_touchpoint ({names}) SELECT {written} FROM json_each(?1)");
        let statements: Vec<String> = rows
            .chunks(ROWS)
            .map(|rows| {
                let rows: Vec<&str> = rows.iter().map(|(row,)| row.as_str()).collect();
                format!("[{}]", rows.join(","))
            })
            .collect();
        let started = Instant::now();
        for rows in statements {
            let query = sqlx::query(sqlx::AssertSqlSafe(insert.clone())).bind(rows);
            query.execute(pool).await.expect("the rows are inserted");
        }
        (rows.len(), started.elapsed())
    }

    fn list(&self, column: impl FnMut(&(String, String)) -> String) -> String {
        self.columns
            .iter()
            .map(column)
            .collect::<Vec<_>>()
            .join(", ")
    }
}

type PgQuery = Query<'static, sqlx::Postgres, PgArguments>;

/// Binds one column of rows as an array.
fn bind(query: PgQuery, kind: &str, rows: &[PgRow], place: usize, name: &str) -> PgQuery {
    match kind {
        "uuid" => query.bind(column::<Uuid>(rows, place)),
        "int8" => query.bind(column::<i64>(rows, place)),
        "bool" => query.bind(column::<bool>(rows, place)),
        "float8" => query.bind(column::<f64>(rows, place)),
        "text" | "jsonb" => query.bind(column::<String>(rows, place)),
        _ => panic!("{name} is of the unknown type {kind}"),
    }
}

fn column<T>(rows: &[PgRow], place: usize) -> Vec<Option<T>>
where
    T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
{
    rows.iter().map(|row| row.get(place)).collect()
}
