//! What decisions, evidence, double opt-in and signals promise.

mod consents;
mod decisions;
mod evidence;
pub(crate) mod generate;
mod laws;
mod opt_in;
mod purposes;
mod receipts;
pub(crate) mod sample;
mod signals;
mod states;
mod world;
