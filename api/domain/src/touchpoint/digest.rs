//! Digests by which a second delivery of the same item is recognised.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Fields that differ between two deliveries of the same event, or only say who delivers it.
const DELIVERY_FIELDS: [&str; 7] = [
    "sentAt",
    "sent_at",
    "receivedAt",
    "received_at",
    "_metadata",
    "writeKey",
    "write_key",
];

/// The ledger's key of a message id: the first 128 bits of its SHA-256.
pub fn message_digest(message_id: &str) -> Uuid {
    first_128_bits(Sha256::new_with_prefix(message_id))
}

/// The digest of what an item says: its canonical JSON, with names sorted, without the fields of its delivery and without nulls,
/// so that a message id which the server had to assign does not count.
pub(super) fn content_digest(fields: &Map<String, Value>) -> Uuid {
    let mut hash = Sha256::new();
    let said = |(name, value): &(&String, &Value)| {
        !DELIVERY_FIELDS.contains(&name.as_str()) && !value.is_null() && value.as_str() != Some("")
    };
    hash_object(&mut hash, fields.iter().filter(said));
    first_128_bits(hash)
}

fn first_128_bits(hash: Sha256) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    Uuid::from_bytes(bytes)
}

fn hash_object<'a>(hash: &mut Sha256, members: impl Iterator<Item = (&'a String, &'a Value)>) {
    let mut members: Vec<_> = members.collect();
    members.sort_unstable_by_key(|(name, _)| *name);
    hash.update(b"{");
    for (name, value) in members {
        hash_text(hash, name);
        hash_value(hash, value);
    }
    hash.update(b"}");
}

fn hash_value(hash: &mut Sha256, value: &Value) {
    match value {
        Value::Null => hash.update(b"n"),
        Value::Bool(true) => hash.update(b"t"),
        Value::Bool(false) => hash.update(b"f"),
        Value::Number(number) => {
            hash.update(b"#");
            hash_text(hash, &number.to_string());
        }
        Value::String(text) => hash_text(hash, text),
        Value::Array(values) => {
            hash.update(b"[");
            for value in values {
                hash_value(hash, value);
            }
            hash.update(b"]");
        }
        Value::Object(map) => hash_object(hash, map.iter()),
    }
}

/// A text is preceded by its length, so that no two sequences of texts run into the same bytes.
fn hash_text(hash: &mut Sha256, text: &str) {
    hash.update(text.len().to_string());
    hash.update(b"\"");
    hash.update(text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn digest(value: &Value) -> Uuid {
        content_digest(value.as_object().unwrap())
    }

    #[test]
    fn a_message_digest_is_the_head_of_sha_256() {
        let digest = message_digest("abc");
        assert_eq!(
            digest.simple().to_string(),
            "ba7816bf8f01cfea414140de5dae2223"
        );
    }

    #[test]
    fn different_contents_have_different_digests() {
        let contents = [
            json!({"a": "1"}),
            json!({"a": 1}),
            json!({"a": ["1"]}),
            json!({"a": {"1": "b"}}),
            json!({"a": ["1", "b"]}),
            json!({"a": ["1b"]}),
            json!({"a": null, "b": "1"}),
            json!({"a": {"sentAt": 1}}),
            json!({"a": {"sentAt": 2}}),
        ];
        for (i, one) in contents.iter().enumerate() {
            for other in &contents[i + 1..] {
                assert_ne!(digest(one), digest(other), "{one} {other}");
            }
        }
    }

    #[test]
    fn what_differs_between_deliveries_does_not_count() {
        let first = json!({"event": "A", "sentAt": "1", "_metadata": {"n": 1}, "messageId": ""});
        let second = json!({"event": "A", "sent_at": "2", "writeKey": "k", "receivedAt": 3});
        assert_eq!(digest(&first), digest(&second));
    }
}
