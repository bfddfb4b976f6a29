//! What a transaction changed, and its commit: what readers keep of it is put out before anybody is answered.

use std::sync::Arc;

use lazo_domain::id::ProfileId;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};

use super::Context;
use crate::cache::hot::COMMIT;
use crate::db::take_numbers;
use crate::standing::Known;

/// The number of no commit: they count from 1.
const NO_COMMIT: i64 = 0;

/// The profiles that a transaction changed.
#[derive(Default)]
pub(super) struct Changes {
    /// The number of the commit; none if nothing was changed.
    pub(super) commit: Option<i64>,
    /// The ids of profiles that stand for something else than before, with their new versions.
    pub(super) profiles: Vec<(ProfileId, i64)>,
    /// What is known of profiles, to be kept for the next touchpoints that come to them.
    pub(super) known: Vec<(ProfileId, Arc<Known>)>,
}

impl Changes {
    /// These profiles, with a commit's number for them.
    pub(super) async fn numbered(
        connection: &impl ConnectionTrait,
        profiles: Vec<(ProfileId, i64)>,
    ) -> Result<Self, DbErr> {
        let commit = take_numbers(connection, COMMIT, 1).await?;
        Ok(Self {
            commit: Some(commit),
            profiles,
            known: Vec::new(),
        })
    }
}

impl Context {
    /// Commits a transaction, and puts what it changed out of every cache. Who is answered afterwards finds it changed.
    pub(super) async fn commit(
        &self,
        transaction: DatabaseTransaction,
        changes: Changes,
    ) -> Result<(), DbErr> {
        let outcome = transaction.commit().await;
        if outcome.is_ok() {
            self.memory.keep(changes.known).await;
        }
        let commit = match (changes.commit, &outcome) {
            (None, _) => return outcome,
            (Some(commit), Ok(())) => commit,
            // Nobody knows whether it is in force. If it is not, its number will be another commit's.
            (Some(_), Err(_)) => NO_COMMIT,
        };
        let hot = Arc::clone(&self.hot);
        let put_out = async move { hot.put_out(commit, &changes.profiles).await };
        // What speaks to Redis is at home with those who read from it. Where nobody is served any more there is nobody to be told.
        let _ = self.serving.spawn(put_out).await;
        outcome
    }
}
