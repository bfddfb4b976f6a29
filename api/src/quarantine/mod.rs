//! The quarantine: items that could not be used, kept as they came, to be seen, mended and replayed.

pub mod graphql;
pub mod service;
pub mod store;
#[cfg(test)]
mod tests;

/// The code of the answer to a replay of an item that waits no longer.
pub const ALREADY_REPLAYED: &str = "ALREADY_REPLAYED";

/// Whether an item waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It waits to be mended and replayed.
    Waiting,
    /// It was replayed, and became a touchpoint.
    Replayed,
}

impl State {
    /// The name in the schema and in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "WAITING",
            Self::Replayed => "REPLAYED",
        }
    }
}
