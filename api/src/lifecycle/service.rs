//! What can be done with lifecycle stages and pyramid levels.

use std::collections::HashMap;
use std::sync::Arc;

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::Facts;
use lazo_domain::condition::evaluate::{PurchaseFact, Values};
use lazo_domain::id::ProfileId;
use lazo_domain::lifecycle::{
    self, Level, LevelCause, Rules, SpendBoundaries, Stage, StageCause, Standing,
};
use sea_orm::DatabaseTransaction;
use serde_json::json;

use super::Update;
use super::measure::{Measured, measure as measured};
use super::read::{self, Cell, Placed, Share};
use super::store::{self, Measurement};
use crate::app::App;
use crate::audit;
use crate::auth::caller::Caller;
use crate::error::Error;
use crate::profile::hot::Present;
use crate::profile::service::sees_restricted;
use crate::purchase::{self, PurchaseRow};
use crate::standing::sweep;

/// How long what was measured is good enough, in milliseconds.
const GOOD_FOR: i64 = 24 * 60 * 60 * 1_000;
/// After how long a measurement that has not come to its end is given up, in milliseconds.
const PATIENCE: i64 = 60 * 60 * 1_000;

/// The rules, and when the population was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RulesNow {
    /// The rules.
    pub rules: Rules,
    /// As of when the population was measured last; none before it ever was.
    pub measured_at: Option<Timestamp>,
}

/// Where a profile stands, and how it came there, by all that is known of it.
#[derive(Clone, Debug)]
pub struct Stood {
    /// The lifecycle stage.
    pub stage: Standing<Stage, StageCause>,
    /// The pyramid level.
    pub level: Standing<Level, LevelCause>,
    /// Every change of the stage so far.
    pub stages: Vec<(Timestamp, Stage)>,
    /// Every change of the level so far.
    pub levels: Vec<(Timestamp, Level)>,
    /// As of when.
    pub at: Timestamp,
}

/// The rules.
pub async fn rules(app: &App) -> Result<RulesNow, Error> {
    let connection = app.db().read();
    Ok(RulesNow {
        rules: store::rules(connection).await?,
        measured_at: store::measurement(connection).await?.measured_at,
    })
}

/// Changes the rules, by which all profiles are then decided anew. Where the levels are split otherwise than before, the population
/// is measured anew within a minute.
pub async fn update(app: &App, caller: &Caller, update: &Update) -> Result<RulesNow, Error> {
    let transaction = app.db().begin().await?;
    let before = store::rules(&transaction).await?;
    let mut measurement = store::measurement(&transaction).await?;
    let after = update.of(&before)?;
    if after != before {
        if !is_split_alike(&before, &after) {
            measurement.begun_at = None;
            measurement.measured_at = None;
            store::save_measurement(&transaction, &measurement, app.now()).await?;
        }
        keep(app, &transaction, &after).await?;
        tell(app, &transaction, caller, "lifecycle.update", &after).await?;
        transaction.commit().await?;
    }
    Ok(RulesNow {
        rules: after,
        measured_at: measurement.measured_at,
    })
}

/// Measures the population, now. With `dry_run` it is only said what the rules would become.
pub async fn measure(app: &App, caller: &Caller, dry_run: bool) -> Result<RulesNow, Error> {
    if dry_run {
        let before = store::rules(app.db().read()).await?;
        let (found, now) = look(app, &before).await?;
        return Ok(RulesNow {
            rules: with(&before, &before, found),
            measured_at: Some(now),
        });
    }
    measure_and_keep(app, Some(caller)).await
}

/// Measures the population if that was not done for a day. Of several processes one does it. Returns whether this one did.
pub async fn measure_if_due(app: &App) -> Result<bool, Error> {
    let now = app.now();
    let is_due = |measurement: &Measurement| {
        let since = |at: Option<Timestamp>, millis: i64| {
            at.is_none_or(|at| now < at || at.plus_millis(millis) <= now)
        };
        since(measurement.measured_at, GOOD_FOR) && since(measurement.begun_at, PATIENCE)
    };
    if !is_due(&store::measurement(app.db().read()).await?) {
        return Ok(false);
    }
    let transaction = app.db().begin().await?;
    let mut measurement = store::measurement(&transaction).await?;
    if !is_due(&measurement) {
        return Ok(false);
    }
    measurement.begun_at = Some(now);
    store::save_measurement(&transaction, &measurement, now).await?;
    transaction.commit().await?;
    measure_and_keep(app, None).await?;
    Ok(true)
}

/// Where these profiles stand now. What they bought is read for all of them together.
pub async fn standings(
    app: &App,
    profiles: &[Arc<Present>],
) -> Result<HashMap<ProfileId, Arc<Stood>>, Error> {
    let now = app.now();
    let rules = store::rules(app.db().read()).await?;
    let buyers = profiles.iter().filter(|one| one.summary.orders > 0);
    let bought = purchase::service::of_profiles(app, buyers.map(|one| one.id)).await?;
    let mut purchases: HashMap<ProfileId, Vec<PurchaseRow>> = HashMap::new();
    for one in bought {
        purchases.entry(one.profile).or_default().push(one);
    }
    let stood = profiles.iter().map(|profile| {
        let own = purchases.get(&profile.id).map(Vec::as_slice);
        let facts = facts(app, profile, own.unwrap_or_default());
        let stood = Stood {
            stage: lifecycle::stage(&facts, &rules, now),
            level: lifecycle::level(&facts, &rules, now),
            stages: lifecycle::stages(&facts, &rules, now),
            levels: lifecycle::levels(&facts, &rules, now),
            at: now,
        };
        (profile.id, Arc::new(stood))
    });
    Ok(stood.collect())
}

/// How many profiles were in each stage or on each level at an instant, and what those have spent by now.
pub async fn shares<T: Placed>(
    app: &App,
    caller: Option<&Caller>,
    instant: Option<Timestamp>,
) -> Result<Vec<Share<T>>, Error> {
    let instant = instant.filter(|instant| *instant < app.now());
    let connection = app.db().read();
    Ok(read::shares(connection, instant, sees_restricted(caller)).await?)
}

/// Who went from where to where between two instants.
pub async fn migration<T: Placed>(
    app: &App,
    caller: Option<&Caller>,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<Cell<T>>, Error> {
    if to < from {
        let message = "The end must not be before the beginning.";
        return Err(Error::violation("to", "INVALID", message));
    }
    let connection = app.db().read();
    Ok(read::migration(connection, from, to, sees_restricted(caller)).await?)
}

/// What is known of a profile that stages and levels rest on.
fn facts<'a>(app: &App, profile: &'a Present, purchases: &'a [PurchaseRow]) -> Facts<'a> {
    let deployment = app.deployment();
    let current = profile.projection.traits.current();
    let traits = Values::of(current.map(|(name, state)| (name, &state.value)));
    let zone = traits.time_zone().unwrap_or(deployment.time_zone);
    let mut facts = Facts::new(zone, deployment.currency);
    facts.first_seen = profile.projection.first_seen;
    facts.last_seen = profile.projection.last_seen;
    facts.namespaces = profile
        .identifiers
        .iter()
        .map(|row| &row.namespace)
        .collect();
    let purchases = purchases
        .iter()
        .filter_map(|one| PurchaseFact::of(one.id, &one.view));
    facts.with_purchases(purchases.collect())
}

/// Measures the population by these rules: what was found, and as of when.
async fn look(app: &App, rules: &Rules) -> Result<(Measured, Timestamp), Error> {
    let now = app.now();
    let snapshot = app.db().snapshot().await?;
    let found = measured(&snapshot, rules, app.deployment().time_zone, now).await?;
    snapshot.commit().await?;
    Ok((found, now))
}

async fn measure_and_keep(app: &App, caller: Option<&Caller>) -> Result<RulesNow, Error> {
    let by = store::rules(app.db().read()).await?;
    let (found, measured_at) = look(app, &by).await?;
    let transaction = app.db().begin().await?;
    // Somebody may have changed them meanwhile.
    let before = store::rules(&transaction).await?;
    let after = with(&before, &by, found);
    if after != before {
        keep(app, &transaction, &after).await?;
    }
    if let Some(caller) = caller {
        tell(app, &transaction, caller, "lifecycle.measure", &after).await?;
    }
    let mut measurement = store::measurement(&transaction).await?;
    // Where there is nobody to measure yet, that is not put off for a day.
    if found.is_something() && is_split_alike(&before, &by) {
        measurement.measured_at = Some(measured_at);
        store::save_measurement(&transaction, &measurement, app.now()).await?;
    }
    transaction.commit().await?;
    Ok(RulesNow {
        rules: after,
        measured_at: measurement.measured_at,
    })
}

/// The rules with what was found by others, or by themselves.
fn with(rules: &Rules, by: &Rules, found: Measured) -> Rules {
    let boundaries: Option<SpendBoundaries> = if is_split_alike(rules, by) {
        found.spend_boundaries
    } else {
        rules.spend_boundaries
    };
    Rules {
        population_gap: found.population_gap,
        spend_boundaries: boundaries,
        ..*rules
    }
}

/// Whether what was measured by the one is right for the other.
fn is_split_alike(one: &Rules, other: &Rules) -> bool {
    (one.tiers, one.pyramid_period) == (other.tiers, other.pyramid_period)
}

/// Stores rules that are others than before, and begins to decide all profiles by them.
async fn keep(app: &App, transaction: &DatabaseTransaction, rules: &Rules) -> Result<(), Error> {
    let now = app.now();
    store::save(transaction, rules, now).await?;
    sweep::begin(transaction, now).await?;
    Ok(())
}

/// Enters what was done to the rules into the audit log.
async fn tell(
    app: &App,
    transaction: &DatabaseTransaction,
    caller: &Caller,
    action: &'static str,
    rules: &Rules,
) -> Result<(), Error> {
    let actor = caller.actor();
    let entry = audit::Entry {
        actor: &actor,
        action,
        subject: "lifecycle".to_owned(),
        details: json!({ "rules": rules }),
    };
    audit::append(transaction, app.ids(), app.now(), &[entry]).await?;
    Ok(())
}
