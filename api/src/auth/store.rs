//! Queries for tokens, signing keys and the keys of sources.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{SigningKeyId, TokenId};
use lazo_entity::{signing_key, source, token};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, sea_query::Expr,
};

/// The token with this keyed hash.
pub async fn token_by_hash<C: ConnectionTrait>(
    conn: &C,
    hash: &str,
) -> Result<Option<token::Model>, DbErr> {
    token::Entity::find()
        .filter(token::Column::Hash.eq(hash))
        .one(conn)
        .await
}

/// The token with this id.
pub async fn token_by_id<C: ConnectionTrait>(
    conn: &C,
    id: TokenId,
) -> Result<Option<token::Model>, DbErr> {
    token::Entity::find_by_id(id).one(conn).await
}

/// All tokens, the newest first.
pub async fn tokens<C: ConnectionTrait>(conn: &C) -> Result<Vec<token::Model>, DbErr> {
    token::Entity::find()
        .order_by_desc(token::Column::Id)
        .all(conn)
        .await
}

/// Stores a new token.
pub async fn insert_token<C: ConnectionTrait>(
    conn: &C,
    row: token::Model,
) -> Result<token::Model, DbErr> {
    row.into_active_model().insert(conn).await
}

/// Revokes a token; `false` where there is none, or it was revoked before.
pub async fn revoke_token<C: ConnectionTrait>(
    conn: &C,
    id: TokenId,
    at: Timestamp,
) -> Result<bool, DbErr> {
    let changed = token::Entity::update_many()
        .col_expr(token::Column::RevokedAt, Expr::value(at))
        .filter(token::Column::Id.eq(id))
        .filter(token::Column::RevokedAt.is_null())
        .exec(conn)
        .await?;
    Ok(changed.rows_affected > 0)
}

/// All signing keys, retired ones included, the oldest first.
pub async fn signing_keys<C: ConnectionTrait>(conn: &C) -> Result<Vec<signing_key::Model>, DbErr> {
    signing_key::Entity::find()
        .order_by_asc(signing_key::Column::Id)
        .all(conn)
        .await
}

/// Stores a new signing key.
pub async fn insert_signing_key<C: ConnectionTrait>(
    conn: &C,
    row: signing_key::Model,
) -> Result<signing_key::Model, DbErr> {
    row.into_active_model().insert(conn).await
}

/// Retires a signing key: it signs nothing more. `false` where there is none, or it was retired before.
pub async fn retire_signing_key<C: ConnectionTrait>(
    conn: &C,
    id: SigningKeyId,
    at: Timestamp,
) -> Result<bool, DbErr> {
    let changed = signing_key::Entity::update_many()
        .col_expr(signing_key::Column::RetiredAt, Expr::value(at))
        .filter(signing_key::Column::Id.eq(id))
        .filter(signing_key::Column::RetiredAt.is_null())
        .exec(conn)
        .await?;
    Ok(changed.rows_affected > 0)
}

/// Deletes a signing key: nothing that it has signed is good any more. `false` where there is none.
pub async fn delete_signing_key<C: ConnectionTrait>(
    conn: &C,
    id: SigningKeyId,
) -> Result<bool, DbErr> {
    let deleted = signing_key::Entity::delete_by_id(id).exec(conn).await?;
    Ok(deleted.rows_affected > 0)
}

/// The source one of whose keys has this keyed hash, archived or not.
pub async fn source_by_key_hash<C: ConnectionTrait>(
    conn: &C,
    hash: &str,
) -> Result<Option<source::Model>, DbErr> {
    source::Entity::find()
        .filter(
            Condition::any()
                .add(source::Column::KeyHash.eq(hash))
                .add(source::Column::SecondKeyHash.eq(hash)),
        )
        .one(conn)
        .await
}
