//! Queries of the names that conditions refer to.
//!
//! Names are few and rows are many, so each is found by a step in an index from the one before it
//! (<https://wiki.postgresql.org/wiki/Loose_indexscan>), and no row is read twice.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DbErr};

use crate::db::statement;

/// The columns of which a row of a trait has one, each with an index of its own that begins with the name.
const TRAIT_COLUMNS: [&str; 4] = ["text", "number", "time", "truth"];

/// The names of the traits that some profile has, at most so many.
pub(super) async fn traits(
    connection: &impl ConnectionTrait,
    most: u32,
) -> Result<Vec<String>, DbErr> {
    let mut names = BTreeSet::new();
    for column in TRAIT_COLUMNS {
        let there = format!("t.{column} IS NOT NULL");
        names.extend(distinct(connection, "profile_trait", &there, most).await?);
    }
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    Ok(names.into_iter().take(most).collect())
}

/// The names of the touchpoints that have come, at most so many.
pub(super) async fn touchpoints(
    connection: &impl ConnectionTrait,
    most: u32,
) -> Result<Vec<String>, DbErr> {
    distinct(connection, "touchpoint", "t.name IS NOT NULL", most).await
}

/// The names of the sources, at most so many.
pub(super) async fn sources(
    connection: &impl ConnectionTrait,
    most: u32,
) -> Result<Vec<String>, DbErr> {
    distinct(connection, "source", "t.name IS NOT NULL", most).await
}

async fn distinct(
    connection: &impl ConnectionTrait,
    table: &str,
    there: &str,
    most: u32,
) -> Result<Vec<String>, DbErr> {
    let sql = format!(
        "WITH RECURSIVE names (name) AS (\
         SELECT (SELECT min(t.name) FROM {table} AS t WHERE {there}) \
         UNION ALL \
         SELECT (SELECT min(t.name) FROM {table} AS t WHERE {there} AND t.name > names.name) \
         FROM names WHERE names.name IS NOT NULL) \
         SELECT name FROM names WHERE name IS NOT NULL LIMIT $1"
    );
    let query = statement(connection, sql, [i64::from(most).into()]);
    let rows = connection.query_all_raw(query).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}
