//! How many profiles are where, were where, and went from where to where.
//!
//! Where a profile was is what its last transition up to an instant says. One that has none by then, and was there, was in the stage
//! and on the level of those of whom little is known.

use std::str::FromStr;

use lazo_domain::clock::Timestamp;
use lazo_domain::lifecycle::{Level, Stage};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};

use crate::db::{Engine, statement};

/// Where a profile is placed: a stage or a level.
pub trait Placed: Copy + FromStr + PartialEq {
    /// The column of a profile that has it.
    const COLUMN: &'static str;
    /// The kind of its transitions.
    const KIND: &'static str;
    /// That of a profile of which nothing else is stored.
    const FIRST: Self;

    /// The name in storage.
    fn name(self) -> &'static str;
}

impl Placed for Stage {
    const COLUMN: &'static str = "stage";
    const KIND: &'static str = "STAGE";
    const FIRST: Self = Self::Anonymous;

    fn name(self) -> &'static str {
        self.as_str()
    }
}

impl Placed for Level {
    const COLUMN: &'static str = "level";
    const KIND: &'static str = "LEVEL";
    const FIRST: Self = Self::Probable;

    fn name(self) -> &'static str {
        self.as_str()
    }
}

/// Those who are in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share<T> {
    /// The place.
    pub place: T,
    /// How many profiles.
    pub count: u64,
    /// What they spent by now, in minor units of the deployment's currency.
    pub revenue: i64,
}

/// Those who went from one place to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell<T> {
    /// Where they were at the beginning; none if they were not there yet.
    pub from: Option<T>,
    /// Where they were at the end.
    pub to: T,
    /// How many profiles.
    pub count: u64,
    /// What they spent by now, in minor units of the deployment's currency.
    pub revenue: i64,
}

/// The sum of what profiles spent, in two parts, as the whole may be more than a number of 64 bits.
const SPENT: &str = "CAST(sum(spend / 4294967296) AS bigint) AS high, CAST(sum(spend % 4294967296) AS bigint) AS low";

/// How many profiles were in each place at an instant, now if there is none. Places where nobody is are left out.
pub(super) async fn shares<T: Placed>(
    connection: &impl ConnectionTrait,
    instant: Option<Timestamp>,
    with_restricted: bool,
) -> Result<Vec<Share<T>>, DbErr> {
    let engine = Engine::of(connection);
    let place = match instant {
        Some(_) => placed_at::<T>(&engine.parameter(1)),
        None => format!("coalesce(p.{}, '{}')", T::COLUMN, T::FIRST.name()),
    };
    let shown = shown(with_restricted);
    let query = statement(
        connection,
        format!(
            "SELECT place, count(*) AS profiles, {SPENT} FROM \
             (SELECT p.spend, {place} AS place FROM profile AS p WHERE p.merged_into IS NULL {shown}) AS placed \
             WHERE place IS NOT NULL GROUP BY place"
        ),
        instant.map(Value::from),
    );
    let rows = connection.query_all_raw(query).await?;
    let share = |row: &QueryResult| {
        Ok(Share {
            place: known(&row.try_get::<String>("", "place")?)?,
            count: count(row)?,
            revenue: revenue(row)?,
        })
    };
    rows.iter().map(share).collect()
}

/// How many profiles went from each place to each other between two instants.
pub(super) async fn migration<T: Placed>(
    connection: &impl ConnectionTrait,
    from: Timestamp,
    to: Timestamp,
    with_restricted: bool,
) -> Result<Vec<Cell<T>>, DbErr> {
    let engine = Engine::of(connection);
    let (was, is) = (
        placed_at::<T>(&engine.parameter(1)),
        placed_at::<T>(&engine.parameter(2)),
    );
    let shown = shown(with_restricted);
    let query = statement(
        connection,
        format!(
            "SELECT was, place, count(*) AS profiles, {SPENT} FROM (SELECT p.spend, {was} AS was, {is} AS place \
             FROM profile AS p WHERE p.merged_into IS NULL {shown}) AS placed \
             WHERE place IS NOT NULL GROUP BY was, place"
        ),
        [Value::from(from), Value::from(to)],
    );
    let rows = connection.query_all_raw(query).await?;
    let cell = |row: &QueryResult| {
        let from: Option<String> = row.try_get("", "was")?;
        Ok(Cell {
            from: from.as_deref().map(known).transpose()?,
            to: known(&row.try_get::<String>("", "place")?)?,
            count: count(row)?,
            revenue: revenue(row)?,
        })
    };
    rows.iter().map(cell).collect()
}

/// Where the profile `p` was at an instant; null if it was not there.
fn placed_at<T: Placed>(instant: &str) -> String {
    format!(
        "coalesce((SELECT s.value FROM standing_transition AS s WHERE s.profile_id = p.id AND s.kind = '{}' \
         AND s.at <= {instant} ORDER BY s.at DESC LIMIT 1), CASE WHEN p.created_at <= {instant} THEN '{}' END)",
        T::KIND,
        T::FIRST.name()
    )
}

fn shown(with_restricted: bool) -> &'static str {
    if with_restricted {
        ""
    } else {
        "AND NOT p.restricted"
    }
}

fn known<T: FromStr>(name: &str) -> Result<T, DbErr> {
    name.parse()
        .map_err(|_| DbErr::Type(format!("`{name}` is no stage or level")))
}

fn count(row: &QueryResult) -> Result<u64, DbErr> {
    let count: i64 = row.try_get("", "profiles")?;
    Ok(u64::try_from(count).unwrap_or_default())
}

fn revenue(row: &QueryResult) -> Result<i64, DbErr> {
    let (high, low): (i64, i64) = (row.try_get("", "high")?, row.try_get("", "low")?);
    let sum = i128::from(high) * (1 << 32) + i128::from(low);
    Ok(i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX }))
}
