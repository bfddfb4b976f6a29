//! Queries of what is decided of profiles.

mod computed;
mod consents;
mod due;
mod history;
mod members;
mod scores;

use std::collections::HashSet;

use lazo_domain::clock::Timestamp;
use lazo_domain::id::ProfileId;
use lazo_domain::lifecycle::{Level, Stage};
use sea_orm::{ConnectionTrait, DbErr};

pub(super) use computed::{Values, computed_values};
pub(super) use consents::consents;
#[cfg(test)]
pub(super) use due::due_query;
pub(crate) use due::put_off;
pub(super) use due::{count_profiles, definitions_version, due, is_due};
pub(super) use history::{History, histories};
pub(super) use members::{Member, Transition};
pub(super) use scores::{Score, ScoreEntry, Scores, scores};

use crate::db::{ColumnKind, Rows, Writes};

/// The counter of what is defined: each change of it takes a number.
pub(crate) const DEFINITIONS: &str = "definitions";

/// What is stored of a profile's standing in its own row.
pub(crate) struct Own {
    pub(crate) profile: ProfileId,
    pub(crate) stage: Stage,
    pub(crate) level: Level,
    pub(crate) next: Option<Timestamp>,
    /// Whether readers see a change, of which nobody has counted one yet.
    pub(crate) counts: bool,
}

/// What is to be stored.
#[derive(Default)]
pub(super) struct Changed {
    pub(super) members: members::Changed,
    pub(super) scores: scores::Changed,
    pub(super) computed: computed::Changed,
    pub(super) consents: consents::Changed,
    pub(super) histories: Vec<History>,
    pub(super) own: Vec<Own>,
}

impl Changed {
    /// Stores what changed. Returns the profiles that counted a change, with their versions.
    pub(super) async fn save(
        self,
        connection: &impl ConnectionTrait,
        now: Timestamp,
    ) -> Result<Vec<(ProfileId, i64)>, DbErr> {
        let mut writes = Writes::default();
        let own = self.collect(connection, &mut writes, now).await?;
        writes.execute(connection).await?;
        save_own(connection, &own).await
    }

    /// Collects what changed, but for what is stored in the rows of the profiles: that it returns.
    pub(super) async fn collect(
        self,
        connection: &impl ConnectionTrait,
        writes: &mut Writes,
        now: Timestamp,
    ) -> Result<Vec<Own>, DbErr> {
        history::clear(connection, &self.histories).await?;
        self.members.save(connection, writes, now).await?;
        self.scores.save(writes);
        self.computed.save(writes);
        self.consents.save(writes);
        history::save(writes, &self.histories);
        Ok(self.own)
    }
}

async fn save_own(
    connection: &impl ConnectionTrait,
    own: &[Own],
) -> Result<Vec<(ProfileId, i64)>, DbErr> {
    let mut rows = Rows::new(&[
        ("id", ColumnKind::Uuid),
        ("stage", ColumnKind::Text),
        ("level", ColumnKind::Text),
        ("next_evaluation_at", ColumnKind::Integer),
        ("counted", ColumnKind::Integer),
    ]);
    for one in own {
        let counted = i64::from(one.counts);
        let (stage, level) = (one.stage.as_str(), one.level.as_str());
        rows.push([&one.profile.0, &stage, &level, &one.next, &counted]);
    }
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let update = rows.query(
        connection,
        "UPDATE profile SET stage = given.stage, level = given.level, next_evaluation_at = given.next_evaluation_at, \
         version = profile.version + given.counted FROM {rows} AS given WHERE profile.id = given.id \
         RETURNING profile.id AS id, profile.version AS version",
        Vec::new(),
    );
    let counted = own.iter().filter(|one| one.counts);
    let counted: HashSet<ProfileId> = counted.map(|one| one.profile).collect();
    let mut versions = Vec::with_capacity(counted.len());
    for row in connection.query_all_raw(update).await? {
        let profile = row.try_get("", "id")?;
        if counted.contains(&profile) {
            versions.push((profile, row.try_get("", "version")?));
        }
    }
    Ok(versions)
}
