//! Deciding where profiles stand: those that a transaction changed, and those that are due by themselves.

use std::collections::HashMap;
use std::sync::Arc;

use lazo_domain::clock::Timestamp;
use lazo_domain::id::ProfileId;
use lazo_domain::standing::Definitions;
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::Context;
use super::changes::Changes;
use super::state::State;
use crate::profile::store::ProfileRow;
use crate::standing::{self, Came, Cause, Gone, Known, Settled, Settlement, Step, Subject};

/// Decides the profiles of a step. Returns how many they were.
pub(super) async fn stand(context: &Context, step: &Step) -> Result<usize, DbErr> {
    let now = context.clock.now();
    let transaction = context.db.begin().await?;
    let (profiles, cause) = standing::take(&transaction, step, now).await?;
    let state = State::load_profiles(&transaction, &profiles).await?;
    let mut ids = || context.ids.next::<Uuid>(now);
    let subjects = profiles
        .iter()
        .filter_map(|id| state.profiles.get(id))
        .filter_map(|row| state.subject(row, cause, Came::default()));
    let subjects: Vec<_> = subjects.collect();
    let definitions = context.definitions.current(&transaction).await?;
    let settled = context
        .settle(&transaction, &definitions, &subjects, &[], now, &mut ids)
        .await?;
    let mut changes = match settled.versions.as_slice() {
        [] => Changes::default(),
        _ => Changes::numbered(&transaction, settled.versions).await?,
    };
    changes.known = settled.known;
    context.commit(transaction, changes).await?;
    Ok(profiles.len())
}

impl State {
    /// Decides the profiles that the transaction changed, each for the last touchpoint that came to it.
    pub(super) async fn stand(
        &self,
        connection: &impl ConnectionTrait,
        context: &Context,
        definitions: &Definitions,
        mut came: HashMap<ProfileId, Came>,
        now: Timestamp,
        ids: &mut (dyn FnMut() -> Uuid + Send),
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
            } else {
                Cause::Touchpoint
            };
            let came = came.remove(&row.id).unwrap_or_default();
            subjects.extend(self.subject(row, cause, came));
        }
        // All of them have counted a change already.
        let settled = context
            .settle(connection, definitions, &subjects, &gone, now, ids)
            .await?;
        Ok(settled.known)
    }

    fn subject<'a>(&'a self, row: &'a ProfileRow, cause: Cause, came: Came) -> Option<Subject<'a>> {
        let node = self.graph.profile(row.id)?;
        let named = node.identifiers.iter();
        let named =
            named.filter(|(namespace, values)| !values.is_empty() && !namespace.is_internal());
        Some(Subject {
            row,
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
        ids: &mut (dyn FnMut() -> Uuid + Send),
    ) -> Result<Settlement, DbErr> {
        let settled = Settled {
            definitions,
            locale: self.locale,
            now,
        };
        standing::settle(connection, settled, &self.memory, subjects, gone, ids).await
    }
}
