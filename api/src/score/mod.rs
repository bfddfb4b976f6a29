//! Score models and scores: what is counted of profiles, what they score now and why, and how that changed.

pub(crate) mod daily;
pub mod graphql;
mod held;
mod input;
mod measure;
pub mod read;
pub mod service;
pub(crate) mod store;
#[cfg(test)]
mod tests;

pub use held::Held;
pub(crate) use held::StoredValue;
pub use input::{Create, Update};
