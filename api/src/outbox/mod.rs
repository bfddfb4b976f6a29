//! Notices of changes, written in the transaction that makes them.

pub mod store;
#[cfg(test)]
pub(crate) mod tests;
