//! What the timer and the sweep do at a time: so many profiles that touchpoints are not kept waiting.

use lazo_domain::clock::Timestamp;
use lazo_domain::id::ProfileId;
use sea_orm::{ConnectionTrait, DbErr};

use super::sweep::Visit;
use super::{Cause, store, sweep};

/// What is to be decided beside what touchpoints change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Profiles of which time alone may have changed something.
    Due,
    /// The next profiles of the sweep that a change of what is defined began.
    Sweep(Visit),
    /// These profiles, as a person decided something of them.
    Profiles(Vec<ProfileId>),
}

impl Step {
    /// Why its profiles are decided.
    pub(crate) fn cause(&self) -> Cause {
        match self {
            Self::Due => Cause::Time,
            Self::Sweep(_) => Cause::Definition,
            Self::Profiles(_) => Cause::Person,
        }
    }
}

/// The profiles that a step is about, at most so many where it is about whoever is next.
pub(crate) async fn take(
    connection: &impl ConnectionTrait,
    step: &Step,
    now: Timestamp,
    most: usize,
) -> Result<Vec<ProfileId>, DbErr> {
    match step {
        Step::Due => store::due(connection, now, most).await,
        Step::Sweep(visit) => sweep::next(connection, now, visit, most).await,
        Step::Profiles(profiles) => Ok(profiles.clone()),
    }
}
