//! Standings: keeping true where each profile stands by all that is defined.
//!
//! Whatever changes a profile decides it anew in the same transaction; at the instants at which time alone may change something a timer
//! does, and after a change of what is defined a sweep over all profiles that it may matter to.

pub(crate) mod busy;
mod candidates;
mod cause;
pub(crate) mod check;
mod consents;
mod definitions;
mod explain;
mod facts;
pub(crate) mod gather;
mod load;
mod memory;
mod moves;
mod pace;
mod references;
mod settle;
mod step;
pub(crate) mod store;
pub(crate) mod sweep;
mod sweeper;
#[cfg(test)]
pub(crate) mod tests;
pub mod worker;

pub use cause::Cause;
pub(crate) use consents::{Made, linked};
pub(crate) use definitions::{Kept, readable};
pub use explain::{Explained, explain};
pub(crate) use facts::{Happened, Locale};
pub(crate) use memory::{Known, Memory};
pub(crate) use pace::Pace;
pub(crate) use references::References;
pub(crate) use settle::{Came, Gone, Settled, Settlement, Subject, settle};
pub use step::Step;
pub(crate) use step::take;
pub use sweep::{Listed, Progress, Visit};
pub(crate) use sweeper::Sweeper;
