//! Deciding where profiles stand: those that a transaction changed, and those that are due by themselves.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use lazo_domain::clock::Timestamp;
use lazo_domain::id::ProfileId;
use lazo_domain::standing::Definitions;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};

use super::Context;
use super::changes::Changes;
use super::state::State;
use super::task::is_passing;
use crate::db::Writes;
use crate::error::Error;
use crate::profile::store::{self as profiles, ProfileRow};
use crate::standing::{self, Came, Cause, Gone, Known, Settled, Settlement, Step, Subject};

/// How long a profile that cannot be decided is left alone, in milliseconds.
const LEFT_ALONE: i64 = 3_600_000;

/// Decides the profiles of a step. Returns how many they were.
///
/// Where that fails for good for whoever is next, they are halved until those are found for whom it does, so that all others are decided.
pub(super) async fn stand(context: &Context, step: &Step) -> Result<usize, DbErr> {
    let mut profiles = Vec::new();
    match take_and_decide(context, step, &mut profiles).await {
        Err(error) if can_be_halved(step, &profiles) && !is_passing(&error) => {
            halve(context, step, &profiles).await?;
        }
        outcome => outcome?,
    }
    Ok(profiles.len())
}

/// Whether it may be one of the profiles that keeps all of them from being decided. A person is told that it cannot be done.
fn can_be_halved(step: &Step, profiles: &[ProfileId]) -> bool {
    !profiles.is_empty() && !matches!(step, Step::Profiles(_))
}

/// Decides the profiles of a step, and says which they are.
async fn take_and_decide(
    context: &Context,
    step: &Step,
    profiles: &mut Vec<ProfileId>,
) -> Result<(), DbErr> {
    let transaction = context.db.begin().await?;
    // How long others waited for their turn is not what the profiles take.
    let began = Instant::now();
    let now = context.clock.now();
    *profiles = standing::take(&transaction, step, now, context.pace.size()).await?;
    let due = decide(context, transaction, profiles, step.cause(), now).await?;
    let waited = due.filter(|_| *step == Step::Due);
    let waited = waited.map_or(0, |due| now.0.saturating_sub(due.0));
    context.pace.took(profiles.len(), began.elapsed(), waited);
    Ok(())
}

/// Decides those of the profiles for whom that does not fail, and puts the others off.
async fn halve(context: &Context, step: &Step, profiles: &[ProfileId]) -> Result<(), DbErr> {
    let mut open = vec![profiles];
    while let Some(some) = open.pop() {
        let transaction = context.db.begin().await?;
        let now = context.clock.now();
        let decided = decide(context, transaction, some, step.cause(), now).await;
        match (decided, some) {
            (Ok(_), _) => {}
            (Err(error), _) if is_passing(&error) => return Err(error),
            (Err(error), [profile]) => put_off(context, *profile, &error).await?,
            (Err(_), _) => {
                let (first, second) = some.split_at(some.len() / 2);
                open.extend([second, first].into_iter().filter(|half| !half.is_empty()));
            }
        }
    }
    if !matches!(step, Step::Sweep(_)) {
        return Ok(());
    }
    // Now the sweep can go on behind them, if no other process has taken it on meanwhile.
    let transaction = context.db.begin().await?;
    let now = context.clock.now();
    let next = standing::take(&transaction, step, now, profiles.len()).await?;
    if next == profiles {
        transaction.commit().await?;
    }
    Ok(())
}

async fn put_off(context: &Context, profile: ProfileId, error: &DbErr) -> Result<(), DbErr> {
    tracing::error!(
        %profile,
        error = Error::from(error.clone()).for_the_log(),
        "a profile cannot be decided and is left alone for an hour"
    );
    let transaction = context.db.begin().await?;
    let until = context.clock.now().plus_millis(LEFT_ALONE);
    standing::store::put_off(&transaction, profile, until).await?;
    transaction.commit().await
}

/// Decides profiles and commits. Returns the instant at which the first of them was due.
async fn decide(
    context: &Context,
    transaction: DatabaseTransaction,
    profiles: &[ProfileId],
    cause: Cause,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbErr> {
    let state = State::load_profiles(&transaction, profiles).await?;
    let due = state.profiles.values();
    let due = due.filter_map(|row| row.next_evaluation_at).min();
    let subjects = profiles
        .iter()
        .filter_map(|id| state.profiles.get(id))
        .filter_map(|row| state.subject(row, cause, Came::default()));
    let subjects: Vec<_> = subjects.collect();
    let definitions = context.definitions.current(&transaction).await?;
    let mut settlement = context
        .settle(&transaction, &definitions, &subjects, &[], now)
        .await?;
    let versions = settlement.save(&transaction, now).await?;
    let changes = match versions.as_slice() {
        [] => Changes::default(),
        _ => Changes::numbered(&transaction, versions).await?,
    };
    context.commit(transaction, changes).await?;
    context.memory.renew(settlement.known()).await;
    Ok(due)
}

impl State {
    /// Decides the profiles that the transaction changed, each for the last touchpoint that came to it, and stores them.
    pub(super) async fn stand(
        &mut self,
        connection: &impl ConnectionTrait,
        context: &Context,
        definitions: &Definitions,
        mut came: HashMap<ProfileId, Came>,
        now: Timestamp,
    ) -> Result<Vec<(ProfileId, Arc<Known>)>, DbErr> {
        let (mut subjects, mut gone) = (Vec::new(), Vec::new());
        for row in self.stored() {
            if row.merged_into.is_some() {
                gone.push(Gone(row.id));
                continue;
            }
            let cause = if self.rebuilt.contains(&row.id) {
                Cause::Unmerge
            } else if self.regrouped.contains(&row.id) {
                Cause::Merge
            } else if self.consented.contains(&row.id) {
                Cause::Consent
            } else {
                Cause::Touchpoint
            };
            let came = came.remove(&row.id).unwrap_or_default();
            subjects.extend(self.subject(row, cause, came));
        }
        let mut settlement = context
            .settle(connection, definitions, &subjects, &gone, now)
            .await?;
        let mut writes = Writes::default();
        // All of them have counted a change already.
        for own in settlement.collect(connection, &mut writes, now).await? {
            if let Some(row) = self.profiles.get_mut(&own.profile) {
                (row.stage, row.level) = (own.stage, own.level);
                row.next_evaluation_at = own.next;
            }
        }
        let is_stored = |id| self.stored_profiles.contains(&id);
        profiles::save_profiles(&mut writes, self.stored(), is_stored);
        writes.execute(connection).await?;
        Ok(settlement.known())
    }

    fn subject<'a>(&'a self, row: &'a ProfileRow, cause: Cause, came: Came) -> Option<Subject<'a>> {
        let node = self.graph.profile(row.id)?;
        let named = node.identifiers.iter();
        let named =
            named.filter(|(namespace, values)| !values.is_empty() && !namespace.is_internal());
        Some(Subject {
            row,
            graph: &self.graph,
            fragments: node.fragments.iter().map(|(_, id)| *id).collect(),
            namespaces: named.map(|(namespace, _)| namespace).collect(),
            cause,
            came,
            // Who was merged or parted may have touchpoints of a time before there was a row of it.
            is_new: cause == Cause::Touchpoint && !self.stored_profiles.contains(&row.id),
            ordered: self.ordered.contains(&row.id),
        })
    }
}

impl Context {
    async fn settle(
        &self,
        connection: &impl ConnectionTrait,
        definitions: &Definitions,
        subjects: &[Subject<'_>],
        gone: &[Gone],
        now: Timestamp,
    ) -> Result<Settlement, DbErr> {
        let settled = Settled {
            definitions,
            locale: self.locale,
            now,
        };
        standing::settle(connection, settled, &self.memory, subjects, gone).await
    }
}
