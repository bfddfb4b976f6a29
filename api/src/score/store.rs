//! Queries of score models.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::ScoreModelId;
use lazo_domain::score;
use lazo_domain::standing;
use lazo_entity::score_model::{Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter,
};

use crate::deployment::{keep, kept};
use crate::page::{self, Listed, Page};
use crate::standing::readable;

/// The setting that says when score models were measured.
const MEASURED: &str = "score_models_measured";

/// The score models that count: those that are not archived, and read.
pub(crate) async fn decided(
    connection: &impl ConnectionTrait,
) -> Result<Vec<standing::ScoreModel>, DbErr> {
    let models = Entity::find()
        .filter(Column::ArchivedAt.is_null())
        .all(connection)
        .await?;
    let read = models.iter();
    let read = read.filter_map(|one| readable("score model", one.id, decides(one)));
    Ok(read.collect())
}

/// A stored score model, as far as it decides what profiles score.
pub(crate) fn decides(stored: &Model) -> Result<standing::ScoreModel, DbErr> {
    Ok(standing::ScoreModel {
        id: stored.id,
        key: stored.key.clone(),
        version: stored.version,
        model: model(stored)?,
    })
}

/// What a stored score model counts.
pub(super) fn model(stored: &Model) -> Result<score::Model, DbErr> {
    serde_json::from_value(stored.model.clone())
        .map_err(|error| DbErr::Type(format!("stored score model does not read: {error}")))
}

/// The score model with this id, archived or not.
pub(super) async fn by_id(
    connection: &impl ConnectionTrait,
    id: ScoreModelId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(connection).await
}

/// The score model with this key, archived or not.
pub(super) async fn by_key(
    connection: &impl ConnectionTrait,
    key: &str,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::Key.eq(key))
        .one(connection)
        .await
}

/// The score models with these ids, archived or not.
pub(super) async fn by_ids(
    connection: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = ScoreModelId>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::Id.is_in(ids))
        .all(connection)
        .await
}

/// How many score models there are, but for archived ones.
pub(super) async fn count(connection: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::ArchivedAt.is_null())
        .count(connection)
        .await
}

/// A part of the list of score models, the newest first.
pub(super) async fn list(
    connection: &impl ConnectionTrait,
    archived: bool,
    page: &Page,
    want_total: bool,
) -> Result<Listed<Model>, DbErr> {
    let mut select = Entity::find();
    if !archived {
        select = select.filter(Column::ArchivedAt.is_null());
    }
    page::newest(connection, select, Column::Id, page, want_total, |row| {
        row.id.0
    })
    .await
}

/// Stores a new score model.
pub(super) async fn insert(connection: &impl ConnectionTrait, row: Model) -> Result<Model, DbErr> {
    row.into_active_model().insert(connection).await
}

/// Stores a changed score model.
pub(super) async fn update(connection: &impl ConnectionTrait, row: Model) -> Result<Model, DbErr> {
    row.into_active_model().reset_all().update(connection).await
}

/// When what score models compare with was measured last.
pub(super) async fn last_measured(
    connection: &impl ConnectionTrait,
) -> Result<Option<Timestamp>, DbErr> {
    kept(connection, MEASURED).await
}

/// Notes that it is being measured.
pub(super) async fn set_measured(
    connection: &impl ConnectionTrait,
    now: Timestamp,
) -> Result<(), DbErr> {
    keep(connection, MEASURED, &now, now).await
}
