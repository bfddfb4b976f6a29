//! Hand-made facts for tables of cases.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::condition::Number;
use crate::condition::evaluate::{Decision, Facts, Values, decide};
use crate::condition::generate::{Happened, History};
use crate::condition::{Condition, Span};
use crate::id::{PurchaseId, TouchpointId};
use crate::money::Money;
use crate::profile::Order;
use crate::purchase::{Line, PurchaseStatus, PurchaseView};
use crate::touchpoint::Channel;

/// Reads a condition as it is stored.
pub(crate) fn condition(json: Value) -> Condition {
    serde_json::from_value(json).unwrap()
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// So many hours after the beginning of 1970.
pub(crate) fn hour(hours: i64) -> Timestamp {
    Timestamp(hours * 3_600_000)
}

/// A span of hours, as it is stored.
pub(crate) fn span(hours: i64) -> Value {
    json!(hour(hours).0)
}

pub(crate) fn number(number: f64) -> Number {
    Number::try_from(number).unwrap()
}

/// A profile of which nothing is known, in a deployment of this currency.
pub(crate) fn nobody(currency: &str) -> History {
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
        currency: currency.parse().unwrap(),
    }
}

/// A touchpoint of a name on the web, at an hour, whose number is its id.
pub(crate) fn happened(number: u32, name: &str, hours: i64, properties: &Value) -> Happened {
    Happened {
        id: touchpoint(number),
        order: Order {
            occurred_at: hour(hours),
            received_at: hour(hours),
            position: 0,
            message_id: number.to_string(),
        },
        name: name.to_owned(),
        channel: Channel::Web,
        source: "shop".to_owned(),
        properties: properties.as_object().cloned().unwrap_or_default(),
        active: true,
    }
}

pub(crate) fn touchpoint(number: u32) -> TouchpointId {
    TouchpointId(Uuid::from_u128(number.into()))
}

pub(crate) fn purchase_id(number: u32) -> PurchaseId {
    PurchaseId(Uuid::from_u128(number.into()))
}

/// A purchase in euros at an hour, whose number is its id.
pub(crate) fn bought(
    number: u32,
    hours: i64,
    net_minor: i64,
    lines: Vec<Line>,
) -> (PurchaseId, PurchaseView) {
    let view = PurchaseView {
        status: PurchaseStatus::Placed,
        placed_at: Some(hour(hours)),
        currency: "EUR".parse().unwrap(),
        amount_minor: net_minor,
        refunded_minor: 0,
        net_minor,
        counted: true,
        left_out: false,
        refunds_left_out: 0,
        lines,
    };
    (purchase_id(number), view)
}

/// So many of a product of a category, at a price in euro cents.
pub(crate) fn line(product: &str, category: &str, minor: i64, quantity: i64) -> Line {
    Line {
        product_id: Some(product.to_owned()),
        sku: None,
        name: None,
        category: Some(category.to_owned()),
        brand: None,
        variant: None,
        price: Some(Money {
            minor,
            currency: "EUR".parse().unwrap(),
        }),
        quantity,
    }
}

pub(crate) fn answer(holds: bool, until: Option<Timestamp>) -> Decision {
    Decision { holds, until }
}

/// Decides a trait test of one value.
pub(crate) fn of_trait(value: &Value, test: &Value, now: Timestamp) -> Decision {
    let history = nobody("EUR");
    let mut facts: Facts<'_> = history.facts();
    facts.traits = Values::of([("it", value)]);
    let test = condition(json!({"trait": {"name": "it", "test": test}}));
    decide(&test, &facts, now)
}

/// A span as the model has it.
pub(crate) fn hours(hours: i64) -> Span {
    Span::try_from(hour(hours).0).unwrap()
}
