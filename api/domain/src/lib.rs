//! Values, rules and decisions of Lazo.
//!
//! Everything here is a total function from values to values: no input or output, no async, no clock and no randomness of its
//! own. Time and ids are parameters, so each rule can be tested by itself in microseconds.
#![warn(missing_docs)]

pub mod access;
pub mod clock;
pub mod computed;
pub mod condition;
pub mod consent;
pub mod hash;
pub mod id;
pub mod identity;
pub mod lifecycle;
pub mod money;
mod names;
pub mod period;
pub mod privacy;
pub mod profile;
pub mod purchase;
pub mod score;
pub mod segment;
pub mod standing;
pub mod touchpoint;
