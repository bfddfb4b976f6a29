//! Queries of since when profiles are in which stage and on which level.

use std::collections::HashMap;

use lazo_domain::clock::Timestamp;
use lazo_domain::id::ProfileId;
use lazo_domain::lifecycle::{Level, Stage};
use sea_orm::{ConnectionTrait, DbErr};

use crate::db::{ColumnKind, Rows, Table, Writes};

/// The kind of a row that says the stage.
const STAGE: &str = "STAGE";
/// The kind of a row that says the level.
const LEVEL: &str = "LEVEL";

const TRANSITION: Table = Table {
    name: "standing_transition",
    columns: &[
        ("profile_id", ColumnKind::Uuid),
        ("kind", ColumnKind::Text),
        ("at", ColumnKind::Integer),
        ("value", ColumnKind::Text),
    ],
    key: 3,
};

/// Since when a profile is in which stage and on which level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::standing) struct History {
    pub(in crate::standing) profile: ProfileId,
    pub(in crate::standing) stages: Vec<(Timestamp, Stage)>,
    pub(in crate::standing) levels: Vec<(Timestamp, Level)>,
}

/// What is stored of profiles, as (kind, time, value), in that order.
pub(in crate::standing) type Histories = HashMap<ProfileId, Vec<(String, Timestamp, String)>>;

impl History {
    /// The rows that it is stored as, in order.
    pub(in crate::standing) fn rows(&self) -> Vec<(String, Timestamp, String)> {
        let row = |kind: &str, at, value: &str| (kind.to_owned(), at, value.to_owned());
        let levels = self.levels.iter();
        let levels = levels.map(|(at, level)| row(LEVEL, *at, level.as_str()));
        let stages = self.stages.iter();
        let stages = stages.map(|(at, stage)| row(STAGE, *at, stage.as_str()));
        levels.chain(stages).collect()
    }
}

/// The stored histories of profiles.
pub(in crate::standing) async fn histories(
    connection: &impl ConnectionTrait,
    profiles: impl IntoIterator<Item = ProfileId>,
) -> Result<Histories, DbErr> {
    let rows = Rows::of_ids(profiles.into_iter().map(|id| id.0));
    if rows.is_empty() {
        return Ok(Histories::new());
    }
    let query = rows.query(
        connection,
        "SELECT s.profile_id, s.kind, s.at, s.value FROM {rows} AS given \
         JOIN standing_transition AS s ON s.profile_id = given.id ORDER BY s.kind, s.at",
        Vec::new(),
    );
    let mut found = Histories::new();
    for row in connection.query_all_raw(query).await? {
        let own = found.entry(row.try_get("", "profile_id")?).or_default();
        own.push((
            row.try_get("", "kind")?,
            row.try_get("", "at")?,
            row.try_get("", "value")?,
        ));
    }
    Ok(found)
}

/// Deletes what is stored of profiles whose history is another one now.
pub(super) async fn clear(
    connection: &impl ConnectionTrait,
    histories: &[History],
) -> Result<(), DbErr> {
    let rows = Rows::of_ids(histories.iter().map(|history| history.profile.0));
    if rows.is_empty() {
        return Ok(());
    }
    let delete = rows.query(
        connection,
        "DELETE FROM standing_transition WHERE profile_id IN (SELECT id FROM {rows} AS given)",
        Vec::new(),
    );
    connection.execute_raw(delete).await?;
    Ok(())
}

/// Stores histories of which nothing is there.
pub(super) fn save(writes: &mut Writes, histories: &[History]) {
    let mut rows = Rows::new(TRANSITION.columns);
    for history in histories {
        for (kind, at, value) in history.rows() {
            rows.push([&history.profile.0, &kind, &at, &value]);
        }
    }
    writes.insert(rows, TRANSITION);
}
