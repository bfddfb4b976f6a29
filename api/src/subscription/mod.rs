//! Subscriptions: streams that wait for what commits bring. They read the database themselves and only wait here, to be woken when
//! there may be something new for them, whichever process has committed it.

mod heard;
mod registry;
#[cfg(test)]
mod tests;
mod waking;

pub use registry::{Topic, Wake, Wakes};
pub(crate) use waking::start;
