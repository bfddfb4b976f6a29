//! What becomes of single fields.

use rstest::rstest;
use serde_json::json;

use super::*;

fn identify(traits: &Value) -> Touchpoint {
    accept(&json!({"type": "identify", "userId": "u1", "traits": traits}))
}

#[test]
fn own_traits_win_over_those_of_the_context() {
    let item = json!({
        "type": "identify", "userId": "u1",
        "traits": {"plan": "pro", "gone": null}, "context": {"traits": {"plan": "free", "age": 3, "gone": 1}}
    });
    let traits = serde_json::to_value(accept(&item).traits).unwrap();
    assert_eq!(traits, json!({"plan": "pro", "age": 3, "gone": null}));
}

#[test]
fn numbers_are_identifiers_too_and_stay_in_the_payload_as_numbers() {
    let touchpoint =
        accept(&json!({"type": "track", "event": "A", "userId": 4711, "messageId": 12}));
    assert_eq!(claims(&touchpoint), ["customer_id=4711"]);
    assert_eq!(touchpoint.message_id, "12");
    assert_eq!(
        Value::Object(touchpoint.extra),
        json!({"userId": 4711, "messageId": 12})
    );
}

#[test]
fn an_item_without_a_message_id_gets_the_assigned_one() {
    let base = json!({"type": "track", "event": "A", "userId": "u1"});
    for absent in [json!(null), json!("")] {
        let mut item = base.clone();
        item["messageId"] = absent;
        let touchpoint = accept(&item);
        assert_eq!(touchpoint.message_id, ASSIGNED);
        assert_eq!(touchpoint.content, accept(&base).content);
    }
}

#[test]
fn a_worthless_identifier_is_dropped_but_stays_in_the_payload() {
    let item = json!({"type": "track", "event": "A", "userId": "undefined", "anonymousId": "a1"});
    let touchpoint = accept(&item);
    assert_eq!(claims(&touchpoint), ["anonymous_id=a1"]);
    assert_eq!(touchpoint.dropped.len(), 1);
    assert_eq!(touchpoint.dropped[0].field, "userId");
    assert_eq!(touchpoint.notes, [Note::IdentifierDropped]);
    assert_eq!(touchpoint.extra["userId"], "undefined");
}

#[rstest]
#[case(json!({"phone": "030 1234567"}), "phone=+49301234567")]
#[case(json!({"instagram": "@Some.One"}), "instagram=some.one")]
fn contact_traits_are_identifiers(#[case] traits: Value, #[case] claim: &str) {
    assert_eq!(claims(&identify(&traits)), ["customer_id=u1", claim]);
}

#[test]
fn an_account_described_by_an_object_is_a_trait_and_no_identifier() {
    let touchpoint = identify(&json!({"facebook": {"likes": 3}, "x": 7}));
    assert_eq!(claims(&touchpoint), ["customer_id=u1"]);
    assert!(touchpoint.dropped.is_empty());
}

#[test]
fn the_context_identifies_by_device_and_by_external_ids() {
    let touchpoint = accept(&json!({"type": "track", "event": "A", "context": {
        "device": {"id": "d1", "advertisingId": "ad1", "token": "t1", "model": "m"},
        "externalIds": [
            {"id": "b1", "type": "brazeId", "collection": "users", "encoding": "none"},
            {"id": "acc", "type": "account_id", "collection": "accounts"},
            {"id": "u1", "type": "user_id"},
            {"id": "x", "type": ""},
            {"type": "empty"},
        ]
    }}));
    assert_eq!(
        claims(&touchpoint),
        [
            "device_id=d1",
            "advertising_id=ad1",
            "push_token=t1",
            "braze_id=b1",
            "customer_id=u1"
        ]
    );
    assert_eq!(touchpoint.dropped.len(), 1);
    assert_eq!(touchpoint.dropped[0].field, "context.externalIds[3]");
}

#[test]
fn an_identifier_said_twice_is_claimed_once() {
    let touchpoint = accept(&json!({"type": "track", "event": "A", "userId": "u1",
        "context": {"externalIds": [{"id": "u1", "type": "user_id"}]}}));
    assert_eq!(claims(&touchpoint), ["customer_id=u1"]);
}

#[test]
fn null_characters_become_replacement_characters_in_names_and_values() {
    let touchpoint = accept(
        &json!({"type": "track", "event": "A\0", "userId": "u1", "properties": {
            "a\0": ["b\0", {"c\0": 1}], "a\u{FFFD}": "kept"
        }}),
    );
    assert_eq!(touchpoint.name, "A\u{FFFD}");
    assert_eq!(
        Value::Object(touchpoint.properties),
        json!({"a\u{FFFD}\u{FFFD}": ["b\u{FFFD}", {"c\u{FFFD}": 1}], "a\u{FFFD}": "kept"})
    );
    assert_eq!(touchpoint.notes, [Note::TextCleaned]);
}

#[test]
fn what_the_request_says_lies_under_what_the_item_says() {
    let context = json!({"ip": "1.1.1.1", "locale": "de"});
    let integrations = json!({"All": false});
    let envelope = Envelope {
        context: context.as_object(),
        integrations: integrations.as_object(),
        sent_at: Some(RECEIVED.plus_millis(-10)),
        ..envelope()
    };
    let item = json!({"type": "track", "event": "A", "userId": "u1", "context": {"locale": "fr"}});
    let touchpoint = decode_in(item.to_string().as_bytes(), &envelope).unwrap();
    assert_eq!(
        Value::Object(touchpoint.context),
        json!({"ip": "1.1.1.1", "locale": "fr"})
    );
    assert_eq!(touchpoint.extra["integrations"], integrations);
    assert_eq!(touchpoint.clocks.sent_at, envelope.sent_at);
    assert_ne!(
        touchpoint.content,
        accept(&item).content,
        "the request's context is content"
    );
}

#[test]
fn the_endpoint_decides_the_kind() {
    let envelope = Envelope {
        kind: Some(Kind::Page),
        ..envelope()
    };
    let page = decode_in(br#"{"userId":"u1","type":"track"}"#, &envelope).unwrap();
    assert_eq!(page.kind, Kind::Page);
    assert_eq!(page.extra["type"], "track");
}

#[test]
fn an_inactive_context_does_not_count_as_seen() {
    let track = |context| {
        accept(&json!({"type": "track", "event": "A", "userId": "u1", "context": context}))
    };
    assert!(!track(json!({"active": false})).active);
    assert!(track(json!({"active": true})).active);
    assert!(track(json!({})).active);
}

#[test]
fn the_original_time_wins_over_the_timestamp_and_unreadable_times_stay_in_the_payload() {
    let touchpoint = accept(&json!({"type": "track", "event": "A", "userId": "u1",
        "originalTimestamp": "soon", "timestamp": "2024-01-15T12:00:00+02:00", "sentAt": []}));
    assert_eq!(
        touchpoint.clocks.occurred_at.to_string(),
        "2024-01-15T10:00:00.000Z"
    );
    assert_eq!(touchpoint.clocks.sent_at, None);
    assert_eq!(touchpoint.notes, [Note::UnreadableTime]);
    let extra = json!({"originalTimestamp": "soon", "timestamp": "2024-01-15T12:00:00+02:00", "sentAt": []});
    assert_eq!(Value::Object(touchpoint.extra), extra);
}

#[test]
fn a_write_key_is_never_stored() {
    let touchpoint =
        accept(&json!({"type": "track", "event": "A", "userId": "u1", "writeKey": "wk"}));
    assert!(touchpoint.extra.is_empty());
}

#[test]
fn debugging_shows_nothing_of_the_person() {
    let item = json!({"type": "identify", "userId": "secret-1", "messageId": "secret-2",
        "traits": {"email": "secret@example.com", "phone": "secret"}, "secret": 1});
    assert!(!format!("{:?}", accept(&item)).contains("secret"));
}
