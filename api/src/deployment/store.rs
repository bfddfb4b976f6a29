//! Queries of the settings.

use lazo_domain::clock::Timestamp;
use lazo_entity::setting::{ActiveModel, Column, Entity};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, Set};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(super) async fn setting(
    connection: &impl ConnectionTrait,
    key: &str,
) -> Result<Option<String>, DbErr> {
    Ok(Entity::find_by_id(key)
        .one(connection)
        .await?
        .map(|setting| setting.value))
}

pub(super) async fn fix(
    connection: &impl ConnectionTrait,
    key: &str,
    value: &str,
    at: Timestamp,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        key: Set(key.to_owned()),
        value: Set(value.to_owned()),
        updated_at: Set(at),
    };
    row.insert(connection).await?;
    Ok(())
}

/// What is kept under a name; none if nothing ever was.
pub(crate) async fn kept<T: DeserializeOwned>(
    connection: &impl ConnectionTrait,
    key: &str,
) -> Result<Option<T>, DbErr> {
    let Some(value) = setting(connection, key).await? else {
        return Ok(None);
    };
    serde_json::from_str(&value)
        .map(Some)
        .map_err(|error| DbErr::Type(format!("the setting {key} does not read: {error}")))
}

/// Keeps something under a name, in place of what was.
pub(crate) async fn keep(
    connection: &impl ConnectionTrait,
    key: &str,
    value: &impl Serialize,
    now: Timestamp,
) -> Result<(), DbErr> {
    let value = serde_json::to_string(value)
        .map_err(|error| DbErr::Type(format!("the setting {key} is not written: {error}")))?;
    let row = ActiveModel {
        key: Set(key.to_owned()),
        value: Set(value),
        updated_at: Set(now),
    };
    let again = OnConflict::column(Column::Key)
        .update_columns([Column::Value, Column::UpdatedAt])
        .to_owned();
    Entity::insert(row)
        .on_conflict(again)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}
