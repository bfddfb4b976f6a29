//! Purchases: what the order touchpoints of each order come to.

pub mod graphql;
pub mod read;
pub mod service;
pub mod store;

pub use store::PurchaseRow;
