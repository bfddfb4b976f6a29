//! Queries of a rebuild: whole profiles as they are stored, and the touchpoints below them.

use std::collections::HashMap;
use std::pin::Pin;

use futures::Stream;
use lazo_domain::id::{FragmentId, ProfileId, PurchaseId, SourceId};
use lazo_entity::{fragment, profile, profile_trait, purchase, purchase_line, source, touchpoint};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    StreamTrait,
};

use crate::db::{Rows, statement};

/// Ids of profiles, absorbed ones included, in order from after one on.
pub(super) async fn profile_ids(
    connection: &impl ConnectionTrait,
    after: Option<ProfileId>,
    count: u64,
) -> Result<Vec<ProfileId>, DbErr> {
    let mut select = profile::Entity::find()
        .select_only()
        .column(profile::Column::Id);
    if let Some(after) = after {
        select = select.filter(profile::Column::Id.gt(after));
    }
    select
        .order_by_asc(profile::Column::Id)
        .limit(count)
        .into_tuple()
        .all(connection)
        .await
}

/// Profiles that fragments belong to and that have no row.
pub(super) async fn missing_profiles(
    connection: &impl ConnectionTrait,
    count: u64,
) -> Result<Vec<ProfileId>, DbErr> {
    let ask = format!(
        "SELECT DISTINCT f.profile_id AS id FROM fragment AS f \
         WHERE NOT EXISTS (SELECT 1 FROM profile AS p WHERE p.id = f.profile_id) LIMIT {count}"
    );
    let rows = connection
        .query_all_raw(statement(connection, ask, []))
        .await?;
    rows.iter().map(|row| row.try_get("", "id")).collect()
}

pub(super) async fn profiles(
    connection: &impl ConnectionTrait,
    ids: &[ProfileId],
) -> Result<Vec<profile::Model>, DbErr> {
    let of = "SELECT p.* FROM {rows} AS given JOIN profile AS p ON p.id = given.id";
    let query = of_profiles(ids).query(connection, of, Vec::new());
    profile::Entity::find()
        .from_raw_sql(query)
        .all(connection)
        .await
}

pub(super) async fn fragments(
    connection: &impl ConnectionTrait,
    ids: &[ProfileId],
) -> Result<Vec<fragment::Model>, DbErr> {
    let of = "SELECT f.* FROM {rows} AS given JOIN fragment AS f ON f.profile_id = given.id";
    let query = of_profiles(ids).query(connection, of, Vec::new());
    fragment::Entity::find()
        .from_raw_sql(query)
        .all(connection)
        .await
}

pub(super) async fn traits(
    connection: &impl ConnectionTrait,
    ids: &[ProfileId],
) -> Result<Vec<profile_trait::Model>, DbErr> {
    let of = "SELECT t.* FROM {rows} AS given JOIN profile_trait AS t ON t.profile_id = given.id";
    let query = of_profiles(ids).query(connection, of, Vec::new());
    profile_trait::Entity::find()
        .from_raw_sql(query)
        .all(connection)
        .await
}

pub(super) async fn purchases(
    connection: &impl ConnectionTrait,
    ids: &[ProfileId],
) -> Result<Vec<purchase::Model>, DbErr> {
    let of = "SELECT p.* FROM {rows} AS given JOIN purchase AS p ON p.profile_id = given.id";
    let query = of_profiles(ids).query(connection, of, Vec::new());
    purchase::Entity::find()
        .from_raw_sql(query)
        .all(connection)
        .await
}

/// The lines of the purchases of profiles, in their order.
pub(super) async fn lines(
    connection: &impl ConnectionTrait,
    ids: &[ProfileId],
) -> Result<HashMap<PurchaseId, Vec<purchase_line::Model>>, DbErr> {
    let of = "SELECT l.* FROM {rows} AS given JOIN purchase AS p ON p.profile_id = given.id \
              JOIN purchase_line AS l ON l.purchase_id = p.id ORDER BY l.purchase_id, l.position";
    let query = of_profiles(ids).query(connection, of, Vec::new());
    let mut lines: HashMap<_, Vec<_>> = HashMap::new();
    for line in purchase_line::Entity::find()
        .from_raw_sql(query)
        .all(connection)
        .await?
    {
        lines.entry(line.purchase_id).or_default().push(line);
    }
    Ok(lines)
}

/// The touchpoints of fragments in the order in which they were stored, one after the other and never all in memory.
pub(super) async fn touchpoints<'a, C: ConnectionTrait + StreamTrait>(
    connection: &'a C,
    fragments: impl IntoIterator<Item = FragmentId>,
) -> Result<Pin<Box<dyn Stream<Item = Result<touchpoint::Model, DbErr>> + Send + 'a>>, DbErr> {
    let given = Rows::of_ids(fragments.into_iter().map(|id| id.0));
    let of = "SELECT t.* FROM {rows} AS given JOIN touchpoint AS t ON t.fragment_id = given.id ORDER BY t.seq";
    let query = given.query(connection, of, Vec::new());
    let stream = touchpoint::Entity::find()
        .from_raw_sql(query)
        .stream(connection)
        .await?;
    Ok(Box::pin(stream))
}

/// All sources: whether each is trusted, and its shop.
pub(super) async fn sources(
    connection: &impl ConnectionTrait,
) -> Result<HashMap<SourceId, (bool, String)>, DbErr> {
    let sources = source::Entity::find().all(connection).await?;
    Ok(sources
        .into_iter()
        .map(|source| (source.id, (source.trusted, source.shop)))
        .collect())
}

fn of_profiles(ids: &[ProfileId]) -> Rows {
    Rows::of_ids(ids.iter().map(|id| id.0))
}
