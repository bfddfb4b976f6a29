//! Touchpoints: from a request to an answer for each item.

pub mod decoding;
pub mod graphql;
mod incoming;
pub mod read;
pub mod reading;
pub mod service;
pub mod store;

pub use incoming::{Answer, Content, Incoming, Status};
