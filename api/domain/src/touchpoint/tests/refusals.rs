//! Items that do not become touchpoints, and what their senders are told.

use rstest::rstest;
use serde_json::json;

use super::*;

#[rstest]
#[case::no_json("garbage", RefusalCode::NotAnObject)]
#[case::nothing("", RefusalCode::NotAnObject)]
#[case::a_list("[]", RefusalCode::NotAnObject)]
#[case::a_text(r#""track""#, RefusalCode::NotAnObject)]
#[case::null("null", RefusalCode::NotAnObject)]
#[case::number_out_of_range(
    r#"{"type":"track","event":"A","userId":"u","properties":{"n":1e400}}"#,
    RefusalCode::Unreadable
)]
#[case::lone_surrogate(
    r#"{"type":"track","event":"\ud83d","userId":"u"}"#,
    RefusalCode::Unreadable
)]
#[case::no_type(r#"{"userId":"u"}"#, RefusalCode::UnknownType)]
#[case::unknown_type(r#"{"userId":"u","type":"delete"}"#, RefusalCode::UnknownType)]
#[case::type_is_no_text(r#"{"userId":"u","type":1}"#, RefusalCode::UnknownType)]
#[case::no_event(r#"{"userId":"u","type":"track"}"#, RefusalCode::MissingEvent)]
#[case::blank_event(
    r#"{"userId":"u","type":"track","event":"  "}"#,
    RefusalCode::MissingEvent
)]
#[case::event_is_no_text(r#"{"userId":"u","type":"track","event":1}"#, RefusalCode::WrongType)]
#[case::no_group(
    r#"{"userId":"u","type":"group","groupId":""}"#,
    RefusalCode::MissingGroup
)]
#[case::no_previous_id(
    r#"{"userId":"u","type":"alias","previousId":null}"#,
    RefusalCode::MissingPreviousId
)]
#[case::traits_are_a_list(
    r#"{"userId":"u","type":"identify","traits":[]}"#,
    RefusalCode::WrongType
)]
#[case::group_traits_are_a_text(
    r#"{"userId":"u","type":"group","groupId":"g","traits":"a"}"#,
    RefusalCode::WrongType
)]
#[case::context_traits_are_a_text(
    r#"{"userId":"u","type":"identify","context":{"traits":"a"}}"#,
    RefusalCode::WrongType
)]
#[case::properties_are_a_text(
    r#"{"userId":"u","type":"page","properties":"a"}"#,
    RefusalCode::WrongType
)]
#[case::context_is_a_number(r#"{"userId":"u","type":"page","context":1}"#, RefusalCode::WrongType)]
#[case::nobody(r#"{"type":"page"}"#, RefusalCode::NoIdentifier)]
#[case::worthless(
    r#"{"type":"page","userId":"null","anonymousId":"undefined"}"#,
    RefusalCode::NoIdentifier
)]
#[case::id_is_a_list(r#"{"type":"page","userId":["a"]}"#, RefusalCode::NoIdentifier)]
#[case::message_id_is_an_object(
    r#"{"type":"page","userId":"u","messageId":{}}"#,
    RefusalCode::BadMessageId
)]
#[case::too_early(
    r#"{"type":"page","userId":"u","timestamp":"1969-12-31"}"#,
    RefusalCode::TooEarly
)]
fn an_unusable_item_is_refused_with_its_reason(#[case] raw: &str, #[case] code: RefusalCode) {
    let refusal = refuse(raw);
    assert_eq!(refusal.code, code);
    let rejected = code == RefusalCode::NotAnObject;
    assert_eq!(refusal.disposition == Disposition::Rejected, rejected);
}

#[test]
fn the_field_of_a_wrong_type_is_named() {
    let refusal = refuse(r#"{"userId":"u","type":"page","properties":"secret"}"#);
    assert_eq!(
        refusal.to_string(),
        "WRONG_TYPE: The field properties is not an object."
    );
}

#[rstest]
#[case::accepted(MAX_ITEM_BYTES, None)]
#[case::refused(MAX_ITEM_BYTES + 1, Some(RefusalCode::EventTooLarge))]
fn an_item_of_32_kib_is_the_largest(#[case] bytes: usize, #[case] code: Option<RefusalCode>) {
    let item = |filling: usize| {
        json!({"type": "page", "userId": "u", "messageId": "m1", "filling": "x".repeat(filling)})
            .to_string()
    };
    let raw = item(bytes - item(0).len());
    assert_eq!(raw.len(), bytes);
    let refusal = decode_in(raw.as_bytes(), &envelope()).err();
    assert_eq!(refusal.as_ref().map(|refusal| refusal.code), code);
    assert_eq!(
        refusal.and_then(|refusal| refusal.message_id),
        code.map(|_| "m1".to_owned())
    );
}

#[test]
fn nesting_without_end_is_refused_and_the_item_still_named() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let refusal = refuse(&format!(
        r#"{{"messageId":"m1","type":"page","userId":"u","x":{deep}}}"#
    ));
    assert_eq!(refusal.code, RefusalCode::Unreadable);
    assert_eq!(refusal.message_id.as_deref(), Some("m1"));
}

/// A page whose lists and objects nest that many levels, itself included.
fn page_nesting(levels: usize) -> String {
    let (open, close) = ("[".repeat(levels - 1), "]".repeat(levels - 1));
    format!(r#"{{"messageId":"m1","type":"page","userId":"u","x":{open}{close}}}"#)
}

#[test]
fn an_item_nests_at_most_32_levels() {
    let text = json!("[{".repeat(40)).to_string();
    assert!(decode_in(page_nesting(32).as_bytes(), &envelope()).is_ok());
    assert!(decode_in(page_nesting(32).replace("m1", "[]").as_bytes(), &envelope()).is_ok());
    let quoted = format!(r#"{{"type":"page","userId":"u","x":{text},"y":"\"[{{"}}"#);
    assert!(decode_in(quoted.as_bytes(), &envelope()).is_ok());
    let refusal = refuse(&page_nesting(33));
    assert_eq!(refusal.code, RefusalCode::Unreadable);
    assert_eq!(refusal.disposition, Disposition::Quarantined);
    assert_eq!(refusal.message_id.as_deref(), Some("m1"));
}

#[rstest]
#[case(32, true)]
#[case(33, false)]
fn what_lies_under_an_item_nests_at_most_32_levels(#[case] levels: usize, #[case] taken: bool) {
    let mut shared = Map::new();
    for _ in 1..levels {
        shared = [("a".to_owned(), Value::Object(shared))]
            .into_iter()
            .collect();
    }
    let raw = br#"{"messageId":"m1","type":"identify","userId":"u"}"#;
    for envelope in [
        Envelope {
            context: Some(&shared),
            ..envelope()
        },
        Envelope {
            integrations: Some(&shared),
            ..envelope()
        },
    ] {
        match decode_in(raw, &envelope) {
            Ok(_) => assert!(taken),
            Err(refusal) => {
                assert_eq!((refusal.code, taken), (RefusalCode::Unreadable, false));
                assert_eq!(refusal.message_id.as_deref(), Some("m1"));
            }
        }
    }
}

#[test]
fn an_item_holds_at_most_10_000_values() {
    // The item itself, its four fields and the values of the list; a list counts for one more than it holds.
    let page = |values: usize| {
        json!({"type": "page", "userId": "u", "messageId": "m1", "x": vec![0; values - 5]})
            .to_string()
    };
    let text = json!({"type": "page", "userId": "u", "x": ",".repeat(20_000)});
    assert!(decode_in(page(10_000).as_bytes(), &envelope()).is_ok());
    assert_eq!(values_built(page(10_000).as_bytes()), 10_000);
    accept(&text);
    let refusal = refuse(&page(10_001));
    assert_eq!(
        refusal.to_string(),
        "TOO_MANY_VALUES: The item holds more than 10,000 values."
    );
    assert_eq!(refusal.disposition, Disposition::Quarantined);
    assert_eq!(refusal.message_id.as_deref(), Some("m1"));
    assert_eq!(values_built(page(10_001).as_bytes()), 0);
}

#[rstest]
#[case::track(json!({"type": "track", "userId": "u"}), "event")]
#[case::page(json!({"type": "page", "userId": "u"}), "name")]
fn names_have_at_most_200_characters(#[case] mut item: Value, #[case] field: &str) {
    item[field] = json!("ä".repeat(200));
    assert_eq!(accept(&item).name.chars().count(), 200);
    item[field] = json!("ä".repeat(201));
    assert_eq!(refuse(&item.to_string()).code, RefusalCode::NameTooLong);
}

#[test]
fn an_identify_has_at_most_500_traits_with_names_of_200_characters() {
    let identify =
        |traits: Map<String, Value>| json!({"type": "identify", "userId": "u", "traits": traits});
    let many = |n: usize| (0..n).map(|i| (format!("t{i}"), json!(i))).collect();
    assert_eq!(accept(&identify(many(500))).traits.len(), 500);
    assert_eq!(
        refuse(&identify(many(501)).to_string()).code,
        RefusalCode::TooManyTraits
    );
    let long = [("n".repeat(201), json!(1))].into_iter().collect();
    assert_eq!(
        refuse(&identify(long).to_string()).code,
        RefusalCode::NameTooLong
    );
}

#[test]
fn a_message_id_has_at_most_100_characters() {
    let page = |id: &str| json!({"type": "page", "userId": "u", "messageId": id});
    assert_eq!(
        accept(&page(&"ä".repeat(100))).message_id.chars().count(),
        100
    );
    assert_eq!(
        refuse(&page(&"a".repeat(101)).to_string()).code,
        RefusalCode::BadMessageId
    );
}

#[test]
fn an_item_has_at_most_20_identifiers() {
    let page = |n: usize| {
        let ids: Vec<_> = (0..n)
            .map(|i| json!({"id": format!("v{i}"), "type": "loyalty_card"}))
            .collect();
        json!({"type": "page", "context": {"externalIds": ids}})
    };
    assert_eq!(accept(&page(20)).claims.len(), 20);
    assert_eq!(
        refuse(&page(21).to_string()).code,
        RefusalCode::TooManyIdentifiers
    );
}

#[test]
fn a_refusal_names_the_client_s_message_id_and_none_of_its_values() {
    let refusal = refuse(r#"{"messageId":"m1","type":"track","userId":"secret"}"#);
    assert_eq!(refusal.message_id.as_deref(), Some("m1"));
    assert!(!format!("{refusal:?}{refusal}").contains("secret"));
    assert_eq!(refuse(r#"{"type":"track"}"#).message_id, None);
}

#[test]
fn every_code_is_spelled_in_capitals_and_digits_once() {
    let codes: std::collections::BTreeSet<&str> =
        RefusalCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(codes.len(), RefusalCode::ALL.len());
    assert!(codes.iter().all(|code| {
        code.bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    }));
}
