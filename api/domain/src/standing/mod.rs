//! Standings: where a profile stands by all that is defined, and until when that is known.
//!
//! What is defined is decided in one order: a segment may ask for another segment, so that one is decided first. Whoever decides for
//! a profile decides all of it at one instant, with the same facts.

mod decide;
mod definitions;
mod looks;
mod needs;
#[cfg(test)]
mod tests;

pub use decide::{Membership, Pins, Standing};
pub use definitions::{ComputedTrait, Defined, Definitions, ScoreModel, Segment};
pub use looks::Looks;
pub use needs::Needs;
