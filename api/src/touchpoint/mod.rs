//! Touchpoints: from a request to an answer for each item.

pub mod decoding;
pub mod graphql;
mod incoming;
pub mod read;
pub mod reading;
pub mod service;
pub mod store;
pub mod visitor;
#[cfg(test)]
mod visitor_tests;

pub use incoming::{Answer, Content, Incoming, Speaker, Status};
