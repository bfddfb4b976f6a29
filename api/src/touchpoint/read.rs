//! Queries of touchpoints for readers.

use lazo_domain::id::{FragmentId, ProfileId, TouchpointId};
use lazo_domain::touchpoint::Channel;
use lazo_entity::touchpoint::{Column, Entity, Model};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Select};

use crate::identity::read::fragments_of;
use crate::page::{self, Key, Listed, Newest, Page};

/// Which touchpoints of a profile are asked for; nothing set means all.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those of this channel.
    pub channel: Option<Channel>,
    /// Only those of this name, exactly.
    pub name: Option<String>,
}

/// A part of the touchpoints of a profile.
pub async fn of_profile(
    connection: &impl ConnectionTrait,
    profile: ProfileId,
    filter: &Filter,
    page: &Page,
    want_total: bool,
) -> Result<Listed<Model>, DbErr> {
    let mut select = Entity::find().filter(Column::FragmentId.in_subquery(fragments_of(profile)));
    if let Some(channel) = filter.channel {
        select = select.filter(Column::Channel.eq(channel.as_str()));
    }
    if let Some(name) = &filter.name {
        select = select.filter(Column::Name.eq(name));
    }
    fetch(connection, select, page, want_total).await
}

/// A part of the touchpoints of fragments.
pub async fn of_fragments(
    connection: &impl ConnectionTrait,
    fragments: impl IntoIterator<Item = FragmentId>,
    page: &Page,
    want_total: bool,
) -> Result<Listed<Model>, DbErr> {
    fetch(
        connection,
        Entity::find().filter(Column::FragmentId.is_in(fragments)),
        page,
        want_total,
    )
    .await
}

async fn fetch(
    connection: &impl ConnectionTrait,
    select: Select<Entity>,
    page: &Page,
    want_total: bool,
) -> Result<Listed<Model>, DbErr> {
    let key = |model: &Model| Key {
        at: Some(model.occurred_at),
        id: model.id.0,
    };
    page::fetch(
        connection,
        select,
        Newest::ByTime(Column::OccurredAt, Column::Id),
        page,
        want_total,
        key,
    )
    .await
}

/// Touchpoints.
pub async fn by_ids(
    connection: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = TouchpointId>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::Id.is_in(ids))
        .all(connection)
        .await
}
