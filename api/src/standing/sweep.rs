//! The sweep: after a change of what is defined, those of whom it may change something are decided anew, some at a time.
//!
//! Mostly these are all profiles. Where a segment was made or changed whose condition time alone never makes true, they are those for
//! whom it holds and its members: of all others nothing is to be decided until something happens to them, and then it is.

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::{Condition, time_may_make_true};
use lazo_domain::id::{ProfileId, SegmentId};
use lazo_entity::sweep::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Set};
use serde_json::json;

use super::store::{self, DEFINITIONS};
use crate::app::App;
use crate::db::{Engine, statement, take_numbers};
use crate::error::Error;

/// The name of the one sweep there is.
const NAME: &str = "definitions";

/// How far a sweep has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The number of the definitions by which profiles are decided.
    pub target: i64,
    /// The number of the definitions by which all profiles were decided last.
    pub completed: i64,
    /// How many profiles are decided.
    pub done: i64,
    /// How many are to be decided; none while nobody has counted them.
    pub total: Option<i64>,
}

/// Whom the next steps of a sweep decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Visit {
    /// All profiles, one after the other by their ids, and how many there are, if that was counted.
    Everybody(Option<i64>),
    /// These alone.
    These(Listed),
}

/// The next of those who are to be decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The number of the definitions for which they were listed.
    pub(super) target: i64,
    /// The profiles, by their ids.
    pub(super) profiles: Vec<ProfileId>,
    /// Whether there are no others after them.
    pub(super) are_last: bool,
    /// How many there are in all.
    pub(super) total: i64,
}

/// Counts a change of what is defined, and begins to decide all profiles anew. Returns the number of the change.
pub(crate) async fn begin(connection: &impl ConnectionTrait, now: Timestamp) -> Result<i64, DbErr> {
    restart(connection, now, None).await
}

/// Counts a change of who is a member of one segment: those for whom this condition holds, or nobody. Begins to decide those anew of
/// whom that may change something. Returns the number of the change.
pub(crate) async fn begin_segment(
    connection: &impl ConnectionTrait,
    now: Timestamp,
    segment: SegmentId,
    condition: Option<&Condition>,
) -> Result<i64, DbErr> {
    let alone = condition.is_none_or(|condition| !time_may_make_true(condition));
    restart(connection, now, alone.then_some(segment)).await
}

/// Begins anew, for the sake of one segment or of everything. What an earlier sweep has left to do is done with it.
async fn restart(
    connection: &impl ConnectionTrait,
    now: Timestamp,
    segment: Option<SegmentId>,
) -> Result<i64, DbErr> {
    let number = take_numbers(connection, DEFINITIONS, 1).await?;
    let segments = match (segment, open(connection).await?) {
        (None, _) => None,
        (Some(segment), None) => Some(vec![segment]),
        (Some(segment), Some(left)) => segments(&left).map(|mut segments| {
            segments.retain(|other| *other != segment);
            segments.push(segment);
            segments
        }),
    };
    let sweep = ActiveModel {
        name: Set(NAME.to_owned()),
        target: Set(number),
        completed: Set(0),
        position: Set(None),
        done: Set(0),
        total: Set(None),
        segments: Set(segments.map(|segments| json!(segments))),
        started_at: Set(now),
        finished_at: Set(None),
    };
    let again = [
        Column::Target,
        Column::Position,
        Column::Done,
        Column::Total,
        Column::Segments,
        Column::StartedAt,
        Column::FinishedAt,
    ];
    Entity::insert(sweep)
        .on_conflict(
            OnConflict::column(Column::Name)
                .update_columns(again)
                .to_owned(),
        )
        .exec_without_returning(connection)
        .await?;
    Ok(number)
}

/// Begins to decide all profiles where nothing ever was defined and no profile was decided: those of a deployment that was upgraded.
pub(crate) async fn begin_first(app: &App) -> Result<(), Error> {
    if store::definitions_version(app.db().read()).await? > 0 {
        return Ok(());
    }
    let transaction = app.db().begin().await?;
    let some = "SELECT 1 AS one FROM profile WHERE merged_into IS NULL LIMIT 1";
    let some = statement(&transaction, some, []);
    let is_empty = transaction.query_one_raw(some).await?.is_none();
    if !is_empty && store::definitions_version(&transaction).await? == 0 {
        begin(&transaction, app.now()).await?;
        transaction.commit().await?;
    }
    Ok(())
}

/// How far the sweep has come; none if there never was one.
pub(crate) async fn progress(connection: &impl ConnectionTrait) -> Result<Option<Progress>, DbErr> {
    let sweep = Entity::find_by_id(NAME.to_owned()).one(connection).await?;
    Ok(sweep.map(|sweep| Progress {
        target: sweep.target,
        completed: sweep.completed,
        done: sweep.done,
        // Those who came since they were counted are decided, too.
        total: sweep.total.map(|total| total.max(sweep.done)),
    }))
}

/// The sweep, if it has not come to its end.
pub(super) async fn open(connection: &impl ConnectionTrait) -> Result<Option<Model>, DbErr> {
    let sweep = Entity::find_by_id(NAME.to_owned()).one(connection).await?;
    Ok(sweep.filter(|sweep| sweep.completed < sweep.target))
}

/// The segments whose members alone a sweep is about; none if it is about all profiles, as it is where nobody can read which they are.
pub(super) fn segments(sweep: &Model) -> Option<Vec<SegmentId>> {
    let segments = sweep.segments.clone()?;
    serde_json::from_value(segments).ok()
}

/// The next profiles of the sweep, which are then counted as decided: within the transaction that decides them.
pub(super) async fn next(
    connection: &impl ConnectionTrait,
    now: Timestamp,
    visit: &Visit,
    most: usize,
) -> Result<Vec<ProfileId>, DbErr> {
    let Some(sweep) = open(connection).await? else {
        return Ok(Vec::new());
    };
    let (profiles, are_last, total) = match visit {
        Visit::Everybody(total) => {
            let profiles = after(connection, sweep.position, most).await?;
            let are_last = profiles.len() < most;
            (profiles, are_last, *total)
        }
        // Another change has come since they were listed.
        Visit::These(listed) if listed.target != sweep.target => return Ok(Vec::new()),
        Visit::These(listed) => {
            let left = listed.after(sweep.position);
            let profiles: Vec<_> = left.iter().copied().take(most).collect();
            let are_last = listed.are_last && profiles.len() == left.len();
            (profiles, are_last, Some(listed.total))
        }
    };
    let count = u64::try_from(profiles.len()).unwrap_or(u64::MAX);
    let moved = Model {
        position: profiles.last().copied().or(sweep.position),
        done: sweep.done.saturating_add_unsigned(count),
        total: sweep.total.or(total),
        completed: if are_last {
            sweep.target
        } else {
            sweep.completed
        },
        finished_at: are_last.then_some(now),
        ..sweep
    };
    moved
        .into_active_model()
        .reset_all()
        .update(connection)
        .await?;
    Ok(profiles)
}

impl Listed {
    /// Those that come after a profile.
    pub(super) fn after(&self, position: Option<ProfileId>) -> &[ProfileId] {
        let passed = position.map_or(0, |position| {
            self.profiles.partition_point(|id| *id <= position)
        });
        self.profiles.get(passed..).unwrap_or_default()
    }
}

async fn after(
    connection: &impl ConnectionTrait,
    position: Option<ProfileId>,
    most: usize,
) -> Result<Vec<ProfileId>, DbErr> {
    let after = match position {
        Some(_) => format!("AND id > {}", Engine::of(connection).parameter(1)),
        None => String::new(),
    };
    let query = statement(
        connection,
        format!(
            "SELECT id FROM profile WHERE merged_into IS NULL {after} ORDER BY id LIMIT {most}"
        ),
        position.map(Into::into),
    );
    let rows = connection.query_all_raw(query).await?;
    rows.iter().map(|row| row.try_get("", "id")).collect()
}
