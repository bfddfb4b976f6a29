//! Queries of segments and of what people decided of their members.

use std::collections::BTreeMap;

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::Condition;
use lazo_domain::id::{ProfileId, SegmentId};
use lazo_domain::standing;
use lazo_entity::segment::{Column, Entity, Model};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter,
};

use crate::db::{ColumnKind, Engine, Rows};
use crate::page::{self, Listed, Page};
use crate::standing::readable;

/// The segments that decide who is a member: those that are not archived, and read.
pub(crate) async fn decided(
    connection: &impl ConnectionTrait,
) -> Result<Vec<standing::Segment>, DbErr> {
    let models = Entity::find()
        .filter(Column::ArchivedAt.is_null())
        .all(connection)
        .await?;
    let segments = models.into_iter().filter_map(|model| {
        Some(standing::Segment {
            condition: readable("segment", model.id, condition(&model))?,
            id: model.id,
            key: model.key,
            version: model.version,
        })
    });
    Ok(segments.collect())
}

/// The condition of a segment; none if it is a list.
pub(crate) fn condition(segment: &Model) -> Result<Option<Condition>, DbErr> {
    let read = |json: &sea_orm::JsonValue| {
        serde_json::from_value(json.clone())
            .map_err(|error| DbErr::Type(format!("stored condition does not read: {error}")))
    };
    segment.condition.as_ref().map(read).transpose()
}

/// The segment with this id, archived or not.
pub(super) async fn by_id(
    connection: &impl ConnectionTrait,
    id: SegmentId,
) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(connection).await
}

/// The segment with this key, archived or not.
pub(super) async fn by_key(
    connection: &impl ConnectionTrait,
    key: &str,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::Key.eq(key))
        .one(connection)
        .await
}

/// The segments with these ids, archived or not.
pub(super) async fn by_ids(
    connection: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = SegmentId>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::Id.is_in(ids))
        .all(connection)
        .await
}

/// How many segments there are, but for archived ones.
pub(super) async fn count(connection: &impl ConnectionTrait) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::ArchivedAt.is_null())
        .count(connection)
        .await
}

/// A part of the list of segments, the newest first.
pub(super) async fn list(
    connection: &impl ConnectionTrait,
    archived: bool,
    page: &Page,
    want_total: bool,
) -> Result<Listed<Model>, DbErr> {
    let mut select = Entity::find();
    if !archived {
        select = select.filter(Column::ArchivedAt.is_null());
    }
    page::newest(connection, select, Column::Id, page, want_total, |row| {
        row.id.0
    })
    .await
}

/// Stores a new segment.
pub(super) async fn insert(connection: &impl ConnectionTrait, row: Model) -> Result<Model, DbErr> {
    row.into_active_model().insert(connection).await
}

/// Stores a changed segment.
pub(super) async fn update(connection: &impl ConnectionTrait, row: Model) -> Result<Model, DbErr> {
    row.into_active_model().reset_all().update(connection).await
}

/// Stores what a person decided of profiles: that they are members, or that they are none. It is stored of each of their fragments, so
/// that it holds for both sides of an unmerge.
pub(super) async fn pin(
    connection: &impl ConnectionTrait,
    segment: SegmentId,
    profiles: &[ProfileId],
    included: bool,
    actor: &str,
    now: Timestamp,
) -> Result<(), DbErr> {
    let mut rows = Rows::new(&[
        ("profile_id", ColumnKind::Uuid),
        ("segment_id", ColumnKind::Uuid),
        ("included", ColumnKind::Bool),
        ("actor", ColumnKind::Text),
        ("created_at", ColumnKind::Integer),
    ]);
    for profile in profiles {
        rows.push([&profile.0, &segment.0, &included, &actor, &now]);
    }
    if rows.is_empty() {
        return Ok(());
    }
    // The condition makes SQLite read `ON CONFLICT` as a part of the insertion, and not of the join.
    let insert = rows.query(
        connection,
        "INSERT INTO segment_pin (fragment_id, segment_id, included, actor, created_at) \
         SELECT f.id, given.segment_id, given.included, given.actor, given.created_at \
         FROM {rows} AS given JOIN fragment AS f ON f.profile_id = given.profile_id WHERE true \
         ON CONFLICT (fragment_id, segment_id) DO UPDATE \
         SET included = excluded.included, actor = excluded.actor, created_at = excluded.created_at",
        Vec::new(),
    );
    connection.execute_raw(insert).await?;
    Ok(())
}

/// Whom people put into a segment, and whom they took out of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pinned {
    /// They are members, whatever the condition says.
    pub(super) added: Vec<ProfileId>,
    /// They are none.
    pub(super) removed: Vec<ProfileId>,
}

/// What people decided of the members of segments. Of what was decided of several fragments of a profile, the latest counts.
pub(super) async fn pinned(
    connection: &impl ConnectionTrait,
    segments: impl IntoIterator<Item = SegmentId>,
) -> Result<BTreeMap<SegmentId, Pinned>, DbErr> {
    let rows = Rows::of_ids(segments.into_iter().map(|id| id.0));
    if rows.is_empty() {
        return Ok(BTreeMap::new());
    }
    let query = rows.query(
        connection,
        "SELECT s.segment_id, f.profile_id, s.included FROM {rows} AS given \
         JOIN segment_pin AS s ON s.segment_id = given.id JOIN fragment AS f ON f.id = s.fragment_id \
         ORDER BY s.created_at, s.fragment_id",
        Vec::new(),
    );
    let mut decided: BTreeMap<(SegmentId, ProfileId), bool> = BTreeMap::new();
    for row in connection.query_all_raw(query).await? {
        let segment = row.try_get("", "segment_id")?;
        let profile = row.try_get("", "profile_id")?;
        decided.insert((segment, profile), row.try_get("", "included")?);
    }
    let mut found: BTreeMap<SegmentId, Pinned> = BTreeMap::new();
    for ((segment, profile), included) in decided {
        let pinned = found.entry(segment).or_default();
        if included {
            pinned.added.push(profile);
        } else {
            pinned.removed.push(profile);
        }
    }
    Ok(found)
}

/// Forgets what people decided of profiles, so that the condition decides again.
pub(super) async fn unpin(
    connection: &impl ConnectionTrait,
    segment: SegmentId,
    profiles: &[ProfileId],
) -> Result<(), DbErr> {
    let mut rows = Rows::new(&[
        ("profile_id", ColumnKind::Uuid),
        ("segment_id", ColumnKind::Uuid),
    ]);
    for profile in profiles {
        rows.push([&profile.0, &segment.0]);
    }
    if rows.is_empty() {
        return Ok(());
    }
    let delete = rows.query(
        connection,
        "DELETE FROM segment_pin WHERE (fragment_id, segment_id) IN \
         (SELECT f.id, given.segment_id FROM {rows} AS given JOIN fragment AS f ON f.profile_id = given.profile_id)",
        Vec::new(),
    );
    connection.execute_raw(delete).await?;
    Ok(())
}

/// Makes profiles due to be decided at once, so that what was decided of them is not forgotten if the process ends. They count a
/// change, so that nobody goes by what was known of them before.
pub(super) async fn make_due(
    connection: &impl ConnectionTrait,
    profiles: &[ProfileId],
    now: Timestamp,
) -> Result<(), DbErr> {
    let rows = Rows::of_ids(profiles.iter().map(|id| id.0));
    if rows.is_empty() {
        return Ok(());
    }
    let parameter = Engine::of(connection).parameter(2);
    let update = rows.query(
        connection,
        &format!(
            "UPDATE profile SET next_evaluation_at = {parameter}, version = profile.version + 1 FROM {{rows}} AS given \
             WHERE profile.id = given.id"
        ),
        vec![now.into()],
    );
    connection.execute_raw(update).await?;
    Ok(())
}
