//! Black-box tests of the running program, one file a capability, each on both engines.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on fails by a panic that says why"
)]

mod architecture;
mod audit;
mod auth;
mod backup;
mod bad_input;
mod browser;
mod bus;
mod clients;
mod clocks;
mod consent;
mod demo;
mod doctor;
mod faults;
mod guard;
mod health;
mod identity;
mod import;
mod keys;
mod lifecycle;
mod limits;
mod logs;
mod merge;
mod metrics;
mod migrations;
mod oidc;
mod profile;
mod properties;
mod protocol;
mod purchase;
mod quarantine;
mod rebuild;
mod schema;
mod segment;
mod source;
mod storefront;
mod subscription;
mod takeover;
mod touchpoint;
mod traces;

use lazo_tests::{Engine, TestServer, graphql::Caller, segment::Sender};

/// The program under test, as cargo built it for this run.
const PROGRAM: &str = env!("CARGO_BIN_EXE_lazo-under-test");

/// Starts the program on a fresh database.
async fn start(engine: Engine) -> TestServer {
    TestServer::start(engine, PROGRAM).await
}

/// Starts the program, with a trusted source and an administrator.
async fn trusted(engine: Engine) -> (TestServer, Sender, Caller) {
    let server = start(engine).await;
    let backend = server.backend().await;
    let admin = server.admin().await;
    (server, backend, admin)
}
