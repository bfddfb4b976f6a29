//! The viewer: what a visitor of a storefront sees of themself, and of nobody else.

pub mod graphql;
pub mod service;
#[cfg(test)]
mod tests;
