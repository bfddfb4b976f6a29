//! Items as clients put them on the wire.

use rstest::rstest;
use serde_json::json;

use super::*;

#[rstest]
#[case::segment_node(json!({
    "timestamp": "2026-11-22T00:39:30.422Z", "integrations": {}, "type": "identify", "userId": "u1", "anonymousId": "a1",
    "traits": {"email": "A@example.com", "age": 33, "createdAt": "2020-01-01T00:00:00.000Z", "nothing": null},
    "context": {"library": {"name": "@segment/analytics-node", "version": "3.1.0"}},
    "messageId": "node-next-1795307970422-f53fbea5", "_metadata": {"nodeVersion": "v20.20.2", "jsRuntime": "node"}
}), &["customer_id=u1", "anonymous_id=a1", "email=a@example.com"])]
#[case::rudder_node(json!({
    "type": "identify", "userId": "u1", "anonymousId": "a1", "channel": "server", "originalTimestamp": "2026-11-22T00:39:30.422Z",
    "sentAt": "2026-11-22T00:39:30.443Z", "traits": {"email": "a@example.com", "age": 33},
    "context": {"traits": {"email": "a@example.com", "age": 33}, "library": {"name": "analytics-node", "version": "3.0.13"}},
    "messageId": "0b7c7b0e-0ad5-4d4c-a6f3-0d7c5fe5a8b1", "_metadata": {"nodeVersion": "20.20.2"}
}), &["customer_id=u1", "anonymous_id=a1", "email=a@example.com"])]
#[case::segment_python(json!({
    "type": "identify", "userId": "u1", "anonymousId": null, "timestamp": "2026-11-22T00:39:30.422+00:00", "integrations": {},
    "traits": {"email": "a@example.com", "age": 33, "createdAt": "2020-01-01T00:00:00"},
    "context": {"library": {"name": "analytics-python", "version": "2.4.0"}}, "messageId": "a6a1b2"
}), &["customer_id=u1", "email=a@example.com"])]
#[case::rudder_python(json!({
    "type": "identify", "userId": "u1", "anonymousId": null, "timestamp": "2026-11-22T00:39:30.422235+00:00",
    "integrations": {"All": true}, "channel": "server",
    "context": {"traits": {"email": "a@example.com", "age": 33}, "library": {"name": "analytics-python", "version": "2.1.9"}},
    "messageId": "a6a1b2"
}), &["customer_id=u1", "email=a@example.com"])]
#[case::jitsu(json!({
    "type": "identify", "userId": "u1", "anonymousId": "a1", "timestamp": "2026-11-22T00:39:30.422Z",
    "sentAt": "2026-11-22T00:39:30.443Z", "traits": {"email": "a@example.com", "age": 33}, "writeKey": "keyid:***",
    "context": {"traits": {"email": "a@example.com", "age": 33}, "page": {}, "screen": {}, "campaign": {}, "clientIds": {}},
    "messageId": "1k9q2b7yc3h8w0z5x4vd"
}), &["customer_id=u1", "anonymous_id=a1", "email=a@example.com"])]
#[case::analytics_next(json!({
    "timestamp": "2026-11-22T00:39:30.422Z", "integrations": {}, "userId": "u1", "anonymousId": "a1", "type": "identify",
    "traits": {"email": "a@example.com", "age": 33},
    "context": {"page": {"path": "/"}, "userAgent": "Mozilla/5.0", "locale": "en-US", "timezone": "Europe/Berlin"},
    "messageId": "ajs-next-1795307970422-1f0b", "writeKey": "wk", "sentAt": "2026-11-22T00:39:30.443Z", "_metadata": {}
}), &["customer_id=u1", "anonymous_id=a1", "email=a@example.com"])]
#[case::rudder_js(json!({
    "type": "identify", "channel": "web", "userId": "u1", "anonymousId": "a1", "originalTimestamp": "2026-11-22T00:39:30.422Z",
    "sentAt": "2026-11-22T00:39:30.443Z", "integrations": {"All": true}, "event": null, "properties": null,
    "context": {"traits": {"email": "a@example.com", "age": 33}, "sessionId": 1_795_307_970, "library": {"name": "RudderLabs JavaScript SDK"}},
    "messageId": "9ddc6c2f"
}), &["customer_id=u1", "anonymous_id=a1", "email=a@example.com"])]
fn every_client_identifies_the_same_person(#[case] item: Value, #[case] expected: &[&str]) {
    let touchpoint = accept(&item);
    assert_eq!(touchpoint.kind, Kind::Identify);
    assert_eq!(touchpoint.name, "Identify");
    assert_eq!(claims(&touchpoint), expected);
    assert_eq!(touchpoint.traits.get("age"), Some(&json!(33)));
    assert_eq!(
        touchpoint.clocks.occurred_at.to_string(),
        "2026-11-22T00:39:30.422Z"
    );
    assert_eq!(touchpoint.message_id, item["messageId"].as_str().unwrap());
    assert_eq!(touchpoint.notes, []);
    assert!(touchpoint.dropped.is_empty());
}

#[rstest]
#[case::node(json!({"type": "page", "properties": {"url": "https://e.com/"}, "category": "Docs", "name": "Home", "anonymousId": "a1"}), "Home")]
#[case::python_without_name(json!({"type": "page", "anonymousId": "a1", "name": null, "category": null, "properties": {}}), "Page Viewed")]
#[case::jitsu(json!({"type": "page", "anonymousId": "a1", "userId": null, "properties": {"name": "Home"}}), "Home")]
#[case::rudder_js(json!({"type": "page", "anonymousId": "a1", "userId": "", "name": "Home", "properties": {"name": "Home", "initial_referrer": "$direct"}}), "Home")]
#[case::screen(json!({"type": "screen", "properties": {}, "name": "Main", "userId": "u1"}), "Main")]
#[case::screen_without_name(json!({"type": "screen", "userId": "u1"}), "Screen Viewed")]
fn a_page_is_named_by_whatever_field_the_client_uses(#[case] item: Value, #[case] name: &str) {
    assert_eq!(accept(&item).name, name);
}

#[test]
fn an_anonymous_event_of_a_browser_has_no_customer_id() {
    for absent in [json!(""), json!(null)] {
        let item =
            json!({"type": "track", "event": "Clicked", "userId": absent, "anonymousId": "a1"});
        let touchpoint = accept(&item);
        assert_eq!(claims(&touchpoint), ["anonymous_id=a1"]);
        assert!(touchpoint.dropped.is_empty() && touchpoint.extra.is_empty());
    }
}

#[test]
fn a_group_keeps_its_id_and_its_traits() {
    let item =
        json!({"type": "group", "traits": {"name": "Acme"}, "groupId": "g1", "userId": "u1"});
    let touchpoint = accept(&item);
    assert_eq!(touchpoint.name, "Group");
    assert!(touchpoint.traits.is_empty());
    assert_eq!(
        Value::Object(touchpoint.extra),
        json!({"traits": {"name": "Acme"}, "groupId": "g1"})
    );
}

#[test]
fn an_alias_names_the_other_id() {
    let touchpoint = accept(&json!({"type": "alias", "userId": "u1", "previousId": " old1 "}));
    assert_eq!(touchpoint.alias_of.as_deref(), Some("old1"));
    assert_eq!(claims(&touchpoint), ["customer_id=u1"]);
}

#[rstest]
#[case::of_itself_as_analytics_next_sends_it(json!({"type": "alias", "userId": "u1", "previousId": "u1"}), 0)]
#[case::of_nobody(json!({"type": "alias", "userId": "u1", "previousId": "undefined"}), 1)]
fn an_alias_of_nothing_means_nothing(#[case] item: Value, #[case] dropped: usize) {
    let touchpoint = accept(&item);
    assert_eq!(touchpoint.alias_of, None);
    assert_eq!(touchpoint.dropped.len(), dropped);
    assert_eq!(touchpoint.extra["previousId"], item["previousId"]);
}

#[test]
fn an_email_event_belongs_to_its_recipient() {
    for recipient in [
        json!({"context": {"traits": {"email": "a@example.com"}}}),
        json!({"properties": {"email": "a@example.com"}}),
    ] {
        let mut item = json!({"action": "track", "event": "Email Opened", "user_id": "u1"});
        item.as_object_mut()
            .unwrap()
            .extend(recipient.as_object().unwrap().clone());
        let touchpoint = accept(&item);
        assert_eq!(touchpoint.channel, Channel::Email);
        assert_eq!(
            claims(&touchpoint),
            ["customer_id=u1", "email=a@example.com"]
        );
        assert!(
            touchpoint.traits.is_empty(),
            "only an identify changes traits"
        );
    }
}

#[test]
fn an_email_in_the_properties_of_another_event_identifies_nobody() {
    let item = json!({"type": "track", "event": "Invite Sent", "userId": "u1", "properties": {"email": "b@example.com"}});
    assert_eq!(claims(&accept(&item)), ["customer_id=u1"]);
}

#[test]
fn an_order_event_says_what_it_says_about_the_order() {
    let item = json!({
        "timestamp": "2024-01-15T10:00:00.000Z", "integrations": {"All": true}, "event": "Order Completed", "type": "track",
        "properties": {"order_id": "o1", "revenue": 12.5, "products": [{"product_id": "p1"}]},
        "context": {"ip": "8.8.8.8", "consent": {"categoryPreferences": {"Advertising": false}}}, "userId": "u1",
        "messageId": "my-mid-1"
    });
    let touchpoint = accept(&item);
    assert!(touchpoint.order.is_some());
    assert_eq!(
        touchpoint.clocks.occurred_at.to_string(),
        "2024-01-15T10:00:00.000Z"
    );
    let page = json!({"type": "page", "name": "Order Completed", "userId": "u1", "properties": {"order_id": "o1", "revenue": 12.5}});
    assert!(accept(&page).order.is_none());
}

#[rstest]
#[case::amount(json!({"order_id": "o1", "revenue": "much"}), Note::AmountUnreadable)]
#[case::order_id(json!({"revenue": 12.5}), Note::OrderUnreadable)]
fn an_order_event_that_cannot_be_read_is_a_touchpoint_with_a_note(
    #[case] properties: Value,
    #[case] note: Note,
) {
    let item = json!({"type": "track", "event": "Order Completed", "userId": "u1", "properties": properties});
    let touchpoint = accept(&item);
    assert_eq!(touchpoint.order, None);
    assert_eq!(touchpoint.notes, [note]);
    assert_eq!(Value::Object(touchpoint.properties), item["properties"]);
}
