//! What the text form promises.

mod errors;
mod examples;
pub(in crate::condition) mod generate;
mod laws;
