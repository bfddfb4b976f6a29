//! Queries of the scores of profiles.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use lazo_domain::clock::Timestamp;
use lazo_domain::id::{ProfileId, ScoreEntryId, ScoreModelId, TouchpointId};
use lazo_domain::score::Scored;
use sea_orm::{ConnectionTrait, DbErr};

use crate::db::{ColumnKind, Document, Rows, Table, Writes};
use crate::standing::Cause;

const SCORE: Table = Table {
    name: "score",
    columns: &[
        ("profile_id", ColumnKind::Uuid),
        ("model_id", ColumnKind::Uuid),
        ("scored", ColumnKind::Json),
        ("grade", ColumnKind::Text),
        ("computed_at", ColumnKind::Integer),
        ("valid_until", ColumnKind::Integer),
    ],
    key: 2,
};
const ENTRY: Table = Table {
    name: "score_entry",
    columns: &[
        ("id", ColumnKind::Uuid),
        ("profile_id", ColumnKind::Uuid),
        ("model_id", ColumnKind::Uuid),
        ("value", ColumnKind::Double),
        ("grade", ColumnKind::Text),
        ("at", ColumnKind::Integer),
        ("cause", ColumnKind::Text),
        ("touchpoint_id", ColumnKind::Uuid),
    ],
    key: 1,
};

/// The scores of one profile, by model.
pub(in crate::standing) type Scores = BTreeMap<ScoreModelId, Arc<Scored>>;

/// A change of a score.
pub(in crate::standing) struct ScoreEntry {
    pub(in crate::standing) id: ScoreEntryId,
    pub(in crate::standing) profile: ProfileId,
    pub(in crate::standing) model: ScoreModelId,
    pub(in crate::standing) value: Option<f64>,
    pub(in crate::standing) grade: Option<String>,
    pub(in crate::standing) at: Timestamp,
    pub(in crate::standing) cause: Cause,
    pub(in crate::standing) touchpoint: Option<TouchpointId>,
}

/// What is to be stored of scores.
#[derive(Default)]
pub(in crate::standing) struct Changed {
    pub(in crate::standing) scores: Vec<(ProfileId, ScoreModelId, Arc<Scored>, Timestamp)>,
    pub(in crate::standing) gone: Vec<(ProfileId, ScoreModelId)>,
    pub(in crate::standing) entries: Vec<ScoreEntry>,
}

impl Changed {
    pub(super) fn save(&self, writes: &mut Writes) {
        let mut scores = Rows::new(SCORE.columns);
        for (profile, model, scored, at) in &self.scores {
            scores.push([
                &profile.0,
                &model.0,
                scored.as_ref(),
                &scored.grade,
                at,
                &scored.until,
            ]);
        }
        writes.upsert(scores, SCORE);
        let mut gone = Rows::new(&SCORE.columns[..SCORE.key]);
        for (profile, model) in &self.gone {
            gone.push([&profile.0, &model.0]);
        }
        writes.change(
            gone,
            "DELETE FROM score WHERE (profile_id, model_id) IN (SELECT profile_id, model_id FROM {rows} AS given)",
        );
        let mut entries = Rows::new(ENTRY.columns);
        for one in &self.entries {
            entries.push([
                &one.id.0,
                &one.profile.0,
                &one.model.0,
                &one.value,
                &one.grade,
                &one.at,
                &one.cause.as_str(),
                &one.touchpoint.map(|id| id.0),
            ]);
        }
        writes.insert(entries, ENTRY);
    }
}

/// The stored scores of profiles.
pub(in crate::standing) async fn scores(
    connection: &impl ConnectionTrait,
    profiles: impl IntoIterator<Item = ProfileId>,
) -> Result<HashMap<ProfileId, Scores>, DbErr> {
    let rows = Rows::of_ids(profiles.into_iter().map(|id| id.0));
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let query = rows.query(
        connection,
        "SELECT s.profile_id, s.model_id, s.scored FROM {rows} AS given JOIN score AS s ON s.profile_id = given.id",
        Vec::new(),
    );
    let mut found: HashMap<ProfileId, Scores> = HashMap::new();
    for row in connection.query_all_raw(query).await? {
        let scored: Document<Scored> = row.try_get("", "scored")?;
        let own = found.entry(row.try_get("", "profile_id")?).or_default();
        own.insert(row.try_get("", "model_id")?, Arc::new(scored.0));
    }
    Ok(found)
}
