//! Holding what is stored of where profiles stand to what a fresh evaluation says.

use std::collections::{BTreeMap, BTreeSet};

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::evaluate::ScoreValue;
use lazo_domain::id::{ProfileId, SegmentId};
use lazo_domain::lifecycle;
use lazo_domain::profile::typed_rows_of;
use lazo_domain::score::Scored;
use lazo_domain::standing::{Definitions, Standing};
use sea_orm::ConnectionTrait;

use super::facts::Read;
use super::gather::Gathering;
use super::store::{History, Score};
use super::sweep;
use crate::app::App;
use crate::error::Error;
use crate::profile::store::ProfileRow;

/// How much the values of a score may differ that was scored at another time, as its parts are rounded to millionths.
const ROUNDING: f64 = 0.000_01;

/// Something that is stored of where a profile stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// The stage and the level.
    Lifecycle,
    /// Since when it is in which stage and on which level.
    History,
    /// The values of computed traits.
    Computed,
    /// The scores.
    Scores,
    /// The segments that it is a member of.
    Segments,
    /// Where its consent stands.
    Consents,
    /// When it is to be decided again.
    Due,
}

impl Part {
    /// What it is called where differences are told.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Lifecycle => "stage and level",
            Self::History => "history of stage and level",
            Self::Computed => "computed traits",
            Self::Scores => "scores",
            Self::Segments => "segments",
            Self::Consents => "consent",
            Self::Due => "next evaluation",
        }
    }
}

/// Whether every profile was decided by what is defined now, so that it can be held to it.
pub(crate) async fn is_swept(connection: &impl ConnectionTrait) -> Result<bool, Error> {
    let progress = sweep::progress(connection).await?;
    Ok(progress.is_none_or(|progress| progress.completed >= progress.target))
}

/// What is stored otherwise than it would be decided at this instant. A profile that is due is left out: the timer decides it within
/// the second.
pub(crate) async fn differences(
    app: &App,
    connection: &impl ConnectionTrait,
    profiles: &[ProfileId],
) -> Result<Vec<(ProfileId, Vec<Part>)>, Error> {
    let gathering = Gathering::within(app, connection, profiles).await?;
    let now = gathering.now();
    let mut found = Vec::new();
    for (row, read, decided) in gathering.stored() {
        if row.next_evaluation_at.is_some_and(|due| due <= now) {
            continue;
        }
        let rules = gathering.definitions().lifecycle();
        let history = History {
            profile: row.id,
            stages: lifecycle::stages(&decided.facts, rules, now),
            levels: lifecycle::levels(&decided.facts, rules, now),
        };
        let mut parts = compare(gathering.definitions(), row, read, &decided.standing, now);
        if *decided.consents != read.consents {
            parts.push(Part::Consents);
        }
        if row.summary.orders > 0 && history.rows() != read.history {
            parts.push(Part::History);
        }
        if !parts.is_empty() {
            parts.sort_unstable();
            found.push((row.id, parts));
        }
    }
    Ok(found)
}

/// What of a profile is stored otherwise than it is decided, beside its history.
pub(super) fn compare(
    definitions: &Definitions,
    row: &ProfileRow,
    read: &Read,
    standing: &Standing,
    now: Timestamp,
) -> Vec<Part> {
    let mut parts = Vec::new();
    if (row.stage, row.level) != (standing.stage.value, standing.level.value) {
        parts.push(Part::Lifecycle);
    }
    let values = definitions.computed().iter().zip(&standing.computed);
    let values = values.filter_map(|(one, (_, known))| {
        Some((one.definition.name.as_str(), known.value.value.as_ref()?))
    });
    let values = typed_rows_of(values).into_iter();
    let values: BTreeMap<_, _> = values
        .map(|row| ((row.name.clone(), row.position), row))
        .collect();
    if read.computed != values {
        parts.push(Part::Computed);
    }
    let scores = &standing.scores;
    let is_stored = |(model, fresh): &(_, Scored)| {
        let stored = read.scores.get(model);
        stored.is_some_and(|stored| is_same_score(stored, fresh, now))
    };
    if read.scores.len() != scores.len() || !scores.iter().all(is_stored) {
        parts.push(Part::Scores);
    }
    let decided = standing.memberships.iter();
    let decided = decided.filter(|one| one.decision.holds);
    let decided: BTreeSet<SegmentId> = decided.map(|one| one.segment).collect();
    let ended = |until: Option<Timestamp>| until.is_some_and(|until| until <= now);
    if !read.members.keys().eq(&decided) || read.members.values().any(|one| ended(one.valid_until))
    {
        parts.push(Part::Segments);
    }
    let due = row.next_evaluation_at;
    if ended(due) || (due.is_none() && standing.next.is_some()) {
        parts.push(Part::Due);
    }
    parts
}

fn is_same_score(stored: &Score, fresh: &Scored, now: Timestamp) -> bool {
    let at_now = |value: ScoreValue| value.at(now).get();
    let near = match (stored.value.map(at_now), fresh.value.map(at_now)) {
        (Some(one), Some(other)) => (one - other).abs() <= ROUNDING,
        (one, other) => one == other,
    };
    near && stored.grade == fresh.grade && stored.until.is_none_or(|until| until > now)
}
