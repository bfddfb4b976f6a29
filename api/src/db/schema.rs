//! The schema of the database: which changes were made, and making or undoing them.

use lazo_migration::{Migrator, MigratorTrait};
use sea_orm::DbErr;

use super::Db;

/// A change of the schema, and whether it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its name.
    pub name: String,
    /// Whether it was made.
    pub is_made: bool,
}

impl Db {
    /// All changes of the schema, in order.
    pub async fn changes(&self) -> Result<Vec<Change>, DbErr> {
        let pending = Migrator::get_pending_migrations(&self.write).await?;
        let is_made = |name: &str| !pending.iter().any(|change| change.name() == name);
        let changes = Migrator::migrations()
            .into_iter()
            .map(|change| change.name().to_owned());
        Ok(changes
            .map(|name| Change {
                is_made: is_made(&name),
                name,
            })
            .collect())
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
