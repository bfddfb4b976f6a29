//! Splitting: from a body to its envelope and the bytes of each item.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use lazo_domain::clock::Timestamp;
use lazo_domain::touchpoint::{Kind, MAX_MESSAGE_ID_CHARS, Shape, read_instant, values_built};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::BodyProblem;

/// The most bytes that the shared fields of a request may take once they are laid under each of its items: 32 MiB. Without it a
/// small request could take any amount of memory.
pub const MAX_SPREAD_BYTES: usize = 32 * 1024 * 1024;

/// What all items of a request share, as the request says it.
#[derive(Clone, Default, PartialEq)]
pub struct EnvelopeFields {
    /// When the client sent the request, by its own clock.
    pub sent_at: Option<Timestamp>,
    /// What lies under each item's `context`.
    pub context: Option<Map<String, Value>>,
    /// What lies under each item's `integrations`.
    pub integrations: Option<Map<String, Value>>,
    /// The key of the source, where the body has it: a credential.
    pub write_key: Option<String>,
}

/// Shows which fields there are: they hold a credential and personal data.
impl fmt::Debug for EnvelopeFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnvelopeFields")
            .field("sent_at", &self.sent_at)
            .field("context", &self.context.is_some())
            .field("integrations", &self.integrations.is_some())
            .field("write_key", &self.write_key.is_some())
            .finish()
    }
}

/// One item as it came.
#[derive(Clone, PartialEq, Eq)]
pub enum RawItem<'a> {
    /// JSON of any type, which may still say what nothing can hold, such as `1e400`.
    Json(&'a [u8]),
    /// An item with bytes in it that are not UTF-8.
    InvalidUtf8 {
        /// The bytes as they came.
        raw: &'a [u8],
        /// The item's message id, if that is readable.
        message_id: Option<String>,
    },
}

impl<'a> RawItem<'a> {
    /// The bytes as they came.
    pub fn raw(&self) -> &'a [u8] {
        match self {
            Self::Json(raw) | Self::InvalidUtf8 { raw, .. } => raw,
        }
    }

    /// How many JSON values decoding builds of it at most.
    fn values(&self) -> usize {
        match self {
            Self::Json(raw) => values_built(raw),
            Self::InvalidUtf8 { .. } => 0,
        }
    }
}

/// Shows the size and nothing of the person.
impl fmt::Debug for RawItem<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Json(_) => "Json",
            Self::InvalidUtf8 { .. } => "InvalidUtf8",
        };
        f.debug_tuple(name).field(&self.raw().len()).finish()
    }
}

/// A request: what its items share, and the items in their order.
#[derive(Clone, Debug, PartialEq)]
pub struct Request<'a> {
    /// What the items share.
    pub envelope: EnvelopeFields,
    /// The items.
    pub items: Vec<RawItem<'a>>,
    /// How many bytes the shared fields take once they are laid under each item.
    pub spread: usize,
    /// How many JSON values decoding builds at most.
    pub values: usize,
}

/// Splits a body into its items.
///
/// `kind` is the one call that the endpoint takes: then the body is the item. Without it the body is an envelope with a `batch`, or
/// an item that names its own `type`. No nesting and no number in an item does harm here: items are skipped, not read.
pub fn read(body: &[u8], kind: Option<Kind>, max_items: usize) -> Result<Request<'_>, BodyProblem> {
    // Some clients begin with a byte order mark, which is no JSON (RFC 8259, section 8.1, lets a reader pass over it).
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let body = Text::new(body.trim_ascii());
    let fields = body.fields()?;
    let write_key = fields.write_key.and_then(|raw| body.value(raw));
    match fields.batch {
        Some(batch) if kind.is_none() => body.envelope(&fields, batch, write_key, max_items),
        None if kind.is_none() && !fields.names_type => Err(BodyProblem::NoBatch),
        _ => {
            let item = body.item(&body.readable);
            Ok(Request {
                envelope: EnvelopeFields {
                    write_key,
                    ..EnvelopeFields::default()
                },
                values: item.values(),
                items: vec![item],
                spread: 0,
            })
        }
    }
}

/// A body, and beside it a text of the same length in which every byte that is not UTF-8 is a question mark. What the text says of
/// places holds for the bytes.
struct Text<'a> {
    bytes: &'a [u8],
    readable: Cow<'a, str>,
}

impl<'a> Text<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let readable = match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => Cow::Owned(masked(bytes)),
        };
        Self { bytes, readable }
    }

    fn fields(&self) -> Result<Fields<'_>, BodyProblem> {
        let looks_like_object = self.readable.starts_with('{');
        let read = if looks_like_object {
            serde_json::from_str::<Fields<'_>>(&self.readable)
        } else {
            // Only to tell JSON of another type from what is no JSON.
            serde_json::from_str::<&RawValue>(&self.readable).map(|_| Fields::default())
        };
        let fields = read.map_err(|error| BodyProblem::NotJson {
            line: error.line(),
            column: error.column(),
        })?;
        if !looks_like_object {
            return Err(BodyProblem::NotAnObject);
        }
        if fields.two_batches {
            return Err(BodyProblem::BadBatch);
        }
        Ok(fields)
    }

    fn envelope(
        &self,
        fields: &Fields<'_>,
        batch: &RawValue,
        write_key: Option<String>,
        max_items: usize,
    ) -> Result<Request<'a>, BodyProblem> {
        if !batch.get().starts_with('[') {
            return Err(BodyProblem::BadBatch);
        }
        // That it is a list of JSON values is known, so only their number can be wrong.
        let items = serde_json::Deserializer::from_str(batch.get())
            .deserialize_seq(AtMost(max_items))
            .map_err(|_| BodyProblem::TooMany { max: max_items })?;
        let shared: Vec<&str> = [fields.context, fields.integrations]
            .into_iter()
            .flatten()
            .map(RawValue::get)
            .collect();
        let shared_bytes: usize = shared.iter().map(|raw| raw.len()).sum();
        let spread = shared_bytes.saturating_mul(items.len());
        if spread > MAX_SPREAD_BYTES {
            return Err(BodyProblem::TooLarge);
        }
        // No list or object is an instant, and one may hold any number of values.
        let sent_at = fields
            .sent_at
            .filter(|raw| !raw.get().starts_with(['[', '{']))
            .and_then(|raw| self.value::<Value>(raw));
        let envelope = EnvelopeFields {
            sent_at: sent_at.as_ref().and_then(read_instant),
            context: self.shared("context", fields.context)?,
            integrations: self.shared("integrations", fields.integrations)?,
            write_key,
        };
        let items: Vec<_> = items
            .into_iter()
            .map(|item| self.item(item.get()))
            .collect();
        // Each item holds the shared fields twice: in its content, and in the envelope that it is kept with.
        let shared_values = shared
            .iter()
            .map(|raw| Shape::of(raw.as_bytes()).values)
            .sum::<usize>()
            .saturating_mul(items.len().saturating_mul(2));
        let own_values: usize = items.iter().map(RawItem::values).sum();
        Ok(Request {
            envelope,
            items,
            spread,
            values: own_values.saturating_add(shared_values),
        })
    }

    /// An object that all items share; null is none.
    fn shared(
        &self,
        field: &'static str,
        raw: Option<&RawValue>,
    ) -> Result<Option<Map<String, Value>>, BodyProblem> {
        let Some(raw) = raw else { return Ok(None) };
        let shape = Shape::of(raw.get().as_bytes());
        if shape.is_too_deep() || shape.is_too_full() {
            return Err(BodyProblem::BadShared { field });
        }
        self.value(raw).ok_or(BodyProblem::BadShared { field })
    }

    fn item(&self, part: &str) -> RawItem<'a> {
        let raw = self.original(part);
        if matches!(self.readable, Cow::Borrowed(_)) || std::str::from_utf8(raw).is_ok() {
            return RawItem::Json(raw);
        }
        RawItem::InvalidUtf8 {
            raw,
            message_id: self.message_id(part),
        }
    }

    /// The message id of an item that is not UTF-8 elsewhere.
    fn message_id(&self, item: &str) -> Option<String> {
        #[derive(Deserialize)]
        struct Glimpse<'a> {
            #[serde(rename = "messageId", alias = "message_id", borrow)]
            message_id: &'a RawValue,
        }
        let glimpse: Glimpse<'_> = serde_json::from_str(item).ok()?;
        let message_id = self
            .value::<String>(glimpse.message_id)?
            .replace('\0', "\u{FFFD}");
        let usable = !message_id.is_empty() && message_id.chars().count() <= MAX_MESSAGE_ID_CHARS;
        usable.then_some(message_id)
    }

    /// A part of the body, read from its own bytes.
    fn value<T: serde::de::DeserializeOwned>(&self, raw: &RawValue) -> Option<T> {
        serde_json::from_slice(self.original(raw.get())).ok()
    }

    /// The bytes of a part of the text.
    fn original(&self, part: &str) -> &'a [u8] {
        let start = part
            .as_ptr()
            .addr()
            .saturating_sub(self.readable.as_ptr().addr());
        let place: Range<usize> = start..start.saturating_add(part.len());
        self.bytes.get(place).unwrap_or_default()
    }
}

fn masked(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(std::iter::repeat_n('?', chunk.invalid().len()));
    }
    text
}

/// The fields of a body that say something of the request, each as it is written.
#[derive(Default)]
struct Fields<'t> {
    batch: Option<&'t RawValue>,
    two_batches: bool,
    sent_at: Option<&'t RawValue>,
    context: Option<&'t RawValue>,
    integrations: Option<&'t RawValue>,
    write_key: Option<&'t RawValue>,
    names_type: bool,
}

impl<'de: 't, 't> Deserialize<'de> for Fields<'t> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;

        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
                let mut fields = Fields::default();
                // A name may be a text that nothing can hold, so it is taken as it is written.
                while let Some((name, value)) = map.next_entry::<&'de RawValue, &'de RawValue>()? {
                    let name: Option<Cow<'de, str>> = serde_json::from_str(name.get()).ok();
                    fields.take(name.as_deref().unwrap_or_default(), value);
                }
                Ok(fields)
            }
        }

        deserializer.deserialize_map(FieldsVisitor)
    }
}

impl<'t> Fields<'t> {
    fn take(&mut self, name: &str, value: &'t RawValue) {
        match name {
            "batch" => self.two_batches |= self.batch.replace(value).is_some(),
            "sentAt" | "sent_at" => self.sent_at = Some(value),
            "context" => self.context = Some(value),
            "integrations" => self.integrations = Some(value),
            "writeKey" | "write_key" => self.write_key = Some(value),
            "type" | "action" => self.names_type = true,
            _ => {}
        }
    }
}

/// Takes the elements of a list, and fails at the first one too many.
struct AtMost(usize);

impl<'de> Visitor<'de> for AtMost {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {} values", self.0)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            if items.len() == self.0 {
                return Err(serde::de::Error::invalid_length(self.0 + 1, &self));
            }
            items.push(item);
        }
        Ok(items)
    }
}
