//! Tables of cases: what conditions mean at their edges, through both engines.

mod days;
mod profiles;
mod purchases;
mod scores;
mod standing;
mod templates;
mod times;
mod touchpoints;
mod values;

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::Condition;
use lazo_domain::condition::generate::Happened;
use lazo_domain::condition::generate::History;
use lazo_domain::id::TouchpointId;
use lazo_domain::money::Currency;
use lazo_domain::profile::Order;
use lazo_domain::touchpoint::Channel;
use serde_json::Map;
use serde_json::Value;
use uuid::Uuid;

use crate::condition::sql::tests::world::World;

pub(super) const HOUR: i64 = 3_600_000;

pub(super) const DAY: i64 = 24 * HOUR;

pub(super) fn euro() -> Currency {
    "EUR".parse().unwrap()
}

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

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
        currency: euro(),
    }
}

/// A person with these traits.
pub(super) fn with_traits(traits: &Value) -> History {
    History {
        traits: traits.as_object().cloned().unwrap(),
        ..nobody()
    }
}

/// A touchpoint on the web at an instant, whose number is its id.
pub(super) fn happened(
    number: u32,
    name: &str,
    occurred_at: Timestamp,
    properties: &Value,
) -> Happened {
    Happened {
        id: TouchpointId(Uuid::from_u128(number.into())),
        order: Order {
            occurred_at,
            received_at: occurred_at,
            position: 0,
            message_id: number.to_string(),
        },
        name: name.to_owned(),
        channel: Channel::Web,
        source: "shop".to_owned(),
        properties: properties.as_object().cloned().unwrap(),
        active: true,
    }
}

/// Whether each condition holds for one person at an instant, by the database and by the evaluator.
pub(super) async fn hold(
    person: History,
    cases: impl IntoIterator<Item = (Value, Timestamp, bool)>,
) {
    hold_in(&World::of(vec![person], euro()).await, cases).await;
}

/// The same in a world of one person.
pub(super) async fn hold_in(
    world: &World,
    cases: impl IntoIterator<Item = (Value, Timestamp, bool)>,
) {
    for (json, now, holds) in cases {
        let condition: Condition = serde_json::from_value(json.clone()).unwrap();
        let decided = !world.decided(&condition, now).is_empty();
        assert_eq!(decided, holds, "the evaluator says of {json} at {now}");
        let selected = !world.selected(&condition, now).await.is_empty();
        assert_eq!(selected, holds, "the database says of {json} at {now}");
    }
}
