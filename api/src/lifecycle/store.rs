//! Queries of the rules of lifecycle stages and pyramid levels, and of what the population measures.

use std::collections::BTreeMap;

use lazo_domain::clock::Timestamp;
use lazo_domain::id::ProfileId;
use lazo_domain::lifecycle::Rules;
use lazo_domain::profile::TIME_ZONE;
use sea_orm::{ConnectionTrait, DbErr, Value};
use serde::{Deserialize, Serialize};

use crate::db::{Engine, Rows, statement};
use crate::deployment::{keep, kept};
use crate::standing::readable;

/// The setting that has the rules.
const RULES: &str = "lifecycle";
/// The setting that says when the population was measured.
const MEASUREMENT: &str = "lifecycle_measurement";

/// When the population was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Measurement {
    /// When the last measurement was begun that anybody knows of.
    pub(super) begun_at: Option<Timestamp>,
    /// As of when the last one that came to its end measured.
    pub(super) measured_at: Option<Timestamp>,
}

/// A purchase that counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bought {
    pub(super) placed_at: Timestamp,
    /// In minor units of the deployment's currency; 0 if it is in another one.
    pub(super) net: i64,
}

/// The rules; those that Lazo comes with where nobody has set others, or where those do not read.
pub(crate) async fn rules(connection: &impl ConnectionTrait) -> Result<Rules, DbErr> {
    let stored = kept(connection, RULES).await;
    if let Err(error @ DbErr::Type(_)) = stored {
        return Ok(readable("setting", RULES, Err(error)).unwrap_or_default());
    }
    Ok(stored?.unwrap_or_default())
}

/// Stores the rules.
pub(super) async fn save(
    connection: &impl ConnectionTrait,
    rules: &Rules,
    now: Timestamp,
) -> Result<(), DbErr> {
    keep(connection, RULES, rules, now).await
}

/// When the population was measured.
pub(super) async fn measurement(connection: &impl ConnectionTrait) -> Result<Measurement, DbErr> {
    Ok(kept(connection, MEASUREMENT).await?.unwrap_or_default())
}

/// Stores when the population was measured.
pub(super) async fn save_measurement(
    connection: &impl ConnectionTrait,
    measurement: &Measurement,
    now: Timestamp,
) -> Result<(), DbErr> {
    keep(connection, MEASUREMENT, measurement, now).await
}

/// Profiles that bought anything, in the order of their ids, those after a profile; each with the time zone it names.
pub(super) async fn buyers(
    connection: &impl ConnectionTrait,
    after: Option<ProfileId>,
    most: u64,
) -> Result<Vec<(ProfileId, Option<String>)>, DbErr> {
    let engine = Engine::of(connection);
    let from = after.map_or_else(String::new, |_| {
        format!("AND p.id > {}", engine.parameter(2))
    });
    let query = statement(
        connection,
        format!(
            "SELECT p.id, t.text AS zone FROM profile AS p \
             LEFT JOIN profile_trait AS t ON t.profile_id = p.id AND t.name = {} AND t.position = 0 \
             WHERE p.merged_into IS NULL AND p.orders > 0 {from} ORDER BY p.id LIMIT {most}",
            engine.parameter(1)
        ),
        [Value::from(TIME_ZONE)]
            .into_iter()
            .chain(after.map(|id| id.0.into())),
    );
    let rows = connection.query_all_raw(query).await?;
    rows.iter()
        .map(|row| Ok((row.try_get("", "id")?, row.try_get("", "zone")?)))
        .collect()
}

/// What profiles bought, each in the order of time.
pub(super) async fn bought(
    connection: &impl ConnectionTrait,
    profiles: impl IntoIterator<Item = ProfileId>,
) -> Result<BTreeMap<ProfileId, Vec<Bought>>, DbErr> {
    let rows = Rows::of_ids(profiles.into_iter().map(|id| id.0));
    let query = rows.query(
        connection,
        "SELECT u.profile_id, u.placed_at, CASE WHEN u.left_out THEN 0 ELSE u.net END AS net \
         FROM {rows} AS given JOIN purchase AS u ON u.profile_id = given.id \
         WHERE u.counted AND u.placed_at IS NOT NULL ORDER BY u.placed_at",
        Vec::new(),
    );
    let mut found: BTreeMap<ProfileId, Vec<Bought>> = BTreeMap::new();
    for row in connection.query_all_raw(query).await? {
        let own = found.entry(row.try_get("", "profile_id")?).or_default();
        own.push(Bought {
            placed_at: row.try_get("", "placed_at")?,
            net: row.try_get("", "net")?,
        });
    }
    Ok(found)
}
