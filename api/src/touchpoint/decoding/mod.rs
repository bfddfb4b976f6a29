//! Decoding: from the items of a request to what the writer takes, and the same once more for an item that was kept.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use lazo_domain::clock::Timestamp;
use lazo_domain::identity::Worthless;
use lazo_domain::money::Currency;
use lazo_domain::touchpoint::{
    Channel, Envelope, Kind, Refusal, RefusalCode, Rules, SourceProfile, Touchpoint, decode,
    message_digest,
};
use lazo_entity::source;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::app::App;
use crate::touchpoint::reading::{EnvelopeFields, RawItem, Request};
use crate::touchpoint::{Content, Incoming, Speaker};

/// The deployment's rules for items.
#[derive(Clone, Debug)]
pub struct DecodingRules {
    /// What happened before is quarantined.
    pub earliest_event: Timestamp,
    /// Values that identify nobody.
    pub worthless: Worthless,
    /// The deployment's currency.
    pub currency: Currency,
}

impl DecodingRules {
    /// The rules of an application's deployment.
    pub fn of(app: &App) -> Self {
        let deployment = app.deployment();
        Self {
            earliest_event: deployment.earliest_event,
            worthless: Worthless::with_patterns(&app.config().deployment.worthless),
            currency: deployment.currency,
        }
    }

    fn as_rules(&self) -> Rules<'_> {
        Rules {
            earliest_event: self.earliest_event,
            worthless: &self.worthless,
            currency: &self.currency,
        }
    }
}

/// What an item shares with its request and where it stood in it, kept with an item so that it can be read once more.
///
/// It is written only of an item that is held; the items of a request have the rest in common.
#[derive(Clone)]
pub struct Kept {
    shared: Arc<Shared>,
    position: u32,
}

/// Shows nothing of what the request says, which is personal.
impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept")
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

/// What the items of a request share.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shared {
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<Kind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sent_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Map<String, Json>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    integrations: Option<Map<String, Json>>,
    received_at: Timestamp,
}

/// How [`Kept`] is written: as one object.
#[derive(Serialize, Deserialize)]
struct Written<S> {
    #[serde(flatten)]
    shared: S,
    position: u32,
}

impl Serialize for Kept {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = Written {
            shared: &*self.shared,
            position: self.position,
        };
        written.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Written { shared, position } = Written::deserialize(deserializer)?;
        Ok(Self {
            shared: Arc::new(shared),
            position,
        })
    }
}

impl Kept {
    /// Of an item that shares nothing with any other.
    pub fn alone(received_at: Timestamp) -> Self {
        Self::new(&EnvelopeFields::default(), None, received_at)
    }

    fn new(envelope: &EnvelopeFields, kind: Option<Kind>, received_at: Timestamp) -> Self {
        let shared = Shared {
            kind,
            sent_at: envelope.sent_at,
            context: envelope.context.clone(),
            integrations: envelope.integrations.clone(),
            received_at,
        };
        Self {
            shared: Arc::new(shared),
            position: 0,
        }
    }

    fn at(&self, position: usize) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            position: u32::try_from(position).unwrap_or(u32::MAX),
        }
    }

    fn envelope(&self) -> Envelope<'_> {
        let shared = &self.shared;
        Envelope {
            received_at: shared.received_at,
            sent_at: shared.sent_at,
            kind: shared.kind,
            context: shared.context.as_ref(),
            integrations: shared.integrations.as_ref(),
        }
    }

    fn decode(
        &self,
        raw: &[u8],
        source: &source::Model,
        rules: &DecodingRules,
        assigned: Uuid,
    ) -> Result<Touchpoint, Refusal> {
        let profile = SourceProfile {
            channel: source.channel.parse().unwrap_or(Channel::Other),
            region: source.region.as_deref(),
        };
        let assigned = assigned.to_string();
        decode(
            raw,
            self.position,
            &self.envelope(),
            &profile,
            &rules.as_rules(),
            &assigned,
        )
    }
}

/// Decodes the items of a request, in their order.
///
/// `kind` is the call that the endpoint fixes, `assign` makes the id of an item that has none.
pub fn incoming(
    request: &Request<'_>,
    source: &Arc<source::Model>,
    kind: Option<Kind>,
    received_at: Timestamp,
    rules: &DecodingRules,
    assign: &mut dyn FnMut() -> Uuid,
) -> Vec<Incoming> {
    let first = Kept::new(&request.envelope, kind, received_at);
    let mut decode_item = |(position, item): (usize, &RawItem<'_>)| {
        let kept = first.at(position);
        let decoded = match item {
            RawItem::Json(raw) => kept.decode(raw, source, rules, assign()),
            RawItem::InvalidUtf8 { message_id, .. } => Err(Refusal {
                message_id: message_id.clone(),
                ..RefusalCode::InvalidUtf8.into()
            }),
        };
        Incoming {
            source: Arc::clone(source),
            raw: item.raw().to_vec(),
            content: content(item.raw(), decoded),
            envelope: kept,
            target: None,
            replays: None,
            speaker: Speaker::Source,
        }
    };
    request
        .items
        .iter()
        .enumerate()
        .map(&mut decode_item)
        .collect()
}

/// Decodes a kept item once more, by the rules of now and with the clocks of then.
///
/// `raw` is what was kept or what it was mended to, `assigned` the id it gets if it has none: the same one each time, so that an
/// item replayed twice counts once.
pub fn again(
    raw: &[u8],
    kept: &Kept,
    source: &source::Model,
    rules: &DecodingRules,
    assigned: Uuid,
) -> Content {
    let decoded = match std::str::from_utf8(raw) {
        Ok(_) => kept.decode(raw, source, rules, assigned),
        Err(_) => Err(RefusalCode::InvalidUtf8.into()),
    };
    content(raw, decoded)
}

fn content(raw: &[u8], decoded: Result<Touchpoint, Refusal>) -> Content {
    match decoded {
        Ok(touchpoint) => Content::Touchpoint(Box::new(touchpoint)),
        Err(refusal) => {
            let digest = refusal
                .message_id
                .as_deref()
                .map_or_else(|| raw_digest(raw), message_digest);
            Content::Refused { refusal, digest }
        }
    }
}

/// What an item without a readable id is known by: the first 128 bits of the SHA-256 of its bytes.
fn raw_digest(raw: &[u8]) -> Uuid {
    let mut head = [0; 16];
    head.copy_from_slice(&digest(&SHA256, raw).as_ref()[..16]);
    Uuid::from_bytes(head)
}

#[cfg(test)]
mod tests;
