//! Sources: where touchpoints come from, and the keys by which they send.

pub mod graphql;
mod input;
pub mod origin;
pub mod service;
mod store;
#[cfg(test)]
mod tests;

pub use input::{Create, Update};
pub use service::Keyed;
