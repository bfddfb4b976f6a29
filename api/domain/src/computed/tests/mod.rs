//! What computed traits promise.

mod checks;
mod generate;
mod laws;
mod naive;
mod purchases;
mod sentences;
mod touchpoints;
mod windows;

use serde_json::{Value, json};

use super::{Computed, Definition, value};
use crate::clock::Timestamp;
use crate::condition::evaluate::{Evidence, Known};
use crate::condition::generate::History;

/// Reads a definition as it is stored.
fn definition(of: &Value, window: &Value) -> Definition {
    serde_json::from_value(json!({"name": "it", "of": of, "window": window})).unwrap()
}

/// A definition over all touchpoints whenever, by what they are brought to.
fn of_touchpoints(measure: &Value) -> Definition {
    definition(
        &json!({"touchpoints": {"measure": measure}}),
        &json!("ever"),
    )
}

/// A definition over all purchases whenever, by what they are brought to.
fn of_purchases(measure: &Value) -> Definition {
    definition(&json!({"purchases": {"measure": measure}}), &json!("ever"))
}

fn computed(definition: &Definition, history: &History, now: Timestamp) -> Known<Computed> {
    value(definition, &history.facts(), now)
}

/// The value, where null is none.
fn shown(computed: &Computed) -> Value {
    computed.value.clone().unwrap_or_default()
}

/// The ids of touchpoints or purchases, as short numbers, and how many there are.
fn decided(computed: &Computed) -> (Vec<u128>, usize) {
    match &computed.evidence {
        Evidence::None => (Vec::new(), 0),
        Evidence::Touchpoints(named) => {
            let ids = named.ids.iter().map(|id| id.0.as_u128()).collect();
            (ids, named.total)
        }
        Evidence::Purchases(named) => {
            let ids = named.ids.iter().map(|id| id.0.as_u128()).collect();
            (ids, named.total)
        }
    }
}
