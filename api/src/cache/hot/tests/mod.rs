//! What the cache promises its readers.

mod flights;
mod keeping;
mod laws;
mod process;
mod server;
mod shared;
mod store;
mod world;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::*;
use server::Server;
use world::{Database, World};

/// A value that is nothing but its version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Value {
    pub(super) version: i64,
    pub(super) filling: String,
}

impl Value {
    fn of(version: i64) -> Self {
        Self {
            version,
            filling: String::new(),
        }
    }
}

impl Versioned for Value {
    fn version(&self) -> i64 {
        self.version
    }

    fn weight(&self) -> usize {
        self.filling.len()
    }
}

fn id(n: u128) -> ProfileId {
    ProfileId(Uuid::from_u128(n))
}
