//! Who is a member of a segment, who was on a date, and who came and went between two.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{ProfileId, SegmentId};
use lazo_entity::segment_transition::{self, Model as Transition};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QueryResult, QuerySelect, Value,
};
use uuid::Uuid;

use crate::app::App;
use crate::db::{Engine, Rows, statement};
use crate::error::Error;
use crate::page::{Key, Listed, Page};

/// A member of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// The profile.
    pub profile: ProfileId,
    /// The segment.
    pub segment: SegmentId,
    /// Since when it is a member.
    pub since: Timestamp,
    /// The first instant at which time alone may end it; none if it never does.
    pub valid_until: Option<Timestamp>,
}

/// Who came and went between two instants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// Members at the first instant.
    pub before: u64,
    /// Members at the second that were none at the first.
    pub entered: u64,
    /// Members at the first that are none at the second.
    pub left: u64,
    /// Members at the second instant.
    pub after: u64,
}

/// The last transition of each profile up to an instant.
const LAST: &str = "SELECT profile_id, entered, at FROM (SELECT profile_id, entered, at, \
     row_number() OVER (PARTITION BY profile_id ORDER BY at DESC, seq DESC) AS place \
     FROM segment_transition WHERE segment_id = {segment} AND at <= {instant}) AS numbered WHERE place = 1";

/// Members of a segment now, in the order of their ids, those after a profile. Memberships that time may have ended are left out:
/// they are decided within a second.
pub async fn members(
    app: &App,
    segment: SegmentId,
    after: Option<ProfileId>,
    limit: u64,
) -> Result<Vec<Member>, Error> {
    let connection = app.db().read();
    let engine = Engine::of(connection);
    let from = after.map_or_else(String::new, |_| {
        format!("AND profile_id > {}", engine.parameter(3))
    });
    let query = statement(
        connection,
        format!(
            "SELECT profile_id, segment_id, since, valid_until FROM segment_member \
             WHERE segment_id = {} AND (valid_until IS NULL OR valid_until > {}) {from} ORDER BY profile_id LIMIT {limit}",
            engine.parameter(1),
            engine.parameter(2)
        ),
        [Value::from(segment.0), app.now().into()]
            .into_iter()
            .chain(after.map(|id| id.0.into())),
    );
    read(&connection.query_all_raw(query).await?)
}

/// Members of a segment now, at most so many: where there are more, evenly spread over all in the order of their ids.
pub(crate) async fn sample(
    connection: &impl ConnectionTrait,
    segment: SegmentId,
    now: Timestamp,
    most: u64,
) -> Result<Vec<ProfileId>, DbErr> {
    let engine = Engine::of(connection);
    let query = statement(
        connection,
        format!(
            "SELECT profile_id FROM (SELECT profile_id, row_number() OVER (ORDER BY profile_id) AS place, \
             count(*) OVER () AS total FROM segment_member WHERE segment_id = {} \
             AND (valid_until IS NULL OR valid_until > {})) AS numbered \
             WHERE total <= {most} OR place * {most} / total > (place - 1) * {most} / total ORDER BY profile_id",
            engine.parameter(1),
            engine.parameter(2)
        ),
        [Value::from(segment.0), now.into()],
    );
    let rows = connection.query_all_raw(query).await?;
    rows.iter()
        .map(|row| row.try_get("", "profile_id"))
        .collect()
}

/// How many members a segment has now.
pub async fn count(app: &App, segment: SegmentId) -> Result<u64, Error> {
    let connection = app.db().read();
    let engine = Engine::of(connection);
    let query = statement(
        connection,
        format!(
            "SELECT count(*) AS total FROM segment_member WHERE segment_id = {} \
             AND (valid_until IS NULL OR valid_until > {})",
            engine.parameter(1),
            engine.parameter(2)
        ),
        [Value::from(segment.0), app.now().into()],
    );
    total(connection, query).await
}

/// How many members segments have now; those without any are left out.
pub async fn counts(app: &App, segments: &[SegmentId]) -> Result<Vec<(SegmentId, u64)>, Error> {
    let connection = app.db().read();
    let rows = Rows::of_ids(segments.iter().map(|id| id.0));
    let parameter = Engine::of(connection).parameter(2);
    let query = rows.query(
        connection,
        &format!(
            "SELECT m.segment_id, count(*) AS total FROM {{rows}} AS given \
             JOIN segment_member AS m ON m.segment_id = given.id \
             WHERE m.valid_until IS NULL OR m.valid_until > {parameter} GROUP BY m.segment_id"
        ),
        vec![app.now().into()],
    );
    let count = |row: &QueryResult| {
        let total: i64 = row.try_get("", "total")?;
        let total = u64::try_from(total).unwrap_or_default();
        Ok((row.try_get("", "segment_id")?, total))
    };
    connection
        .query_all_raw(query)
        .await?
        .iter()
        .map(count)
        .collect()
}

/// A part of the members of a segment, now or at an instant, in the order of their ids.
pub async fn page(
    app: &App,
    segment: SegmentId,
    as_of: Option<Timestamp>,
    page: &Page,
    want_total: bool,
) -> Result<Listed<Member>, Error> {
    let after = page.after.map(|key| ProfileId(key.id));
    let limit = page.limit.saturating_add(1);
    let (found, total) = match as_of {
        Some(at) => (
            members_as_of(app, segment, at, after, limit).await?,
            when(want_total, count_as_of(app, segment, at)).await?,
        ),
        None => (
            members(app, segment, after, limit).await?,
            when(want_total, count(app, segment)).await?,
        ),
    };
    let key = |member: &Member| Key {
        at: None,
        id: member.profile.0,
    };
    Ok(listed(found, page, total, key))
}

/// Who was a member of a segment at an instant, in the order of their ids, those after a profile. `valid_until` is not known of the past.
pub async fn members_as_of(
    app: &App,
    segment: SegmentId,
    instant: Timestamp,
    after: Option<ProfileId>,
    limit: u64,
) -> Result<Vec<Member>, Error> {
    let connection = app.db().read();
    let engine = Engine::of(connection);
    let from = after.map_or_else(String::new, |_| {
        format!("AND profile_id > {}", engine.parameter(3))
    });
    let last = last(engine, 1, 2);
    let query = statement(
        connection,
        format!(
            "SELECT profile_id, {} AS segment_id, at AS since, CAST(NULL AS bigint) AS valid_until FROM ({last}) AS last \
             WHERE entered {from} ORDER BY profile_id LIMIT {limit}",
            engine.parameter(1)
        ),
        [Value::from(segment.0), instant.into()]
            .into_iter()
            .chain(after.map(|id| id.0.into())),
    );
    read(&connection.query_all_raw(query).await?)
}

/// How many were members of a segment at an instant.
pub async fn count_as_of(app: &App, segment: SegmentId, instant: Timestamp) -> Result<u64, Error> {
    let connection = app.db().read();
    let last = last(Engine::of(connection), 1, 2);
    let query = statement(
        connection,
        format!("SELECT count(*) AS total FROM ({last}) AS last WHERE entered"),
        [Value::from(segment.0), instant.into()],
    );
    total(connection, query).await
}

/// Who came and went between two instants.
pub async fn flow(
    app: &App,
    segment: SegmentId,
    from: Timestamp,
    to: Timestamp,
) -> Result<Flow, Error> {
    let connection = app.db().read();
    let engine = Engine::of(connection);
    let (first, second) = (last(engine, 1, 2), last(engine, 1, 3));
    let query = statement(
        connection,
        format!(
            "SELECT count(*) FILTER (WHERE was) AS before, count(*) FILTER (WHERE is_now AND NOT was) AS entered, \
             count(*) FILTER (WHERE was AND NOT is_now) AS gone, count(*) FILTER (WHERE is_now) AS after FROM \
             (SELECT s.entered AS is_now, coalesce(f.entered, false) AS was FROM ({second}) AS s \
             LEFT JOIN ({first}) AS f ON f.profile_id = s.profile_id) AS joined"
        ),
        [Value::from(segment.0), from.into(), to.into()],
    );
    let row = connection.query_one_raw(query).await?;
    let Some(row) = row else {
        return Ok(Flow::default());
    };
    let count = |column| {
        let count: i64 = row.try_get("", column)?;
        Ok::<_, DbErr>(u64::try_from(count).unwrap_or_default())
    };
    Ok(Flow {
        before: count("before")?,
        entered: count("entered")?,
        left: count("gone")?,
        after: count("after")?,
    })
}

/// The memberships of profiles, now or at an instant.
pub async fn memberships(
    app: &App,
    profiles: &[ProfileId],
    as_of: Option<Timestamp>,
) -> Result<Vec<Member>, Error> {
    match as_of {
        Some(instant) => of_profiles_as_of(app, profiles, instant).await,
        None => of_profiles(app, profiles).await,
    }
}

/// The memberships of profiles now.
pub async fn of_profiles(app: &App, profiles: &[ProfileId]) -> Result<Vec<Member>, Error> {
    let connection = app.db().read();
    let rows = Rows::of_ids(profiles.iter().map(|id| id.0));
    let parameter = Engine::of(connection).parameter(2);
    let query = rows.query(
        connection,
        &format!(
            "SELECT m.profile_id, m.segment_id, m.since, m.valid_until FROM {{rows}} AS given \
             JOIN segment_member AS m ON m.profile_id = given.id WHERE m.valid_until IS NULL OR m.valid_until > {parameter}"
        ),
        vec![app.now().into()],
    );
    read(&connection.query_all_raw(query).await?)
}

/// The memberships of profiles at an instant.
pub async fn of_profiles_as_of(
    app: &App,
    profiles: &[ProfileId],
    instant: Timestamp,
) -> Result<Vec<Member>, Error> {
    let connection = app.db().read();
    let rows = Rows::of_ids(profiles.iter().map(|id| id.0));
    let parameter = Engine::of(connection).parameter(2);
    let query = rows.query(
        connection,
        &format!(
            "SELECT profile_id, segment_id, at AS since, CAST(NULL AS bigint) AS valid_until FROM \
             (SELECT t.profile_id, t.segment_id, t.entered, t.at, \
             row_number() OVER (PARTITION BY t.profile_id, t.segment_id ORDER BY t.at DESC, t.seq DESC) AS place \
             FROM {{rows}} AS given JOIN segment_transition AS t ON t.profile_id = given.id WHERE t.at <= {parameter}) AS numbered \
             WHERE place = 1 AND entered"
        ),
        vec![instant.into()],
    );
    read(&connection.query_all_raw(query).await?)
}

/// Transitions of a segment after a place, in the order of commits.
pub async fn transitions_after(
    app: &App,
    segment: SegmentId,
    after: i64,
    limit: u64,
) -> Result<Vec<Transition>, Error> {
    let found = segment_transition::Entity::find()
        .filter(segment_transition::Column::SegmentId.eq(segment))
        .filter(segment_transition::Column::Seq.gt(after))
        .order_by_asc(segment_transition::Column::Seq)
        .limit(limit)
        .all(app.db().read())
        .await?;
    Ok(found)
}

/// A part of the transitions of a segment, in the order of commits. The place of each is its number.
pub async fn transitions(
    app: &App,
    segment: SegmentId,
    page: &Page,
    want_total: bool,
) -> Result<Listed<Transition>, Error> {
    let number = |key: Key| i64::try_from(key.id.as_u128()).unwrap_or(i64::MAX);
    let after = page.after.map_or(0, number);
    let limit = page.limit.saturating_add(1);
    let found = transitions_after(app, segment, after, limit).await?;
    let count = segment_transition::Entity::find()
        .filter(segment_transition::Column::SegmentId.eq(segment))
        .count(app.db().read());
    let total = when(want_total, async { Ok(count.await?) }).await?;
    let key = |row: &Transition| Key {
        at: None,
        id: Uuid::from_u128(u128::try_from(row.seq).unwrap_or_default()),
    };
    Ok(listed(found, page, total, key))
}

/// The last transition of a profile in a segment.
pub async fn last_transition(
    app: &App,
    profile: ProfileId,
    segment: SegmentId,
) -> Result<Option<Transition>, Error> {
    let found = segment_transition::Entity::find()
        .filter(segment_transition::Column::ProfileId.eq(profile))
        .filter(segment_transition::Column::SegmentId.eq(segment))
        .order_by_desc(segment_transition::Column::At)
        .order_by_desc(segment_transition::Column::Seq)
        .one(app.db().read())
        .await?;
    Ok(found)
}

/// What was found of one more than the page holds.
fn listed<T>(
    mut found: Vec<T>,
    page: &Page,
    total: Option<u64>,
    key: impl Fn(&T) -> Key,
) -> Listed<T> {
    let shown = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let more = found.len() > shown;
    found.truncate(shown);
    let rows = found.into_iter().map(|row| (key(&row), row)).collect();
    Listed { rows, more, total }
}

/// Counts what is asked to be counted.
async fn when(
    wanted: bool,
    count: impl Future<Output = Result<u64, Error>>,
) -> Result<Option<u64>, Error> {
    if wanted {
        return count.await.map(Some);
    }
    Ok(None)
}

fn last(engine: Engine, segment: usize, instant: usize) -> String {
    LAST.replace("{segment}", &engine.parameter(segment))
        .replace("{instant}", &engine.parameter(instant))
}

async fn total(connection: &impl ConnectionTrait, query: sea_orm::Statement) -> Result<u64, Error> {
    let row = connection.query_one_raw(query).await?;
    let total: i64 = row.map_or(Ok(0), |row| row.try_get("", "total"))?;
    Ok(u64::try_from(total).unwrap_or_default())
}

fn read(rows: &[QueryResult]) -> Result<Vec<Member>, Error> {
    let member = |row: &QueryResult| {
        Ok(Member {
            profile: row.try_get("", "profile_id")?,
            segment: row.try_get("", "segment_id")?,
            since: row.try_get("", "since")?,
            valid_until: row.try_get("", "valid_until")?,
        })
    };
    rows.iter().map(member).collect()
}
