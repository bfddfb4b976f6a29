//! Segments: those of the trade, ready to be made.

mod template;

pub use template::{Template, Words, templates};
