//! Queries of the scores of profiles.

use std::collections::{BTreeMap, HashMap};

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::evaluate::ScoreValue;
use lazo_domain::id::{ProfileId, ScoreModelId, TouchpointId};
use lazo_domain::score::Scored;
use sea_orm::{ConnectionTrait, DbErr};

use crate::db::{ColumnKind, Document, Rows, Table, Writes};
use crate::score::StoredValue;
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
        ("profile_id", ColumnKind::Uuid),
        ("model_id", ColumnKind::Uuid),
        ("at", ColumnKind::Integer),
        ("value", ColumnKind::Double),
        ("grade", ColumnKind::Text),
        ("cause", ColumnKind::Text),
        ("touchpoint_id", ColumnKind::Uuid),
    ],
    key: 3,
};

/// A score as it is stored. What it is made of is reckoned anew for whoever asks: it changes with every touchpoint and is many times
/// as large.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::standing) struct Score {
    /// Its value over time; none if the model says nothing of the profile.
    pub(in crate::standing) value: Option<ScoreValue>,
    /// Its grade.
    pub(in crate::standing) grade: Option<String>,
    /// The first instant at which time alone may change it otherwise than its value says.
    pub(in crate::standing) until: Option<Timestamp>,
}

impl From<&Scored> for Score {
    fn from(scored: &Scored) -> Self {
        Self {
            value: scored.value,
            grade: scored.grade.clone(),
            until: scored.until,
        }
    }
}

/// The scores of one profile, by model.
pub(in crate::standing) type Scores = BTreeMap<ScoreModelId, Score>;

/// A change of a score.
pub(in crate::standing) struct ScoreEntry {
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
    /// Those that are new.
    pub(in crate::standing) scored: Vec<(ProfileId, ScoreModelId, Score, Timestamp)>,
    /// Those that are stored otherwise.
    pub(in crate::standing) scores: Vec<(ProfileId, ScoreModelId, Score, Timestamp)>,
    pub(in crate::standing) gone: Vec<(ProfileId, ScoreModelId)>,
    pub(in crate::standing) entries: Vec<ScoreEntry>,
}

impl Changed {
    pub(super) fn save(&self, writes: &mut Writes) {
        writes.insert(rows(&self.scored), SCORE);
        writes.update(rows(&self.scores), SCORE);
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
                &one.profile.0,
                &one.model.0,
                &one.at,
                &one.value,
                &one.grade,
                &one.cause.as_str(),
                &one.touchpoint.map(|id| id.0),
            ]);
        }
        // Of several changes within one millisecond the last one counts.
        writes.upsert(entries, ENTRY);
    }
}

fn rows(scores: &[(ProfileId, ScoreModelId, Score, Timestamp)]) -> Rows {
    let mut rows = Rows::new(SCORE.columns);
    for (profile, model, score, at) in scores {
        let value = StoredValue { value: score.value };
        let (grade, until) = (&score.grade, &score.until);
        rows.push([&profile.0, &model.0, &value, grade, at, until]);
    }
    rows
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
        "SELECT s.profile_id, s.model_id, s.scored, s.grade, s.valid_until FROM {rows} AS given JOIN score AS s ON s.profile_id = given.id",
        Vec::new(),
    );
    let mut found: HashMap<ProfileId, Scores> = HashMap::new();
    for row in connection.query_all_raw(query).await? {
        let stored: Document<StoredValue> = row.try_get("", "scored")?;
        let score = Score {
            value: stored.0.value,
            grade: row.try_get("", "grade")?,
            until: row.try_get("", "valid_until")?,
        };
        let own = found.entry(row.try_get("", "profile_id")?).or_default();
        own.insert(row.try_get("", "model_id")?, score);
    }
    Ok(found)
}
