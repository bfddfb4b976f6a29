//! Computed traits: what is computed of what a person did and bought, and is a trait like any other.

pub mod graphql;
mod input;
pub mod read;
pub mod service;
pub(crate) mod store;
#[cfg(test)]
mod tests;

pub use input::{Create, Update};
