//! Lifecycle stages and pyramid levels: where a customer stands, since when, until when and why.
//!
//! Both are pure functions of what is known of a profile, so they do not depend on the order in which it became known, and they can
//! be told for any instant of the past.

mod boundaries;
mod cause;
mod cycle;
mod describe;
mod level;
mod levels;
mod rules;
mod stage;
mod stages;
#[cfg(test)]
mod tests;
mod timeline;

pub use boundaries::SpendBoundaries;
pub use cause::{LevelCause, Rhythm, StageCause};
pub use cycle::{gaps, population_gap};
pub use level::{Level, UnknownLevel};
pub use levels::{level, levels, spend};
pub use rules::{Rules, RulesProblem, Tiers};
pub use stage::{Stage, UnknownStage};
pub use stages::{stage, stages};
pub use timeline::Standing;

use crate::condition::Facts;

/// Whether there is a way to reach the person: an email address, a telephone number or an account on a social network or in a
/// messenger.
fn is_reachable(facts: &Facts<'_>) -> bool {
    facts
        .namespaces
        .iter()
        .any(|namespace| matches!(namespace.as_str(), "email" | "phone") || namespace.is_handle())
}
