//! What senders of requests are promised.

use std::io::Write;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use lazo_domain::clock::Timestamp;
use lazo_domain::touchpoint::Kind;
use proptest::prelude::*;
use rstest::rstest;
use serde_json::json;

use super::*;

const MAX: usize = 10_000;
const CAP: usize = 10 * 1024 * 1024;

fn gzip(bytes: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap().into()
}

fn batch(items: &[&[u8]]) -> Vec<u8> {
    [
        b"{\"batch\":[",
        items.join(&b","[..]).as_slice(),
        b"],\"sentAt\":\"2026-11-22T00:39:30.443Z\"}",
    ]
    .concat()
}

fn read_batch(body: &[u8]) -> Request<'_> {
    read(body, None, MAX).unwrap()
}

#[rstest]
#[case::plain(Bytes::from_static(b"{}"), None)]
#[case::identity(Bytes::from_static(b"{}"), Some("identity"))]
#[case::empty_header(Bytes::from_static(b"{}"), Some(""))]
#[case::gzip(gzip(b"{}"), Some("gzip"))]
#[case::upper_case(gzip(b"{}"), Some(" GZIP"))]
#[case::old_name(gzip(b"{}"), Some("x-gzip"))]
#[case::unannounced(gzip(b"{}"), None)]
#[case::two_members([gzip(b"{"), gzip(b"}")].concat().into(), Some("gzip"))]
fn a_body_is_inflated(#[case] body: Bytes, #[case] encoding: Option<&str>) {
    assert_eq!(inflate(body, encoding, 2).unwrap(), "{}");
}

#[rstest]
#[case::brotli(Bytes::from_static(b"{}"), Some("br"), BodyProblem::UnknownEncoding)]
#[case::twice(gzip(b"{}"), Some("gzip, gzip"), BodyProblem::UnknownEncoding)]
#[case::not_gzip(Bytes::from_static(b"{}"), Some("gzip"), BodyProblem::NotGzip)]
#[case::cut_off(gzip(b"{}").slice(..12), Some("gzip"), BodyProblem::NotGzip)]
#[case::plain_over_the_cap(Bytes::from_static(b"{    }"), None, BodyProblem::TooLarge)]
#[case::inflated_over_the_cap(gzip(b"{    }"), None, BodyProblem::TooLarge)]
fn what_cannot_be_inflated_is_refused(
    #[case] body: Bytes,
    #[case] encoding: Option<&str>,
    #[case] problem: BodyProblem,
) {
    assert_eq!(inflate(body, encoding, 5), Err(problem));
}

#[test]
fn a_bomb_stops_at_the_cap() {
    let bomb = gzip(&vec![b' '; 64 * 1024 * 1024]);
    assert!(bomb.len() < 100_000);
    assert_eq!(inflate(bomb, Some("gzip"), CAP), Err(BodyProblem::TooLarge));
}

#[test]
fn an_envelope_says_what_its_items_share() {
    let body = json!({
        "batch": [{"type": "track"}, 1],
        "sentAt": "2026-11-22T00:39:30.443Z",
        "context": {"ip": "192.0.2.1"},
        "integrations": {"All": true},
        "writeKey": "key",
        "other": 1e300,
    });
    let body = body.to_string();
    let request = read_batch(body.as_bytes());
    assert_eq!(request.envelope.sent_at, Some(Timestamp(1_795_307_970_443)));
    assert_eq!(
        request.envelope.context.as_ref().unwrap()["ip"],
        "192.0.2.1"
    );
    assert_eq!(request.envelope.integrations.as_ref().unwrap()["All"], true);
    assert_eq!(request.envelope.write_key.as_deref(), Some("key"));
    let raw: Vec<_> = request.items.iter().map(RawItem::raw).collect();
    assert_eq!(raw, [&b"{\"type\":\"track\"}"[..], b"1"]);
    assert_eq!(
        request.spread,
        2 * (r#"{"ip":"192.0.2.1"}"#.len() + r#"{"All":true}"#.len())
    );
    // The item of one field, and for each of the two items both shared fields twice.
    assert_eq!(request.values, 2 + 2 * (2 * (2 + 2)));
    assert!(!format!("{request:?}").contains("192.0.2.1"));
}

#[rstest]
#[case::of_an_endpoint(Some(Kind::Track), r#"{"event":"A","writeKey":"key","batch":[1]}"#)]
#[case::naming_its_type(None, r#"{"type":"track","writeKey":"key"}"#)]
#[case::with_blanks_around(Some(Kind::Page), " \n{\"writeKey\":\"key\"}\r\n")]
#[case::after_a_byte_order_mark(Some(Kind::Page), "\u{FEFF}{\"writeKey\":\"key\"}")]
#[case::with_a_name_no_text_can_hold(Some(Kind::Page), r#"{"\ud800":1,"writeKey":"key"}"#)]
fn a_body_without_a_batch_is_the_item(#[case] kind: Option<Kind>, #[case] body: &str) {
    let request = read(body.as_bytes(), kind, MAX).unwrap();
    let item = body.trim_start_matches('\u{FEFF}').trim();
    assert_eq!(request.items, [RawItem::Json(item.as_bytes())]);
    assert_eq!(request.envelope.write_key.as_deref(), Some("key"));
}

#[rstest]
#[case::nothing("", BodyProblem::NotJson { line: 1, column: 0 })]
#[case::cut_off(r#"{"batch":["#, BodyProblem::NotJson { line: 1, column: 10 })]
#[case::two_values("{} {}", BodyProblem::NotJson { line: 1, column: 4 })]
#[case::a_form("batch=%5B%5D", BodyProblem::NotJson { line: 1, column: 1 })]
#[case::a_list("[]", BodyProblem::NotAnObject)]
#[case::null("null", BodyProblem::NotAnObject)]
#[case::no_batch("{}", BodyProblem::NoBatch)]
#[case::batch_of_another_type(r#"{"batch":{}}"#, BodyProblem::BadBatch)]
#[case::null_batch(r#"{"batch":null}"#, BodyProblem::BadBatch)]
#[case::two_batches(r#"{"batch":[],"batch":[]}"#, BodyProblem::BadBatch)]
#[case::context_of_another_type(r#"{"batch":[],"context":1}"#, BodyProblem::BadShared { field: "context" })]
#[case::unreadable_integrations(r#"{"batch":[],"integrations":{"a":1e400}}"#, BodyProblem::BadShared { field: "integrations" })]
fn what_is_no_request_is_refused(#[case] body: &str, #[case] problem: BodyProblem) {
    assert_eq!(read(body.as_bytes(), None, MAX), Err(problem));
}

#[rstest]
#[case(r#"{"batch":[]}"#)]
#[case(r#"{"batch":[ ],"context":null,"sentAt":"never","writeKey":7}"#)]
fn an_empty_batch_is_a_request(#[case] body: &str) {
    let request = read_batch(body.as_bytes());
    assert!(request.items.is_empty());
    assert_eq!(request.envelope, EnvelopeFields::default());
}

#[rstest]
#[case::a_number_out_of_range(br#"{"properties":{"n":1e400}}"#.to_vec())]
#[case::a_lone_surrogate(br#"{"event":"\ud800"}"#.to_vec())]
#[case::deep_lists([b"[".repeat(10_000), b"]".repeat(10_000)].concat())]
#[case::deep_objects([br#"{"a":"#.repeat(10_000), b"1".to_vec(), b"}".repeat(10_000)].concat())]
#[case::no_object(b"\"text\"".to_vec())]
#[case::a_nul(br#"{"event":"\u0000"}"#.to_vec())]
fn an_item_that_cannot_be_held_leaves_its_neighbours_alone(#[case] bad: Vec<u8>) {
    let body = batch(&[b"{\"a\":1}", &bad, b"{\"b\":2}"]);
    let request = read_batch(&body);
    let expected = [
        RawItem::Json(b"{\"a\":1}"),
        RawItem::Json(&bad),
        RawItem::Json(b"{\"b\":2}"),
    ];
    assert_eq!(request.items, expected);
}

#[rstest]
#[case::known(
    b"{\"messageId\":\"m\\u0000\xC3\xA9\",\"event\":\"\xFF\xE2\x82\"}",
    Some("m\u{FFFD}\u{e9}")
)]
#[case::broken(b"{\"messageId\":\"m\xFF\"}", None)]
#[case::absent(b"{\"event\":\"\xF0\x9F\"}", None)]
fn an_item_that_is_not_utf8_keeps_its_bytes_and_its_neighbours(
    #[case] bad: &[u8],
    #[case] message_id: Option<&str>,
) {
    let first = "{\"a\":\"é\"}".as_bytes();
    let last = "{\"b\":\"?ü\"}".as_bytes();
    let body = batch(&[first, bad, last]);
    let request = read_batch(&body);
    let marked = RawItem::InvalidUtf8 {
        raw: bad,
        message_id: message_id.map(ToOwned::to_owned),
    };
    assert_eq!(
        request.items,
        [RawItem::Json(first), marked, RawItem::Json(last)]
    );
    assert!(request.envelope.sent_at.is_some());
}

#[test]
fn a_shared_field_that_is_not_utf8_is_refused() {
    let body = b"{\"batch\":[],\"context\":{\"a\":\"\xFF\"}}";
    assert_eq!(
        read(body, None, MAX),
        Err(BodyProblem::BadShared { field: "context" })
    );
}

#[rstest]
#[case(2_500, true)]
#[case(10_000, true)]
#[case(10_001, false)]
#[case(1_000_000, false)]
fn a_batch_has_at_most_ten_thousand_items(#[case] count: usize, #[case] taken: bool) {
    let body = batch(&vec![&b"{}"[..]; count]);
    match read(&body, None, MAX) {
        Ok(request) => assert_eq!((request.items.len(), taken), (count, true)),
        Err(problem) => assert_eq!((problem, taken), (BodyProblem::TooMany { max: MAX }, false)),
    }
}

#[test]
fn shared_fields_cannot_make_a_small_request_large() {
    let context = json!({"a": "x".repeat(100_000)});
    let body = |count| json!({"batch": vec![1; count], "context": context}).to_string();
    assert!(read(body(300).as_bytes(), None, MAX).is_ok());
    assert_eq!(
        read(body(400).as_bytes(), None, MAX),
        Err(BodyProblem::TooLarge)
    );
}

#[rstest]
#[case::as_deep_as_may_be(32, 0, true)]
#[case::too_deep(33, 0, false)]
#[case::as_full_as_may_be(2, 9_998, true)]
#[case::too_full(2, 9_999, false)]
fn shared_fields_nest_at_most_32_levels_and_hold_at_most_10_000_values(
    #[case] levels: usize,
    #[case] values: usize,
    #[case] taken: bool,
    #[values("context", "integrations")] field: &'static str,
) {
    let (open, close) = ("[".repeat(levels - 1), "]".repeat(levels - 1));
    let list = vec!["0"; values].join(",");
    let body = format!(r#"{{"batch":[],"{field}":{{"a":{open}{list}{close}}}}}"#);
    match read(body.as_bytes(), None, MAX) {
        Ok(_) => assert!(taken),
        Err(problem) => assert_eq!((problem, taken), (BodyProblem::BadShared { field }, false)),
    }
}

#[test]
fn the_values_of_what_is_refused_unread_are_not_counted() {
    let full = json!({"a": vec![0; 16_200]}).to_string();
    let large = json!({"a": vec![0; 1_000], "b": "x".repeat(32_768)}).to_string();
    let list = json!(vec![0; 1_000]).to_string();
    let good = json!({"a": vec![0; 1_000]}).to_string();
    let items = [full, large, list, good];
    let items: Vec<&[u8]> = items.iter().map(String::as_bytes).collect();
    assert_eq!(read_batch(&batch(&items)).values, 1_002);
    assert_eq!(
        read(items[3], Some(Kind::Track), MAX).unwrap().values,
        1_002
    );
}

#[test]
fn a_time_of_sending_that_is_a_list_is_none() {
    let body = json!({"batch": [], "sentAt": vec![0; 100_000]}).to_string();
    assert_eq!(read_batch(body.as_bytes()).envelope.sent_at, None);
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes: Vec<u8>, kind in prop::option::of(prop::sample::select(&Kind::ALL))) {
        let _ = read(&bytes, kind, 3);
        let _ = inflate(bytes.into(), Some("gzip"), 100);
    }

    #[test]
    fn nothing_that_looks_like_json_panics(text in r#"[{}\[\]",:0-9a-z\\ \xff]{0,60}"#) {
        let _ = read(text.as_bytes(), None, 3);
        let _ = read([b"{\"batch\":[".as_slice(), text.as_bytes(), b"]}"].concat().as_slice(), None, 3);
    }

    #[test]
    fn an_item_with_corrupted_texts_leaves_the_others_unchanged(
        texts in prop::collection::vec("\\PC{0,20}", 2..6),
        place: prop::sample::Index,
        rubbish in prop::collection::vec(0x80_u8.., 1..8),
    ) {
        let mut items: Vec<Vec<u8>> =
            texts.iter().map(|text| json!({"event": text}).to_string().into_bytes()).collect();
        let place = place.index(items.len());
        items[place] = [b"{\"event\":\"".as_slice(), &rubbish, b"\"}"].concat();
        let borrowed: Vec<&[u8]> = items.iter().map(Vec::as_slice).collect();
        let body = batch(&borrowed);
        let request = read_batch(&body);
        let raw: Vec<&[u8]> = request.items.iter().map(RawItem::raw).collect();
        prop_assert_eq!(raw, borrowed);
        let is_text = std::str::from_utf8(&rubbish).is_ok();
        for (at, item) in request.items.iter().enumerate() {
            prop_assert_eq!(matches!(item, RawItem::Json(_)), at != place || is_text);
        }
    }
}
