//! Tokens: those of integrations, of people at the company, and of a storefront's visitors.

pub mod graphql;
mod input;
pub mod service;
mod store;
#[cfg(test)]
mod tests;
pub mod visitor;

pub use input::{CreateIntegration, CreateInternal};
pub use service::Issued;
pub use visitor::{IssueVisitor, IssuedVisitor};
