//! Queries of the settings.

use lazo_domain::clock::Timestamp;
use lazo_entity::setting::{ActiveModel, Entity};
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, Set};

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
