//! Purposes: what data may be used for, and what that takes.

pub mod graphql;
mod input;
pub mod service;
pub(crate) mod store;

pub use input::Update;
