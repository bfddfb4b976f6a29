//! Conditions: how callers write and read them, what they may refer to, and how they are asked of the database.

pub mod graphql;
pub mod service;
pub mod sql;
mod store;
