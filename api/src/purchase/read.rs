//! Queries of purchases for readers.

use lazo_domain::id::{ProfileId, PurchaseId};
use lazo_domain::money::Currency;
use lazo_entity::purchase::{Column, Entity, Model};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use super::store::{PurchaseRow, StoredPurchase};
use crate::page::{self, Key, Listed, Newest, Page};

/// A stored purchase with its JSON read.
pub fn row(model: Model, currency: &Currency) -> Result<PurchaseRow, DbErr> {
    let parts = serde_json::from_value(model.parts)
        .map_err(|error| DbErr::Type(format!("stored purchase does not read: {error}")))?;
    let stored = StoredPurchase {
        id: model.id,
        profile: model.profile_id,
        shop: model.shop,
        order_id: model.order_id,
        parts,
    };
    Ok(stored.whole(currency))
}

/// A part of the purchases of a profile; those that were not placed yet come last.
pub async fn list(
    connection: &impl ConnectionTrait,
    currency: &Currency,
    profile: ProfileId,
    page: &Page,
    want_total: bool,
) -> Result<Listed<PurchaseRow>, DbErr> {
    let select = Entity::find().filter(Column::ProfileId.eq(profile));
    let sort = Newest::ByTimeOrNever(Column::PlacedAt, Column::Id);
    let key = |model: &Model| Key {
        at: model.placed_at,
        id: model.id.0,
    };
    page::fetch(connection, select, sort, page, want_total, key)
        .await?
        .try_map(|model| row(model, currency))
}

/// Purchases.
pub async fn by_ids(
    connection: &impl ConnectionTrait,
    currency: &Currency,
    ids: impl IntoIterator<Item = PurchaseId>,
) -> Result<Vec<PurchaseRow>, DbErr> {
    let found = Entity::find()
        .filter(Column::Id.is_in(ids))
        .all(connection)
        .await?;
    found
        .into_iter()
        .map(|model| row(model, currency))
        .collect()
}
