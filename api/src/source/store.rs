//! Queries of sources.

use lazo_domain::id::SourceId;
use lazo_entity::source::{Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter,
};

use crate::page::{self, Listed, Page};

/// The source with this id.
pub(super) async fn by_id(
    connection: &impl ConnectionTrait,
    id: SourceId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(connection).await
}

/// The source with this name, archived or not.
pub(super) async fn by_name(
    connection: &impl ConnectionTrait,
    name: &str,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::Name.eq(name))
        .one(connection)
        .await
}

/// The sources with these ids, archived or not.
pub(super) async fn by_ids(
    connection: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = SourceId>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::Id.is_in(ids))
        .all(connection)
        .await
}

/// A part of the list of all sources, the newest first.
pub(super) async fn list(
    connection: &impl ConnectionTrait,
    page: &Page,
    want_total: bool,
) -> Result<Listed<Model>, DbErr> {
    let all = Entity::find();
    page::newest(connection, all, Column::Id, page, want_total, |row| {
        row.id.0
    })
    .await
}

/// Stores a new source.
pub(super) async fn insert(connection: &impl ConnectionTrait, row: Model) -> Result<Model, DbErr> {
    row.into_active_model().insert(connection).await
}

/// Stores a changed source.
pub(super) async fn update(connection: &impl ConnectionTrait, row: Model) -> Result<Model, DbErr> {
    row.into_active_model().reset_all().update(connection).await
}
