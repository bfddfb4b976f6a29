//! The schema of the database: which changes were made, and making or undoing them.

use lazo_migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DbErr};

use super::{Db, Engine, statement};

/// A change of the schema, and whether it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its name.
    pub name: String,
    /// Whether it was made.
    pub is_made: bool,
}

impl Db {
    /// All changes of the schema that this program knows, in order.
    pub async fn changes(&self) -> Result<Vec<Change>, DbErr> {
        let made = self.made().await?;
        let changes = Migrator::migrations()
            .into_iter()
            .map(|change| change.name().to_owned());
        Ok(changes
            .map(|name| Change {
                is_made: made.contains(&name),
                name,
            })
            .collect())
    }

    /// The changes that were made to the database and that this program does not know: a newer one made them.
    pub async fn unknown_changes(&self) -> Result<Vec<String>, DbErr> {
        let known = Migrator::migrations();
        let mut unknown = self.made().await?;
        unknown.retain(|name| !known.iter().any(|change| change.name() == name));
        Ok(unknown)
    }

    /// The names of all changes that were made, in order. Nothing is written to find them.
    async fn made(&self) -> Result<Vec<String>, DbErr> {
        let is_there = match self.engine {
            Engine::Sqlite => {
                "SELECT count(*) AS n FROM sqlite_master WHERE type = 'table' AND name = 'seaql_migrations'"
            }
            Engine::Postgres => "SELECT count(to_regclass('seaql_migrations')) AS n",
        };
        let row = self
            .read
            .query_one_raw(statement(&self.read, is_there, []))
            .await?;
        let tables: i64 = row.map_or(Ok(0), |row| row.try_get("", "n"))?;
        if tables == 0 {
            return Ok(Vec::new());
        }
        let made = "SELECT version FROM seaql_migrations ORDER BY version";
        let rows = self
            .read
            .query_all_raw(statement(&self.read, made, []))
            .await?;
        rows.iter().map(|row| row.try_get("", "version")).collect()
    }

    /// How many changes are pending.
    pub async fn pending_changes(&self) -> Result<usize, DbErr> {
        Ok(self
            .changes()
            .await?
            .iter()
            .filter(|change| !change.is_made)
            .count())
    }

    /// Makes all pending changes.
    pub async fn migrate(&self) -> Result<(), DbErr> {
        Migrator::up(&self.write, None).await
    }

    /// Takes back the last changes, with the data they hold.
    pub async fn take_back(&self, steps: u32) -> Result<(), DbErr> {
        Migrator::down(&self.write, Some(steps)).await
    }
}
