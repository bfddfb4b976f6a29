//! Identity: which identifiers point at which profile, and the log of what tied them.

pub mod graphql;
pub mod hints;
pub mod read;
mod row;
pub mod service;
pub mod store;

pub use row::{IdentifierRow, cut, is_known, sort};
