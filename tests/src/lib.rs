//! Helpers of the black-box tests: they start the real program and talk to it as its callers do.
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a test that cannot go on fails by a panic that says why"
)]

pub mod bench;
pub mod clock;
pub mod engine;
pub mod events;
pub mod fault_proxy;
pub mod figures;
pub mod graphql;
pub mod postgres;
pub mod process;
pub mod profile;
pub mod redis;
pub mod segment;
pub mod server;
pub mod source_code;
pub mod standing;

pub use engine::Engine;
pub use server::TestServer;
