//! Stamps: which of two values of the same thing wins.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Order;
use crate::clock::Timestamp;
use crate::id::TouchpointId;

/// How much a value is worth against others of the same trait; the greater wins, whatever the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Rank {
    /// From a public source, whose key anybody holds.
    #[serde(rename = "i")]
    Inferred,
    /// From a trusted source, such as the company's backend.
    #[serde(rename = "t")]
    Trusted,
    /// Declared by the person themself.
    #[serde(rename = "d")]
    Declared,
}

/// What decides between values: first the rank, then the total order of touchpoints, then the touchpoint.
///
/// No two touchpoints have equal stamps. Stored as the array
/// `[rank, occurred_at, received_at, position, message_id, touchpoint]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// How much the touchpoint's source is worth.
    pub rank: Rank,
    /// The touchpoint's place among all touchpoints.
    pub order: Order,
    /// The touchpoint.
    pub touchpoint: TouchpointId,
}

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Order {
            occurred_at,
            received_at,
            position,
            message_id,
        } = &self.order;
        (
            self.rank,
            occurred_at,
            received_at,
            position,
            message_id,
            self.touchpoint,
        )
            .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Stamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        type Fields = (Rank, Timestamp, Timestamp, u32, String, TouchpointId);
        let (rank, occurred_at, received_at, position, message_id, touchpoint) =
            Fields::deserialize(deserializer)?;
        let order = Order {
            occurred_at,
            received_at,
            position,
            message_id,
        };
        Ok(Self {
            rank,
            order,
            touchpoint,
        })
    }
}
