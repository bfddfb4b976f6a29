//! Lifecycle stages and the customer pyramid: their rules, what the population measures, and who stands where.

pub mod graphql;
mod input;
pub mod measure;
pub mod read;
mod selection;
pub mod service;
pub(crate) mod store;
#[cfg(test)]
mod tests;

pub use input::Update;
