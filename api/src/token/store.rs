//! Queries of tokens.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::TokenId;
use lazo_entity::token::{Column, Entity, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use crate::page::{self, Listed, Page};

/// The token with this id.
pub(super) async fn by_id(
    connection: &impl ConnectionTrait,
    id: TokenId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(connection).await
}

/// A part of the list of all tokens, the newest first.
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

/// Sets from when a token is refused.
pub(super) async fn revoke(
    connection: &impl ConnectionTrait,
    id: TokenId,
    at: Timestamp,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(at))
        .filter(Column::Id.eq(id))
        .exec(connection)
        .await?;
    Ok(())
}
