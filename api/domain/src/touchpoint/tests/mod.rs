//! What senders of items are promised.

mod clients;
mod fields;
mod laws;
mod machines;
mod order;
mod refusals;

use serde_json::Value;

use super::*;
use crate::clock::Timestamp;
use crate::identity::Worthless;
use crate::money::Currency;

/// 2026-11-22T00:39:31Z, a moment after the recorded requests were sent.
const RECEIVED: Timestamp = Timestamp(1_795_307_971_000);
const ASSIGNED: &str = "assigned-by-the-server";

fn envelope() -> Envelope<'static> {
    Envelope {
        received_at: RECEIVED,
        sent_at: None,
        kind: None,
        context: None,
        integrations: None,
    }
}

fn decode_in(raw: &[u8], envelope: &Envelope<'_>) -> Result<Touchpoint, Refusal> {
    let source = SourceProfile {
        channel: Channel::Web,
        region: Some("DE"),
    };
    let rules = Rules {
        earliest_event: Timestamp(0),
        worthless: &Worthless::default(),
        currency: &"EUR".parse::<Currency>().unwrap(),
    };
    decode(raw, 3, envelope, &source, &rules, ASSIGNED)
}

fn accept(item: &Value) -> Touchpoint {
    decode_in(item.to_string().as_bytes(), &envelope()).unwrap()
}

fn refuse(raw: &str) -> Refusal {
    decode_in(raw.as_bytes(), &envelope()).unwrap_err()
}

/// The claims as `namespace=value`.
fn claims(touchpoint: &Touchpoint) -> Vec<String> {
    touchpoint
        .claims
        .iter()
        .map(|c| format!("{}={}", c.namespace.as_str(), c.value))
        .collect()
}
