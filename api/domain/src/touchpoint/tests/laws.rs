//! Laws that hold for every item.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Map, json};

use super::*;

/// Any JSON, often with names that mean something.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop_oneof![
            Just("track"),
            Just("identify"),
            Just("alias"),
            Just("2026-11-22T00:39:30Z"),
            Just("a@b.de")
        ]
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 8, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map(any_name(), inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_name() -> impl Strategy<Value = String> {
    let known = [
        "type",
        "event",
        "name",
        "userId",
        "user_id",
        "anonymousId",
        "previousId",
        "groupId",
        "messageId",
        "timestamp",
        "originalTimestamp",
        "sentAt",
        "receivedAt",
        "context",
        "properties",
        "traits",
        "email",
        "phone",
        "device",
        "id",
        "externalIds",
        "collection",
        "integrations",
        "active",
        "channel",
        "order_id",
        "total",
        "instagram",
    ];
    prop_oneof![3 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => any::<String>()]
}

/// An item that is accepted: any fields, of which those that decide have the right type.
fn usable_item() -> impl Strategy<Value = Map<String, Value>> {
    let kind = prop::sample::select(vec![
        "track", "identify", "page", "screen", "group", "alias",
    ]);
    let object = || btree_map("[a-z]{1,8}", any::<i32>().prop_map(Value::from), 0..5);
    let extra = btree_map(
        "[a-z\\x00]{1,12}|_metadata|channel|version",
        any_json(),
        0..6,
    );
    (kind, extra, object(), object(), object()).prop_map(|(kind, extra, properties, context, traits)| {
        let mut item: Map<String, Value> = extra.into_iter().collect();
        let fixed = json!({
            "type": kind, "event": "Clicked", "name": "Home", "userId": "u1", "anonymousId": "a1", "previousId": "old",
            "groupId": "g1", "messageId": "m1", "timestamp": "2026-11-22T00:39:30.422Z", "properties": properties,
            "context": context, "traits": traits
        });
        item.extend(fixed.as_object().cloned().unwrap_or_default());
        item
    })
}

/// The value within that many lists and objects more.
fn wrapped(value: Value, levels: usize) -> Value {
    (0..levels).fold(value, |value, level| {
        if level % 2 == 0 {
            json!([value])
        } else {
            json!({ "in": value })
        }
    })
}

/// How many values there are, and how deep they nest, by the plainest means.
fn shape_of(value: &Value) -> (usize, usize) {
    let parts: Vec<_> = match value {
        Value::Array(values) => values.iter().map(shape_of).collect(),
        Value::Object(map) => map.values().map(shape_of).collect(),
        _ => return (1, 0),
    };
    let values = parts.iter().map(|part| part.0).sum::<usize>();
    let depth = parts.iter().map(|part| part.1).max().unwrap_or_default();
    (values + 1, depth + 1)
}

fn decode_map(item: &Map<String, Value>) -> Touchpoint {
    accept(&Value::Object(item.clone()))
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in vec(any::<u8>(), 0..200)) {
        let _ = decode_in(&bytes, &envelope());
        let _ = decode_in(&[b"{".as_slice(), &bytes].concat(), &envelope());
    }

    #[test]
    fn no_json_panics(fields in btree_map(any_name(), any_json(), 0..12), kind in prop::sample::select(&Kind::ALL)) {
        let item = Value::Object(fields.into_iter().collect()).to_string();
        let _ = decode_in(item.as_bytes(), &envelope());
        let _ = decode_in(item.as_bytes(), &Envelope { kind: Some(kind), ..envelope() });
    }

    #[test]
    fn the_shape_of_a_text_is_told_from_its_bytes(value in any_json()) {
        let shape = Shape::of(value.to_string().as_bytes());
        let (values, depth) = shape_of(&value);
        prop_assert_eq!(shape.depth, depth);
        prop_assert!(shape.values >= values && shape.values <= 2 * values);
    }

    #[test]
    fn what_is_accepted_can_be_read_back_from_where_it_lies_deeper(
        kind in prop::sample::select(&Kind::ALL), own in any_json(), shared in any_json(), field in any_name(), own_levels in 0_usize..36,
        shared_levels in 0_usize..36,
    ) {
        let own = wrapped(own, own_levels);
        let item = json!({
            "event": "Clicked", "name": "Home", "userId": "u1", "previousId": "old", "groupId": "g1",
            "traits": { &field: &own }, "properties": { &field: &own }, "context": { "traits": { "own": &own } }, "x": own,
        });
        let shared: Map<String, Value> =
            [(field, wrapped(shared, shared_levels))].into_iter().collect();
        let fits = shape_of(&item).1 <= MAX_DEPTH && shape_of(&json!(shared)).1 <= MAX_DEPTH;
        let envelope =
            Envelope { kind: Some(kind), context: Some(&shared), integrations: Some(&shared), ..envelope() };
        match decode_in(item.to_string().as_bytes(), &envelope) {
            Ok(touchpoint) => {
                prop_assert!(fits);
                let held = json!([touchpoint.traits, touchpoint.properties, touchpoint.context, touchpoint.extra]);
                let deeper = wrapped(held, 8);
                prop_assert_eq!(serde_json::from_str::<Value>(&deeper.to_string()).unwrap(), deeper);
            }
            Err(refusal) => prop_assert!(!fits || refusal.code != RefusalCode::Unreadable, "{}", refusal),
        }
    }

    #[test]
    fn a_second_delivery_has_the_same_content(item in usable_item(), sent in any_json(), received in any_json()) {
        let mut again = item.clone();
        again.insert("sentAt".to_owned(), sent);
        again.insert("receivedAt".to_owned(), received);
        again.insert("_metadata".to_owned(), json!({"retry": 1}));
        let (first, second) = (decode_map(&item), decode_map(&again));
        prop_assert_eq!(first.content, second.content);
        prop_assert_eq!(first.digest, second.digest);
    }

    #[test]
    fn another_content_has_another_digest(item in usable_item(), value: i64) {
        let mut other = item.clone();
        other.insert("said".to_owned(), json!(value));
        prop_assert_ne!(decode_map(&item).content, decode_map(&other).content);
    }

    #[test]
    fn nothing_an_item_says_is_lost(item in usable_item()) {
        let raw = json!(item).to_string();
        let touchpoint = decode_in(raw.as_bytes(), &envelope()).unwrap();
        let mut said = touchpoint.extra.clone();
        let claimed = claims(&touchpoint);
        prop_assert!(claimed.contains(&"customer_id=u1".to_owned()) && claimed.contains(&"anonymous_id=a1".to_owned()));
        said.insert("userId".to_owned(), json!("u1"));
        said.insert("anonymousId".to_owned(), json!("a1"));
        said.insert("type".to_owned(), json!(touchpoint.kind.as_str().to_lowercase()));
        said.insert("messageId".to_owned(), json!(touchpoint.message_id));
        said.insert("timestamp".to_owned(), json!(touchpoint.clocks.original_at.unwrap_or_default().to_string()));
        said.insert("properties".to_owned(), Value::Object(touchpoint.properties.clone()));
        said.insert("context".to_owned(), Value::Object(touchpoint.context.clone()));
        match touchpoint.kind {
            Kind::Track => said.insert("event".to_owned(), json!(touchpoint.name)),
            Kind::Page | Kind::Screen => said.insert("name".to_owned(), json!(touchpoint.name)),
            Kind::Identify => said.insert("traits".to_owned(), json!(touchpoint.traits)),
            Kind::Alias => said.insert("previousId".to_owned(), json!(touchpoint.alias_of)),
            Kind::Group => None,
        };
        if touchpoint.notes.contains(&Note::TextCleaned) {
            // What was cleaned is said under another name, and still there.
            prop_assert_eq!(said.len(), item.len());
        } else {
            prop_assert_eq!(said, serde_json::from_str::<Map<String, Value>>(&raw).unwrap());
        }
    }
}
