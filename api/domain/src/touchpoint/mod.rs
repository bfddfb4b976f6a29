//! Touchpoints: one interaction each, decoded from the items that Segment's clients and their relatives send.
//!
//! [`decode`] turns the bytes of one item into a [`Touchpoint`] or a [`Refusal`]. Nothing an item says is dropped: what has no
//! place of its own stays in [`Touchpoint::extra`], and what was changed on the way is told in [`Touchpoint::notes`]. Only the
//! write key, a credential, is never kept.

mod channel;
mod clocks;
mod decode;
mod digest;
mod identifiers;
mod item;
mod kind;
mod machine;
mod name;
mod note;
mod refusal;
mod shape;
#[cfg(test)]
mod tests;
mod traits;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};
use uuid::Uuid;

pub use crate::profile::Order;
pub use channel::Channel;
pub use clocks::{CLOCK_TOLERANCE_MS, Clocks, read_instant};
pub use decode::{
    Envelope, MAX_ITEM_BYTES, MAX_MESSAGE_ID_CHARS, Rules, SourceProfile, decode, values_built,
};
pub use digest::message_digest;
pub use identifiers::{Claim, DroppedIdentifier, MAX_IDENTIFIERS};
pub use kind::Kind;
pub use name::MAX_NAME_CHARS;
pub use note::Note;
pub use refusal::{Disposition, Refusal, RefusalCode};
pub use shape::{MAX_DEPTH, MAX_VALUES, Shape};
pub use traits::MAX_TRAITS;

use crate::purchase::OrderEvent;

/// One interaction of a person, read from one incoming item.
#[derive(Clone, PartialEq)]
pub struct Touchpoint {
    /// The id that makes a second delivery harmless: the client's, else the one the server assigned.
    pub message_id: String,
    /// The first 128 bits of the SHA-256 of `message_id`: the ledger's key.
    pub digest: Uuid,
    /// A digest of what the item says, the same for each delivery of it.
    pub content: Uuid,
    /// The call the client made.
    pub kind: Kind,
    /// Where the interaction happened.
    pub channel: Channel,
    /// What happened, such as `Order Completed`.
    pub name: String,
    /// When it happened, and the clocks that say so.
    pub clocks: Clocks,
    /// The place of the item in its request, from 0.
    pub position: u32,
    /// The identifiers the item claims for its person, normalised, each once.
    pub claims: Vec<Claim>,
    /// The id that an alias gives to the person of `claims`: a customer id or an anonymous id.
    pub alias_of: Option<String>,
    /// Identifiers that were left out of `claims`.
    pub dropped: Vec<DroppedIdentifier>,
    /// What an identify says about its person; empty for the other kinds.
    pub traits: BTreeMap<String, Value>,
    /// The item's `properties`.
    pub properties: Map<String, Value>,
    /// The item's `context`, over the request's.
    pub context: Map<String, Value>,
    /// Every other field of the item, as it came, and those of which a part got lost: an identifier that was dropped or changed by
    /// its normal form, a time with a zone.
    pub extra: Map<String, Value>,
    /// What the touchpoint says about an order, if it is one of the order events.
    pub order: Option<OrderEvent>,
    /// False if the person was not there when it happened (`context.active` is false, or a machine opened an email): it does not move
    /// "last seen", and no score counts it.
    pub active: bool,
    /// What was changed or could not be read, each note once.
    pub notes: Vec<Note>,
}

/// Shows what the touchpoint is and nothing of the person.
impl fmt::Debug for Touchpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Touchpoint")
            .field("digest", &self.digest)
            .field("kind", &self.kind)
            .field("channel", &self.channel)
            .field("clocks", &self.clocks)
            .field("position", &self.position)
            .field("dropped", &self.dropped)
            .field("notes", &self.notes)
            .finish_non_exhaustive()
    }
}

impl Touchpoint {
    /// The touchpoint's place in the total order of everything that happened.
    pub fn order_key(&self) -> Order {
        Order {
            occurred_at: self.clocks.occurred_at,
            received_at: self.clocks.received_at,
            position: self.position,
            message_id: self.message_id.clone(),
        }
    }
}
