//! Queries of identifiers and of the identity log for readers.

use lazo_domain::id::{FragmentId, IdentityLinkId, ProfileId};
use lazo_domain::identity::{Namespace, Trust};
use lazo_entity::{fragment, identifier, identity_link};
use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter,
};

use super::IdentifierRow;
use crate::db::{Engine, Rows, statement};
use crate::page::{self, Key, Listed, Newest, Page};

/// The identifiers of profiles, each with its profile, but for our own.
pub async fn identifiers(
    connection: &impl ConnectionTrait,
    profiles: impl IntoIterator<Item = ProfileId>,
) -> Result<Vec<(ProfileId, IdentifierRow)>, DbErr> {
    let query = Rows::of_ids(profiles.into_iter().map(|profile| profile.0)).query(
        connection,
        "SELECT i.*, f.profile_id FROM {rows} AS given JOIN fragment AS f ON f.profile_id = given.id \
         JOIN identifier AS i ON i.fragment_id = f.id",
        Vec::new(),
    );
    let mut shown = Vec::new();
    for row in connection.query_all_raw(query).await? {
        let model = identifier::Model::from_query_result(&row, "")?;
        if let Some(identifier) = shown_row(model) {
            shown.push((row.try_get("", "profile_id")?, identifier));
        }
    }
    Ok(shown)
}

/// An identifier as readers see it; none if it is one of ours, which nobody is shown.
fn shown_row(model: identifier::Model) -> Option<IdentifierRow> {
    let namespace = Namespace::new(&model.namespace)?;
    (!namespace.is_internal()).then(|| IdentifierRow {
        namespace,
        value: model.value,
        fragment: model.fragment_id,
        trust: Trust::from_name(&model.trust).unwrap_or(Trust::Claimed),
        shared: model.shared,
        first_seen: model.first_seen,
        last_seen: model.last_seen,
        source: model.source_id,
    })
}

/// The fragment that an identifier points at, and its profile, if anybody has it.
pub async fn owner(
    connection: &impl ConnectionTrait,
    namespace: &Namespace,
    value: &str,
) -> Result<Option<(FragmentId, ProfileId)>, DbErr> {
    let engine = Engine::of(connection);
    let query = statement(
        connection,
        format!(
            "SELECT f.id, f.profile_id FROM identifier AS i JOIN fragment AS f ON f.id = i.fragment_id \
             WHERE i.namespace = {} AND i.value = {}",
            engine.parameter(1),
            engine.parameter(2)
        ),
        [namespace.as_str().into(), value.into()],
    );
    let Some(row) = connection.query_one_raw(query).await? else {
        return Ok(None);
    };
    Ok(Some((
        row.try_get("", "id")?,
        row.try_get("", "profile_id")?,
    )))
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
