//! The sweep: after a change of what is defined, all profiles are decided anew, some at a time.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::ProfileId;
use lazo_entity::sweep::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Set};

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
    /// About how many there are.
    pub total: i64,
}

/// Counts a change of what is defined, and begins to decide all profiles anew. Returns the number of the change.
pub(crate) async fn begin(connection: &impl ConnectionTrait, now: Timestamp) -> Result<i64, DbErr> {
    let number = take_numbers(connection, DEFINITIONS, 1).await?;
    let count = statement(
        connection,
        "SELECT count(*) AS total FROM profile WHERE merged_into IS NULL",
        [],
    );
    let row = connection.query_one_raw(count).await?;
    let total: i64 = row.map_or(Ok(0), |row| row.try_get("", "total"))?;
    let sweep = ActiveModel {
        name: Set(NAME.to_owned()),
        target: Set(number),
        completed: Set(0),
        position: Set(None),
        done: Set(0),
        total: Set(total),
        started_at: Set(now),
        finished_at: Set(None),
    };
    let again = [
        Column::Target,
        Column::Position,
        Column::Done,
        Column::Total,
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
        total: sweep.total.max(sweep.done),
    }))
}

/// The next profiles of the sweep, which are then counted as decided: within the transaction that decides them.
pub(super) async fn next(
    connection: &impl ConnectionTrait,
    now: Timestamp,
    most: u64,
) -> Result<Vec<ProfileId>, DbErr> {
    let Some(sweep) = Entity::find_by_id(NAME.to_owned()).one(connection).await? else {
        return Ok(Vec::new());
    };
    if sweep.completed >= sweep.target {
        return Ok(Vec::new());
    }
    let after = match sweep.position {
        Some(_) => format!("AND id > {}", Engine::of(connection).parameter(1)),
        None => String::new(),
    };
    let query = statement(
        connection,
        format!(
            "SELECT id FROM profile WHERE merged_into IS NULL {after} ORDER BY id LIMIT {most}"
        ),
        sweep.position.map(Into::into),
    );
    let rows = connection.query_all_raw(query).await?;
    let profiles: Vec<ProfileId> = rows
        .iter()
        .map(|row| row.try_get("", "id"))
        .collect::<Result<_, DbErr>>()?;
    let count = u64::try_from(profiles.len()).unwrap_or(u64::MAX);
    let moved = Model {
        position: profiles.last().copied().or(sweep.position),
        done: sweep.done.saturating_add_unsigned(count),
        completed: if count < most {
            sweep.target
        } else {
            sweep.completed
        },
        finished_at: (count < most).then_some(now),
        ..sweep
    };
    moved
        .into_active_model()
        .reset_all()
        .update(connection)
        .await?;
    Ok(profiles)
}
