//! Queries of what is due.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::ProfileId;
use sea_orm::{ConnectionTrait, DbErr, Statement};

use super::DEFINITIONS;
use crate::db::{Engine, statement};

/// The number of the last change of what is defined; 0 if nothing ever was.
pub(in crate::standing) async fn definitions_version(
    connection: &impl ConnectionTrait,
) -> Result<i64, DbErr> {
    let parameter = Engine::of(connection).parameter(1);
    let query = statement(
        connection,
        format!("SELECT value FROM counter WHERE name = {parameter}"),
        [DEFINITIONS.into()],
    );
    let row = connection.query_one_raw(query).await?;
    row.map_or(Ok(0), |row| row.try_get("", "value"))
}

/// The profiles that are due to be decided, those that waited longest first.
pub(in crate::standing) async fn due(
    connection: &impl ConnectionTrait,
    now: Timestamp,
    most: usize,
) -> Result<Vec<ProfileId>, DbErr> {
    let query = due_query(connection, now, most);
    let rows = connection.query_all_raw(query).await?;
    rows.iter().map(|row| row.try_get("", "id")).collect()
}

/// The query of the profiles that are due.
pub(in crate::standing) fn due_query(
    connection: &impl ConnectionTrait,
    now: Timestamp,
    most: usize,
) -> Statement {
    let parameter = Engine::of(connection).parameter(1);
    let sql = format!(
        "SELECT id FROM profile WHERE next_evaluation_at IS NOT NULL AND next_evaluation_at <= {parameter} \
         ORDER BY next_evaluation_at LIMIT {most}"
    );
    statement(connection, sql, [now.into()])
}

/// Whether any profile is due to be decided.
pub(in crate::standing) async fn is_due(
    connection: &impl ConnectionTrait,
    now: Timestamp,
) -> Result<bool, DbErr> {
    Ok(!due(connection, now, 1).await?.is_empty())
}

/// How many profiles there are.
pub(in crate::standing) async fn count_profiles(
    connection: &impl ConnectionTrait,
) -> Result<i64, DbErr> {
    let count = "SELECT count(*) AS total FROM profile WHERE merged_into IS NULL";
    let count = statement(connection, count, []);
    let row = connection.query_one_raw(count).await?;
    row.map_or(Ok(0), |row| row.try_get("", "total"))
}

/// Lets a profile be due at an instant and not before.
pub(crate) async fn put_off(
    connection: &impl ConnectionTrait,
    profile: ProfileId,
    until: Timestamp,
) -> Result<(), DbErr> {
    let engine = Engine::of(connection);
    let (at, id) = (engine.parameter(1), engine.parameter(2));
    let sql = format!("UPDATE profile SET next_evaluation_at = {at} WHERE id = {id}");
    let update = statement(connection, sql, [until.into(), profile.into()]);
    connection.execute_raw(update).await?;
    Ok(())
}
