//! Segments: named conditions, who is a member, since when, why, and who was on a date.

pub mod asking;
pub mod feed;
pub mod graphql;
mod input;
pub mod preview;
pub mod read;
pub mod service;
pub(crate) mod store;

pub use input::{Create, Update};
pub(crate) use input::{is_description, violations};
