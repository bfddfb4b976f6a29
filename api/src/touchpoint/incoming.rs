//! What the doors hand to the writer, and what it answers.

use std::sync::Arc;

use lazo_domain::id::{FragmentId, ProfileId, QuarantineId, TouchpointId};
use lazo_domain::touchpoint::{Disposition, Refusal, Touchpoint};
use lazo_entity::source;
use uuid::Uuid;

use super::decoding::Kept;

/// One item on its way to the writer.
#[derive(Clone)]
pub struct Incoming {
    /// Where it came from.
    pub source: Arc<source::Model>,
    /// What the source sent, byte for byte.
    pub raw: Vec<u8>,
    /// What the item shares with the others of its request, as needed to read it once more.
    pub envelope: Kept,
    /// What it was read as.
    pub content: Content,
    /// The profile it is addressed to: an edit by hand.
    pub target: Option<FragmentId>,
    /// The quarantined item that it replays.
    pub replays: Option<QuarantineId>,
    /// Whose word it is.
    pub speaker: Speaker,
}

/// Whose word an item is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Speaker {
    /// The source's: it is worth what the source is.
    #[default]
    Source,
    /// That of a device which the merchant's backend gave a visitor token: the item surely is that device's.
    Device,
    /// That of a customer whom the merchant's backend gave a visitor token: the item surely is that customer's.
    Customer,
}

/// What an item was read as.
#[derive(Clone)]
pub enum Content {
    /// A touchpoint.
    Touchpoint(Box<Touchpoint>),
    /// Nothing that can be used.
    Refused {
        /// Why.
        refusal: Refusal,
        /// What a second delivery of it is known by.
        digest: Uuid,
    },
}

impl Incoming {
    /// The id the client knows the item by, if it has one.
    pub fn message_id(&self) -> Option<&str> {
        match &self.content {
            Content::Touchpoint(touchpoint) => Some(&touchpoint.message_id),
            Content::Refused { refusal, .. } => refusal.message_id.as_deref(),
        }
    }
}

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Stored, and counted in its profile.
    Accepted,
    /// It was there already.
    Duplicate,
    /// Stored where it can be seen, mended and replayed, but not used.
    Quarantined,
    /// Not stored.
    Rejected,
}

impl Status {
    /// The name as shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "ACCEPTED",
            Self::Duplicate => "DUPLICATE",
            Self::Quarantined => "QUARANTINED",
            Self::Rejected => "REJECTED",
        }
    }
}

/// The answer about one item.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The message id it was sent under, or got.
    pub message_id: Option<String>,
    /// What became of it.
    pub status: Status,
    /// Why, for programs. Of an accepted item: the first thing that was changed on the way.
    pub code: Option<&'static str>,
    /// Why, for people.
    pub reason: Option<String>,
    /// The touchpoint it became.
    pub touchpoint: Option<TouchpointId>,
    /// The profile that touchpoint belongs to.
    pub profile: Option<ProfileId>,
    /// The version of that profile which counts it.
    pub version: Option<i64>,
    /// Where it waits to be mended.
    pub quarantine: Option<QuarantineId>,
}

impl Answer {
    /// An answer that says only what became of the item.
    pub fn plain(message_id: Option<&str>, status: Status) -> Self {
        Self {
            message_id: message_id.map(ToOwned::to_owned),
            status,
            code: None,
            reason: None,
            touchpoint: None,
            profile: None,
            version: None,
            quarantine: None,
        }
    }

    /// What would become of an item of a test source, of which nothing is stored.
    pub fn of_test(item: &Incoming) -> Self {
        let (status, code, reason) = match &item.content {
            Content::Touchpoint(_) => {
                let reason = "The item is good. It is not stored, because its source is for tests.";
                (Status::Accepted, "TEST_SOURCE", reason.to_owned())
            }
            Content::Refused { refusal, .. } => {
                let status = match refusal.disposition {
                    Disposition::Quarantined => Status::Quarantined,
                    Disposition::Rejected => Status::Rejected,
                };
                (status, refusal.code.as_str(), refusal.reason.clone())
            }
        };
        Self {
            code: Some(code),
            reason: Some(reason),
            ..Self::plain(item.message_id(), status)
        }
    }
}
