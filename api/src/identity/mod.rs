//! Identity: which identifiers point at which profile, and the log of what tied them.

pub mod graphql;
pub mod read;
pub mod service;
pub mod store;
