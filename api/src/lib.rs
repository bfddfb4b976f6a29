//! Lazo: a customer-data platform that ties every touchpoint of a customer into one profile.
#![warn(missing_docs)]

pub mod app;
pub mod audit;
pub mod auth;
pub mod cache;
mod cli;
pub mod clock;
pub mod computed;
pub mod condition;
pub mod config;
pub mod consent;
pub mod db;
pub mod demo;
pub mod deployment;
pub mod error;
pub mod graphql;
pub mod http;
pub mod idempotency;
pub mod identity;
pub mod ids;
pub mod import;
mod json;
pub mod lifecycle;
pub mod logs;
pub mod metrics;
pub mod outbox;
pub mod page;
pub mod profile;
pub mod purchase;
pub mod purpose;
pub mod quarantine;
pub mod rebuild;
pub mod score;
pub mod segment;
pub mod serve;
pub mod source;
pub mod standing;
pub mod subscription;
#[cfg(test)]
mod testing;
pub mod token;
pub mod touchpoint;
pub mod traces;
pub mod viewer;
pub mod writer;

pub use cli::run;
