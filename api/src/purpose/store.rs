//! Queries of purposes.

use lazo_domain::clock::Timestamp;
use lazo_domain::consent::{Purpose, PurposeKey, ready_made};
use lazo_entity::purpose::{Column, Entity, Model};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, JsonValue,
    PaginatorTrait, QueryFilter, QueryOrder,
};

use crate::deployment::{keep, kept};
use crate::standing::readable;

/// The setting that says when the ready-made purposes were made.
const READY_MADE: &str = "purposes_made";

/// The purposes about which people decide: those that are not archived, and read, in the order of their keys.
pub(crate) async fn decided(connection: &impl ConnectionTrait) -> Result<Vec<Purpose>, DbErr> {
    let rows = list(connection, false).await?;
    let read = rows.iter();
    let read = read.filter_map(|row| readable("purpose", &row.key, purpose(row)));
    Ok(read.collect())
}

/// What is said of a stored purpose.
pub(crate) fn purpose(row: &Model) -> Result<Purpose, DbErr> {
    serde_json::from_value(row.purpose.clone())
        .map_err(|error| DbErr::Type(format!("stored purpose does not read: {error}")))
}

/// The row of a new purpose.
pub(super) fn row(purpose: &Purpose, now: Timestamp) -> Result<Model, DbErr> {
    Ok(Model {
        key: purpose.key.as_str().to_owned(),
        purpose: stored(purpose)?,
        version: 1,
        created_at: now,
        updated_at: now,
        archived_at: None,
    })
}

/// A purpose as it is stored.
pub(super) fn stored(purpose: &Purpose) -> Result<JsonValue, DbErr> {
    serde_json::to_value(purpose)
        .map_err(|error| DbErr::Type(format!("a purpose is not written: {error}")))
}

/// The purpose of this key, archived or not.
pub(crate) async fn by_key(
    connection: &impl ConnectionTrait,
    key: &PurposeKey,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(key.as_str()).one(connection).await
}

/// All purposes in the order of their keys, with archived ones where they are asked for.
pub(super) async fn list(
    connection: &impl ConnectionTrait,
    archived: bool,
) -> Result<Vec<Model>, DbErr> {
    let mut select = Entity::find().order_by_asc(Column::Key);
    if !archived {
        select = select.filter(Column::ArchivedAt.is_null());
    }
    select.all(connection).await
}

/// How many purposes there are, but for archived ones.
pub(super) async fn count(connection: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::ArchivedAt.is_null())
        .count(connection)
        .await
}

/// Stores a new purpose.
pub(super) async fn insert(connection: &impl ConnectionTrait, row: Model) -> Result<Model, DbErr> {
    row.into_active_model().insert(connection).await
}

/// Stores a changed purpose.
pub(super) async fn update(connection: &impl ConnectionTrait, row: Model) -> Result<Model, DbErr> {
    row.into_active_model().reset_all().update(connection).await
}

/// Whether the ready-made purposes were made.
pub(super) async fn are_made(connection: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let made: Option<Timestamp> = kept(connection, READY_MADE).await?;
    Ok(made.is_some())
}

/// Makes the ready-made purposes, but for those whose key is taken, and notes that they were made.
pub(super) async fn make(connection: &impl ConnectionTrait, now: Timestamp) -> Result<(), DbErr> {
    for purpose in ready_made() {
        let untouched = OnConflict::column(Column::Key).do_nothing().to_owned();
        Entity::insert(row(&purpose, now)?.into_active_model())
            .on_conflict(untouched)
            .exec_without_returning(connection)
            .await?;
    }
    keep(connection, READY_MADE, &now, now).await
}
