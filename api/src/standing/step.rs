//! What the timer and the sweep do at a time: so many profiles that touchpoints are not kept waiting.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::ProfileId;
use sea_orm::{ConnectionTrait, DbErr};

use super::{Cause, store, sweep};

/// How many profiles are decided in one transaction.
const AT_A_TIME: u64 = 500;

/// What is to be decided beside what touchpoints change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Profiles of which time alone may have changed something.
    Due,
    /// The next profiles of the sweep that a change of what is defined began.
    Sweep,
    /// These profiles, as a person decided something of them.
    Profiles(Vec<ProfileId>),
}

/// The profiles that a step is about, and why they are decided.
pub(crate) async fn take(
    connection: &impl ConnectionTrait,
    step: &Step,
    now: Timestamp,
) -> Result<(Vec<ProfileId>, Cause), DbErr> {
    Ok(match step {
        Step::Due => (store::due(connection, now, AT_A_TIME).await?, Cause::Time),
        Step::Sweep => {
            let next = sweep::next(connection, now, AT_A_TIME).await?;
            (next, Cause::Definition)
        }
        Step::Profiles(profiles) => (profiles.clone(), Cause::Person),
    })
}
