//! Queries of identifiers and of the identity log for readers.

use lazo_domain::id::{IdentityLinkId, ProfileId};
use lazo_entity::{fragment, identifier, identity_link};
use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter,
};
use serde_json::json;

use crate::db::{ColumnKind, Rows};
use crate::page::{self, Key, Listed, Newest, Page};

/// The identifiers of profiles, each with its profile.
pub async fn identifiers(
    connection: &impl ConnectionTrait,
    profiles: impl IntoIterator<Item = ProfileId>,
) -> Result<Vec<(ProfileId, identifier::Model)>, DbErr> {
    let mut rows = Rows::new(&[("id", ColumnKind::Uuid)]);
    for profile in profiles {
        rows.push([json!(profile.0)]);
    }
    let query = rows.query(
        connection,
        "SELECT i.*, f.profile_id FROM {rows} AS given JOIN fragment AS f ON f.profile_id = given.id \
         JOIN identifier AS i ON i.fragment_id = f.id",
        Vec::new(),
    );
    let found = connection.query_all_raw(query).await?;
    found
        .iter()
        .map(|row| {
            Ok((
                row.try_get("", "profile_id")?,
                identifier::Model::from_query_result(row, "")?,
            ))
        })
        .collect()
}

/// The fragments of a profile, for use within another query.
pub fn fragments_of(profile: ProfileId) -> SelectStatement {
    Query::select()
        .column(fragment::Column::Id)
        .from(fragment::Entity)
        .and_where(fragment::Column::ProfileId.eq(profile))
        .to_owned()
}

/// A part of the identity log of a profile.
pub async fn log(
    connection: &impl ConnectionTrait,
    profile: ProfileId,
    page: &Page,
    want_total: bool,
) -> Result<Listed<identity_link::Model>, DbErr> {
    use identity_link::Column;
    let either_side = Condition::any()
        .add(Column::FragmentId.in_subquery(fragments_of(profile)))
        .add(Column::OtherFragmentId.in_subquery(fragments_of(profile)));
    let select = identity_link::Entity::find().filter(either_side);
    let key = |model: &identity_link::Model| Key {
        at: None,
        id: model.id.0,
    };
    page::fetch(
        connection,
        select,
        Newest::ById(Column::Id),
        page,
        want_total,
        key,
    )
    .await
}

/// Entries of the identity log.
pub async fn log_entries(
    connection: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = IdentityLinkId>,
) -> Result<Vec<identity_link::Model>, DbErr> {
    identity_link::Entity::find()
        .filter(identity_link::Column::Id.is_in(ids))
        .all(connection)
        .await
}
