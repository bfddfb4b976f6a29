//! Queries of computed traits.

use lazo_domain::computed::Definition;
use lazo_domain::id::ComputedTraitId;
use lazo_domain::standing;
use lazo_entity::computed_trait::{Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QueryOrder,
};

use crate::page::{self, Listed, Page};
use crate::standing::readable;

/// The computed traits that are computed: those that are not archived, and read, in the order of their names.
pub(crate) async fn decided(
    connection: &impl ConnectionTrait,
) -> Result<Vec<standing::ComputedTrait>, DbErr> {
    let traits = Entity::find()
        .filter(Column::ArchivedAt.is_null())
        .order_by_asc(Column::Name)
        .all(connection)
        .await?;
    let read = traits.iter();
    let read = read.filter_map(|one| readable("computed trait", one.id, decides(one)));
    Ok(read.collect())
}

/// A stored computed trait, as far as it decides what is computed.
pub(crate) fn decides(stored: &Model) -> Result<standing::ComputedTrait, DbErr> {
    Ok(standing::ComputedTrait {
        id: stored.id,
        version: stored.version,
        definition: definition(stored)?,
    })
}

/// What a stored computed trait is computed of.
pub(super) fn definition(stored: &Model) -> Result<Definition, DbErr> {
    serde_json::from_value(stored.definition.clone())
        .map_err(|error| DbErr::Type(format!("stored computed trait does not read: {error}")))
}

/// The computed trait with this id, archived or not.
pub(super) async fn by_id(
    connection: &impl ConnectionTrait,
    id: ComputedTraitId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(connection).await
}

/// The computed trait of this name, archived or not.
pub(super) async fn by_name(
    connection: &impl ConnectionTrait,
    name: &str,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::Name.eq(name))
        .one(connection)
        .await
}

/// How many computed traits there are, but for archived ones.
pub(super) async fn count(connection: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::ArchivedAt.is_null())
        .count(connection)
        .await
}

/// A part of the list of computed traits, the newest first.
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

/// Stores a new computed trait.
pub(super) async fn insert(connection: &impl ConnectionTrait, row: Model) -> Result<Model, DbErr> {
    row.into_active_model().insert(connection).await
}

/// Stores a changed computed trait.
pub(super) async fn update(connection: &impl ConnectionTrait, row: Model) -> Result<Model, DbErr> {
    row.into_active_model().reset_all().update(connection).await
}
