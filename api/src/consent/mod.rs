//! Consent: what people decided about purposes, with its evidence, and what that allows.

pub mod graphql;
pub mod reach;
pub mod read;
pub mod service;
pub(crate) mod store;
#[cfg(test)]
mod tests;
pub mod visitor;
