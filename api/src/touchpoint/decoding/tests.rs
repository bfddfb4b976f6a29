//! What becomes of the items of a request.

use lazo_domain::id::SourceId;
use lazo_domain::touchpoint::Disposition;
use serde_json::json;

use super::*;
use crate::touchpoint::reading::read;

const RECEIVED: Timestamp = Timestamp(1_795_307_971_000);

fn source() -> Arc<source::Model> {
    Arc::new(source::Model {
        id: SourceId(Uuid::from_u128(1)),
        name: "Shop".into(),
        channel: "WEB".into(),
        trusted: true,
        live: true,
        shop: "shop".into(),
        region: Some("ES".into()),
        links_known: false,
        allowed_origins: json!([]),
        key_hash: String::new(),
        key_hint: String::new(),
        second_key_hash: None,
        second_key_hint: None,
        created_at: Timestamp(0),
        archived_at: None,
        version: 1,
    })
}

fn rules() -> DecodingRules {
    DecodingRules {
        earliest_event: Timestamp(0),
        worthless: Worthless::default(),
        currency: "EUR".parse().unwrap(),
    }
}

fn decode_body(body: &[u8], kind: Option<Kind>) -> Vec<Incoming> {
    let request = read(body, kind, 10_000).unwrap();
    let mut next = 0;
    let mut assign = || {
        next += 1;
        Uuid::from_u128(next)
    };
    incoming(&request, &source(), kind, RECEIVED, &rules(), &mut assign)
}

fn touchpoint(content: &Content) -> &Touchpoint {
    match content {
        Content::Touchpoint(touchpoint) => touchpoint,
        Content::Refused { refusal, .. } => panic!("refused: {refusal}"),
    }
}

fn refusal(content: &Content) -> (&Refusal, Uuid) {
    match content {
        Content::Touchpoint(_) => panic!("not refused"),
        Content::Refused { refusal, digest } => (refusal, *digest),
    }
}

#[test]
fn an_item_decodes_once_more_to_the_same() {
    let body = json!({
        "batch": [{"type": "page", "userId": "u"}, {
            "type": "track", "event": "A", "userId": "u", "timestamp": "2026-11-22T00:30:00Z",
        }],
        "sentAt": "2026-11-22T00:20:31Z",
        "context": {"ip": "192.0.2.1"},
        "integrations": {"All": false},
    });
    for item in decode_body(body.to_string().as_bytes(), None) {
        let kept = Kept::deserialize(serde_json::to_value(&item.envelope).unwrap()).unwrap();
        let first = touchpoint(&item.content);
        let assigned = first.message_id.parse().unwrap();
        let second = again(&item.raw, &kept, &source(), &rules(), assigned);
        assert_eq!(touchpoint(&second), first);
        assert_eq!(first.context["ip"], "192.0.2.1");
    }
}

#[test]
fn the_call_of_the_endpoint_is_kept_for_a_replay() {
    let items = decode_body(br#"{"userId":"u"}"#, Some(Kind::Track));
    assert_eq!(refusal(&items[0].content).0.code, RefusalCode::MissingEvent);
    let written = json!({"kind": "TRACK", "position": 0, "receivedAt": RECEIVED.0});
    assert_eq!(serde_json::to_value(&items[0].envelope).unwrap(), written);
    let kept = Kept::deserialize(written).unwrap();
    let mended = br#"{"userId":"u","event":"A"}"#;
    let content = again(mended, &kept, &source(), &rules(), Uuid::from_u128(9));
    assert_eq!(touchpoint(&content).name, "A");
    assert_eq!(
        touchpoint(&content).message_id,
        Uuid::from_u128(9).to_string()
    );
}

#[test]
fn an_envelope_of_something_else_is_an_error() {
    assert!(Kept::deserialize(json!({})).is_err());
}

#[test]
fn a_refused_item_is_known_by_its_message_id_else_by_its_bytes() {
    let items = decode_body(
        br#"{"batch":[{"type":"track","messageId":"m","userId":"u"},{"type":"x"},{"type":"x"},7]}"#,
        None,
    );
    let known: Vec<_> = items.iter().map(|item| refusal(&item.content)).collect();
    assert_eq!(known[0].1, message_digest("m"));
    assert_eq!(known[1].1, known[2].1);
    assert_ne!(known[1].1, known[3].1);
    assert_eq!(known[3].0.disposition, Disposition::Rejected);
    assert_eq!(items[3].raw, b"7");
}

#[test]
fn an_item_that_is_not_utf8_is_refused_now_and_on_replay() {
    let raw = b"{\"type\":\"track\",\"messageId\":\"m\",\"event\":\"\xFF\",\"userId\":\"u\"}";
    let body = [b"{\"batch\":[", raw.as_slice(), b"]}"].concat();
    let items = decode_body(&body, None);
    let (refused, digest) = refusal(&items[0].content);
    assert_eq!(
        (refused.code, digest),
        (RefusalCode::InvalidUtf8, message_digest("m"))
    );
    assert_eq!(items[0].raw, raw);
    let content = again(raw, &items[0].envelope, &source(), &rules(), Uuid::nil());
    assert_eq!(refusal(&content).0.code, RefusalCode::InvalidUtf8);
}

#[test]
fn an_item_without_an_id_gets_one_of_its_own() {
    let items = decode_body(
        br#"{"batch":[{"type":"page","userId":"u"},{"type":"page","userId":"u","messageId":""}]}"#,
        None,
    );
    let ids: Vec<_> = items.iter().filter_map(Incoming::message_id).collect();
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1]);
    assert!(ids.iter().all(|id| id.parse::<Uuid>().is_ok()));
}
