//! Queries of fragments, profiles and their typed traits.

use std::collections::BTreeMap;

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{FragmentId, ProfileId};
use lazo_domain::lifecycle::{Level, Stage};
use lazo_domain::profile::{Projection, PurchaseSummary, TypedRow};
use lazo_entity::profile;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use crate::db::{ColumnKind, Document, Rows, Table, Writes};

const FRAGMENT: Table = Table {
    name: "fragment",
    columns: &[
        ("id", ColumnKind::Uuid),
        ("profile_id", ColumnKind::Uuid),
        ("created_at", ColumnKind::Integer),
        ("projection", ColumnKind::Json),
    ],
    key: 1,
};
const PROFILE: Table = Table {
    name: "profile",
    columns: &[
        ("id", ColumnKind::Uuid),
        ("created_at", ColumnKind::Integer),
        ("merged_into", ColumnKind::Uuid),
        ("projection", ColumnKind::Json),
        ("first_seen", ColumnKind::Integer),
        ("last_seen", ColumnKind::Integer),
        ("last_seen_day", ColumnKind::Integer),
        ("touchpoints", ColumnKind::Integer),
        ("orders", ColumnKind::Integer),
        ("spend", ColumnKind::Integer),
        ("refunded", ColumnKind::Integer),
        ("left_out", ColumnKind::Integer),
        ("first_order_at", ColumnKind::Integer),
        ("last_order_at", ColumnKind::Integer),
        ("mean_interval", ColumnKind::Integer),
        ("stage", ColumnKind::Text),
        ("level", ColumnKind::Text),
        ("restricted", ColumnKind::Bool),
        ("next_evaluation_at", ColumnKind::Integer),
        ("version", ColumnKind::Integer),
    ],
    key: 1,
};
const TRAIT: Table = Table {
    name: "profile_trait",
    columns: &[
        ("profile_id", ColumnKind::Uuid),
        ("name", ColumnKind::Text),
        ("position", ColumnKind::Integer),
        ("text", ColumnKind::Text),
        ("number", ColumnKind::Double),
        ("time", ColumnKind::Integer),
        ("truth", ColumnKind::Bool),
    ],
    key: 3,
};

/// A fragment as stored.
#[derive(Clone, Debug)]
pub struct FragmentRow {
    /// Its id.
    pub id: FragmentId,
    /// The profile it belongs to now.
    pub profile: ProfileId,
    /// When it was made.
    pub created_at: Timestamp,
    /// What its own touchpoints fold to; none while it is the only fragment of its profile, whose projection that is then.
    pub projection: Option<Projection>,
}

/// A profile as stored.
#[derive(Clone, Debug)]
pub struct ProfileRow {
    /// Its id.
    pub id: ProfileId,
    /// When its oldest fragment was made.
    pub created_at: Timestamp,
    /// The profile that absorbed it.
    pub merged_into: Option<ProfileId>,
    /// The join of its fragments.
    pub projection: Projection,
    /// What its purchases add up to.
    pub summary: PurchaseSummary,
    /// Whether it is shown to the privacy role alone.
    pub restricted: bool,
    /// The lifecycle stage.
    pub stage: Stage,
    /// The pyramid level.
    pub level: Level,
    /// The first instant at which time alone may change its segments, scores or stage.
    pub next_evaluation_at: Option<Timestamp>,
    /// Counts the changes.
    pub version: i64,
}

/// Loads fragments.
pub async fn fragments(
    connection: &impl ConnectionTrait,
    wanted: impl IntoIterator<Item = FragmentId>,
) -> Result<Vec<FragmentRow>, DbErr> {
    let rows = Rows::of_ids(wanted.into_iter().map(|id| id.0));
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let query = rows.query(
        connection,
        "SELECT f.* FROM {rows} AS given JOIN fragment AS f ON f.id = given.id",
        Vec::new(),
    );
    let found = connection.query_all_raw(query).await?;
    let row = |row: &QueryResult| {
        let projection: Option<Document<Projection>> = row.try_get("", "projection")?;
        Ok(FragmentRow {
            id: row.try_get("", "id")?,
            profile: row.try_get("", "profile_id")?,
            created_at: row.try_get("", "created_at")?,
            projection: projection.map(|document| document.0),
        })
    };
    found.iter().map(row).collect()
}

/// Loads profiles.
pub async fn profiles(
    connection: &impl ConnectionTrait,
    wanted: impl IntoIterator<Item = ProfileId>,
) -> Result<Vec<ProfileRow>, DbErr> {
    let rows = Rows::of_ids(wanted.into_iter().map(|id| id.0));
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let query = rows.query(
        connection,
        "SELECT p.id, p.created_at, p.merged_into, p.projection, p.orders, p.spend, p.refunded, p.left_out, p.first_order_at, \
         p.last_order_at, p.mean_interval, p.restricted, p.stage, p.level, p.next_evaluation_at, p.version \
         FROM {rows} AS given JOIN profile AS p ON p.id = given.id",
        Vec::new(),
    );
    let found = connection.query_all_raw(query).await?;
    found.iter().map(profile).collect()
}

fn profile(row: &QueryResult) -> Result<ProfileRow, DbErr> {
    let count = |column| {
        let count: i64 = row.try_get("", column)?;
        Ok::<_, DbErr>(u64::try_from(count).unwrap_or_default())
    };
    let projection: Document<Projection> = row.try_get("", "projection")?;
    Ok(ProfileRow {
        id: row.try_get("", "id")?,
        created_at: row.try_get("", "created_at")?,
        merged_into: row.try_get("", "merged_into")?,
        projection: projection.0,
        summary: PurchaseSummary {
            orders: count("orders")?,
            spend_minor: row.try_get("", "spend")?,
            refunded_minor: row.try_get("", "refunded")?,
            left_out: count("left_out")?,
            first_order_at: row.try_get("", "first_order_at")?,
            last_order_at: row.try_get("", "last_order_at")?,
            mean_interval_millis: row.try_get("", "mean_interval")?,
        },
        restricted: row.try_get("", "restricted")?,
        stage: stage(row.try_get::<Option<String>>("", "stage")?.as_deref()),
        level: level(row.try_get::<Option<String>>("", "level")?.as_deref()),
        next_evaluation_at: row.try_get("", "next_evaluation_at")?,
        version: row.try_get("", "version")?,
    })
}

/// A stored profile with its JSON read.
pub fn row(model: profile::Model) -> Result<ProfileRow, DbErr> {
    let projection = serde_json::from_value(model.projection)
        .map_err(|error| DbErr::Type(format!("stored profile does not read: {error}")))?;
    Ok(ProfileRow {
        id: model.id,
        created_at: model.created_at,
        merged_into: model.merged_into,
        projection,
        summary: PurchaseSummary {
            orders: u64::try_from(model.orders).unwrap_or_default(),
            spend_minor: model.spend,
            refunded_minor: model.refunded,
            left_out: u64::try_from(model.left_out).unwrap_or_default(),
            first_order_at: model.first_order_at,
            last_order_at: model.last_order_at,
            mean_interval_millis: model.mean_interval,
        },
        restricted: model.restricted,
        stage: stage(model.stage.as_deref()),
        level: level(model.level.as_deref()),
        next_evaluation_at: model.next_evaluation_at,
        version: model.version,
    })
}

/// The stage that a stored name says; where nothing is stored, that of a profile of which nothing is known.
pub fn stage(name: Option<&str>) -> Stage {
    let read = name.and_then(|name| name.parse().ok());
    read.unwrap_or(Stage::Anonymous)
}

/// The level that a stored name says; where nothing is stored, that of most profiles of which little is known.
pub fn level(name: Option<&str>) -> Level {
    let read = name.and_then(|name| name.parse().ok());
    read.unwrap_or(Level::Probable)
}

/// Stores fragments as they are now.
pub fn save_fragments<'a>(
    writes: &mut Writes,
    fragments: impl IntoIterator<Item = &'a FragmentRow>,
) {
    let mut rows = Rows::new(FRAGMENT.columns);
    for fragment in fragments {
        rows.push([
            &fragment.id.0,
            &fragment.profile.0,
            &fragment.created_at,
            &fragment.projection,
        ]);
    }
    writes.upsert(rows, FRAGMENT);
}

/// Re-points fragments whose content did not change.
pub fn repoint_fragments(
    writes: &mut Writes,
    moves: impl IntoIterator<Item = (FragmentId, ProfileId)>,
) {
    let mut rows = Rows::new(&[("id", ColumnKind::Uuid), ("profile_id", ColumnKind::Uuid)]);
    for (fragment, profile) in moves {
        rows.push([&fragment.0, &profile.0]);
    }
    writes.change(
        rows,
        "UPDATE fragment SET profile_id = given.profile_id FROM {rows} AS given WHERE fragment.id = given.id",
    );
}

/// Stores profiles as they are now, by whether each is there already.
pub fn save_profiles<'a>(
    writes: &mut Writes,
    profiles: impl IntoIterator<Item = &'a ProfileRow>,
    is_stored: impl Fn(ProfileId) -> bool,
) {
    let (stored, new): (Vec<_>, Vec<_>) = profiles.into_iter().partition(|row| is_stored(row.id));
    writes.update(profile_rows(&stored), PROFILE);
    writes.insert(profile_rows(&new), PROFILE);
}

fn profile_rows(profiles: &[&ProfileRow]) -> Rows {
    let mut rows = Rows::new(PROFILE.columns);
    for profile in profiles {
        let (projection, summary) = (&profile.projection, &profile.summary);
        rows.push([
            &profile.id.0,
            &profile.created_at,
            &profile.merged_into.map(|id| id.0),
            &projection,
            &projection.first_seen,
            &projection.last_seen,
            &projection.last_seen.map(Timestamp::day),
            &projection.touchpoints,
            &summary.orders,
            &summary.spend_minor,
            &summary.refunded_minor,
            &summary.left_out,
            &summary.first_order_at,
            &summary.last_order_at,
            &summary.mean_interval_millis,
            &profile.stage.as_str(),
            &profile.level.as_str(),
            &profile.restricted,
            &profile.next_evaluation_at,
            &profile.version,
        ]);
    }
    rows
}

/// Lets the ids that led to other profiles lead to these, after a merge or a parting. Returns those that lead elsewhere now, with
/// their new versions.
pub async fn redirect(
    connection: &impl ConnectionTrait,
    profiles: impl IntoIterator<Item = ProfileId>,
) -> Result<Vec<(ProfileId, i64)>, DbErr> {
    let rows = Rows::of_ids(profiles.into_iter().map(|id| id.0));
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let update = rows.query(
        connection,
        "UPDATE profile SET merged_into = f.profile_id, version = profile.version + 1 FROM fragment AS f \
         WHERE f.id = profile.id AND profile.merged_into IN (SELECT id FROM {rows} AS given) \
         AND f.profile_id <> profile.merged_into RETURNING profile.id AS id, profile.version AS version",
        Vec::new(),
    );
    let redirected = connection.query_all_raw(update).await?;
    redirected
        .iter()
        .map(|row| Ok((row.try_get("", "id")?, row.try_get("", "version")?)))
        .collect()
}

/// The typed traits of a profile before and after a change.
#[derive(Debug)]
pub struct Retyped<'a> {
    /// The profile.
    pub profile: ProfileId,
    /// The rows that are stored.
    pub before: &'a [TypedRow],
    /// The rows that are to be.
    pub now: Vec<TypedRow>,
}

/// Stores the typed traits that differ from those before. Most of what people say of themselves is known, and each row is in four
/// indexes.
pub fn save_traits(writes: &mut Writes, profiles: &[Retyped<'_>]) {
    let (mut gone, mut rows) = (
        Rows::new(&TRAIT.columns[..TRAIT.key]),
        Rows::new(TRAIT.columns),
    );
    for Retyped {
        profile,
        before,
        now,
    } in profiles
    {
        let mut left: BTreeMap<(&str, u32), &TypedRow> = before
            .iter()
            .map(|typed| ((typed.name.as_str(), typed.position), typed))
            .collect();
        for typed in now {
            if left.remove(&(typed.name.as_str(), typed.position)) != Some(typed) {
                push_trait(&mut rows, *profile, typed);
            }
        }
        for (name, position) in left.into_keys() {
            gone.push([&profile.0, &name, &position]);
        }
    }
    writes.change(
        gone,
        "DELETE FROM profile_trait WHERE (profile_id, name, position) IN \
         (SELECT profile_id, name, position FROM {rows} AS given)",
    );
    writes.upsert(rows, TRAIT);
}

fn push_trait(rows: &mut Rows, profile: ProfileId, typed: &TypedRow) {
    rows.push([
        &profile.0,
        &typed.name,
        &typed.position,
        &typed.text,
        &typed.number,
        &typed.time,
        &typed.truth,
    ]);
}

/// Replaces the typed traits of profiles, whatever is stored of them.
pub async fn replace_traits<'a>(
    connection: &impl ConnectionTrait,
    profiles: impl IntoIterator<Item = (ProfileId, &'a [TypedRow])>,
) -> Result<(), DbErr> {
    let (mut cleared, mut rows) = (
        Rows::new(&[("id", ColumnKind::Uuid)]),
        Rows::new(TRAIT.columns),
    );
    for (profile, traits) in profiles {
        cleared.push([&profile.0]);
        for typed in traits {
            push_trait(&mut rows, profile, typed);
        }
    }
    if cleared.is_empty() {
        return Ok(());
    }
    let delete = cleared.query(
        connection,
        "DELETE FROM profile_trait WHERE profile_id IN (SELECT id FROM {rows} AS given)",
        Vec::new(),
    );
    connection.execute_raw(delete).await?;
    rows.insert(connection, TRAIT).await
}
