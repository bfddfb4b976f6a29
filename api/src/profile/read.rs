//! Queries of profiles for readers.

use std::collections::HashMap;

use lazo_domain::id::{FragmentId, ProfileId};
use lazo_entity::{fragment, profile};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::store::{ProfileRow, row};
use crate::condition::sql::Query;
use crate::page::{self, Key, Listed, Newest, Page};

/// By what the list of profiles is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// By the time they were made.
    CreatedAt,
    /// By the time they were last seen; those never seen come last.
    LastSeen,
}

impl Sort {
    /// The name of the order.
    pub fn name(self) -> &'static str {
        match self {
            Self::CreatedAt => "profile.created_at",
            Self::LastSeen => "profile.last_seen",
        }
    }
}

/// The ids of profiles that were merged into these: the former and the present id.
pub async fn former_ids(
    connection: &impl ConnectionTrait,
    of: impl IntoIterator<Item = ProfileId>,
) -> Result<Vec<(ProfileId, ProfileId)>, DbErr> {
    profile::Entity::find()
        .select_only()
        .columns([profile::Column::Id, profile::Column::MergedInto])
        .filter(profile::Column::MergedInto.is_in(of))
        .order_by_asc(profile::Column::Id)
        .into_tuple()
        .all(connection)
        .await
}

/// The profiles that ids lead to now, be they present or former.
pub async fn current(
    connection: &impl ConnectionTrait,
    ids: &[ProfileId],
) -> Result<HashMap<ProfileId, ProfileId>, DbErr> {
    let wanted = ids.iter().map(|id| FragmentId(id.0));
    let fragments = fragment::Entity::find()
        .filter(fragment::Column::Id.is_in(wanted))
        .all(connection)
        .await?;
    Ok(fragments
        .into_iter()
        .map(|row| (ProfileId(row.id.0), row.profile_id))
        .collect())
}

/// Which profiles are listed.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Whether restricted ones are among them.
    pub with_restricted: bool,
    /// Only those for whom this holds.
    pub only: Option<Query>,
}

/// A part of the list of profiles.
pub async fn list(
    connection: &impl ConnectionTrait,
    sort: Sort,
    listing: &Listing,
    page: &Page,
    want_total: bool,
) -> Result<Listed<ProfileRow>, DbErr> {
    let mut select = profile::Entity::find().filter(profile::Column::MergedInto.is_null());
    if !listing.with_restricted {
        select = select.filter(profile::Column::Restricted.eq(false));
    }
    if let Some(only) = &listing.only {
        select = select.filter(only.is_one());
    }
    let order = match sort {
        Sort::CreatedAt => Newest::ByTime(profile::Column::CreatedAt, profile::Column::Id),
        Sort::LastSeen => Newest::ByDayAndTimeOrNever(
            profile::Column::LastSeenDay,
            profile::Column::LastSeen,
            profile::Column::Id,
        ),
    };
    let key = |model: &profile::Model| Key {
        at: match sort {
            Sort::CreatedAt => Some(model.created_at),
            Sort::LastSeen => model.last_seen,
        },
        id: model.id.0,
    };
    page::fetch(connection, select, order, page, want_total, key)
        .await?
        .try_map(row)
}
