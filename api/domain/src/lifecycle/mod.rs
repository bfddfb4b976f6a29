//! Lifecycle stages and pyramid levels: where a customer stands.

mod level;
mod stage;

pub use level::{Level, UnknownLevel};
pub use stage::{Stage, UnknownStage};
