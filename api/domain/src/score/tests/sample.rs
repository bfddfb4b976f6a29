//! Hand-made facts and models.

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::condition::Number;
use crate::condition::generate::{Happened, History};
use crate::id::{PurchaseId, TouchpointId};
use crate::profile::Order;
use crate::purchase::{PurchaseStatus, PurchaseView};
use crate::score::Model;
use crate::touchpoint::Channel;

pub(super) const DAY: i64 = 86_400_000;

/// So many days after the beginning of 1970.
pub(super) fn day(days: i64) -> Timestamp {
    Timestamp(days * DAY)
}

pub(super) fn number(number: f64) -> Number {
    Number::try_from(number).unwrap()
}

/// Reads a model as it is stored.
pub(super) fn model(json: Value) -> Model {
    serde_json::from_value(json).unwrap()
}

/// A profile of which nothing is known, in a deployment of euros.
pub(super) fn nobody() -> History {
    History {
        traits: Map::new(),
        touchpoints: Vec::new(),
        purchases: Vec::new(),
        seen: None,
        stage: None,
        level: None,
        segments: [].into(),
        scores: [].into(),
        consents: [].into(),
        namespaces: [].into(),
        time_zone: chrono_tz::UTC,
        currency: "EUR".parse().unwrap(),
    }
}

pub(super) fn id(number: u32) -> TouchpointId {
    TouchpointId(Uuid::from_u128(number.into()))
}

/// A touchpoint of a name on the web, whose number is its id.
pub(super) fn happened(number: u32, name: &str, at: Timestamp) -> Happened {
    Happened {
        id: id(number),
        order: Order {
            occurred_at: at,
            received_at: at,
            position: 0,
            message_id: number.to_string(),
        },
        name: name.to_owned(),
        channel: Channel::Web,
        source: "shop".to_owned(),
        properties: Map::new(),
        active: true,
    }
}

/// Someone who did these things on these days, numbered in order.
pub(super) fn who_did(things: &[(&str, i64)]) -> History {
    let touchpoints = things.iter().zip(0_u32..);
    History {
        touchpoints: touchpoints
            .map(|((name, days), number)| happened(number, name, day(*days)))
            .collect(),
        ..nobody()
    }
}

/// A purchase, whose number is its id.
pub(super) fn bought(number: u32, at: Timestamp, net_minor: i64) -> (PurchaseId, PurchaseView) {
    let view = PurchaseView {
        status: PurchaseStatus::Placed,
        placed_at: Some(at),
        currency: "EUR".parse().unwrap(),
        amount_minor: net_minor,
        refunded_minor: 0,
        net_minor,
        counted: true,
        left_out: false,
        refunds_left_out: 0,
        lines: Vec::new(),
    };
    (PurchaseId(Uuid::from_u128(number.into())), view)
}
