//! Profiles: what is known of each customer.

pub mod feed;
pub mod graphql;
pub mod hot;
pub mod read;
pub mod service;
pub mod store;

pub use store::{FragmentRow, ProfileRow};
