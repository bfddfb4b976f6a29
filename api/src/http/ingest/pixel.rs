//! The pixel: a touchpoint in the address of an image, for the opening of an email, which can send nothing else
//! (<https://segment.com/docs/connections/sources/catalog/libraries/server/pixel-tracking-api/>).

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::{Map, Value};
use url::form_urlencoded;

/// A transparent GIF of one pixel.
const GIF: &[u8; 43] =
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff\x21\xf9\x04\x01\x00\x00\x00\x00\
    \x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00\x3b";

/// How many names a parameter may join by dots, as in `context.traits.email`; what follows is part of the last one.
const LEVELS: usize = 4;

/// What the address of a pixel says.
pub(super) struct Pixel {
    /// The item, as a client of the protocol would send it.
    pub(super) body: Vec<u8>,
    /// The key of the source, if it is a parameter of its own.
    pub(super) key: Option<String>,
}

/// Reads the parameters: `data` is the item as JSON in base64, in either alphabet; else each one is a field of the item.
pub(super) fn read(query: &str) -> Option<Pixel> {
    let (mut data, mut key, mut fields) = (None, None, Map::new());
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "data" => data = Some(value),
            "writeKey" | "write_key" => key = super::key::in_body(Some(&value)),
            _ => put(&mut fields, &name, value.into_owned()),
        }
    }
    let body = match data {
        Some(data) => decode(&data)?,
        None => serde_json::to_vec(&fields).ok()?,
    };
    Some(Pixel { body, key })
}

/// The bytes of a `data`. A plus sign that was not escaped in the address arrives as a blank.
fn decode(data: &str) -> Option<Vec<u8>> {
    let standard = data.trim_end_matches('=').replace([' ', '-'], "+");
    STANDARD_NO_PAD.decode(standard.replace('_', "/")).ok()
}

/// Puts a text where a dotted name says; under the whole name where a part of it is no object.
fn put(fields: &mut Map<String, Value>, name: &str, text: String) {
    let mut place = &mut *fields;
    let mut parts = name.splitn(LEVELS, '.').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            place.insert(part.to_owned(), text.into());
            return;
        }
        let inner = place
            .entry(part)
            .or_insert_with(|| Value::Object(Map::new()));
        let Value::Object(inner) = inner else { break };
        place = inner;
    }
    fields.insert(name.to_owned(), text.into());
}

/// The image, which no cache keeps, so that each opening of an email asks for it.
pub(super) fn image() -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/gif")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, GIF.as_slice()).into_response()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case::flat("userId=u&event=A&properties.subject=Hola", json!({"userId": "u", "event": "A", "properties": {"subject": "Hola"}}))]
    #[case::deep("context.traits.email=a%40b.example", json!({"context": {"traits": {"email": "a@b.example"}}}))]
    #[case::too_deep("a.b.c.d.e=1", json!({"a": {"b": {"c": {"d.e": "1"}}}}))]
    #[case::both_text_and_object("a=1&a.b=2", json!({"a": "1", "a.b": "2"}))]
    #[case::none("", json!({}))]
    #[case::key("userId=u&writeKey=k", json!({"userId": "u"}))]
    #[case::data("data=eyJhIjoiPz8%2BIn0%3D&b=1", json!({"a": "??>"}))]
    #[case::data_without_escapes("data=eyJhIjoiPz8+In0=", json!({"a": "??>"}))]
    #[case::data_for_addresses("data=eyJhIjoiPz8-In0", json!({"a": "??>"}))]
    fn parameters_are_an_item(#[case] query: &str, #[case] item: Value) {
        let pixel = read(query).unwrap();
        assert_eq!(
            serde_json::from_slice::<Value>(&pixel.body).unwrap(),
            item,
            "{query}"
        );
        assert_eq!(pixel.key.is_some(), query.contains("writeKey"));
    }

    #[test]
    fn data_that_is_no_base64_is_nothing() {
        assert!(read("data=%00&writeKey=k").is_none());
    }
}
