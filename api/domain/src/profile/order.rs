//! The total order of touchpoints, by which "the later one wins" is decided everywhere.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// The place of a touchpoint among all touchpoints, whatever the order of their arrival.
///
/// Fields compare from the first to the last. Stored as the array `[occurred_at, received_at, position, message_id]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(
    from = "(Timestamp, Timestamp, u32, String)",
    into = "(Timestamp, Timestamp, u32, String)"
)]
pub struct Order {
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When the server received it.
    pub received_at: Timestamp,
    /// Its place in the request that brought it, from 0.
    pub position: u32,
    /// Its message id, which no other touchpoint of the source has.
    pub message_id: String,
}

impl From<(Timestamp, Timestamp, u32, String)> for Order {
    fn from(
        (occurred_at, received_at, position, message_id): (Timestamp, Timestamp, u32, String),
    ) -> Self {
        Self {
            occurred_at,
            received_at,
            position,
            message_id,
        }
    }
}

impl From<Order> for (Timestamp, Timestamp, u32, String) {
    fn from(order: Order) -> Self {
        (
            order.occurred_at,
            order.received_at,
            order.position,
            order.message_id,
        )
    }
}
