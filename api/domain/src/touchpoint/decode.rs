//! Decoding: from the bytes of one item to a touchpoint or a refusal.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::identifiers::{self, Identifiers, Places};
use super::item::Item;
use super::refusal::Refusal;
use super::shape::{MAX_DEPTH, Shape, nests_deeper};
use super::{
    Channel, Kind, Note, RefusalCode, Touchpoint, channel, clocks, digest, machine, name, traits,
};
use crate::clock::Timestamp;
use crate::identity::Worthless;
use crate::money::Currency;
use crate::purchase::{OrderEvent, OrderProblem};

/// The largest item in bytes: 32 KiB, as in Segment's own service. Clients send larger ones, which are quarantined one by one.
pub const MAX_ITEM_BYTES: usize = 32_768;

/// The longest message id in characters.
pub const MAX_MESSAGE_ID_CHARS: usize = 100;

/// What all items of one request share.
#[derive(Clone, Copy)]
pub struct Envelope<'a> {
    /// When the server received the request.
    pub received_at: Timestamp,
    /// When the client sent the request by its own clock, if it says so and it can be read (see
    /// [`read_instant`](super::read_instant)).
    pub sent_at: Option<Timestamp>,
    /// The kind that the endpoint fixes; `None` if each item says its own.
    pub kind: Option<Kind>,
    /// The request's `context`, which lies under each item's and counts as part of its content. What the server itself adds, such
    /// as an address that changes between two deliveries, does not belong here.
    pub context: Option<&'a Map<String, Value>>,
    /// The request's `integrations`, which lie under each item's.
    pub integrations: Option<&'a Map<String, Value>>,
}

/// What the source says about all its items.
#[derive(Clone, Copy, Debug)]
pub struct SourceProfile<'a> {
    /// Where its touchpoints happen, unless the event itself says it.
    pub channel: Channel,
    /// The ISO 3166 country of telephone numbers without one.
    pub region: Option<&'a str>,
}

/// The deployment's rules for items.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// What happened before is quarantined.
    pub earliest_event: Timestamp,
    /// Values that identify nobody.
    pub worthless: &'a Worthless,
    /// The deployment's currency.
    pub currency: &'a Currency,
}

/// Decodes one item.
///
/// `position` is its place in the request from 0, and `assigned_message_id` becomes its id if it has none.
///
/// # Errors
/// The refusal says why the item is no touchpoint, and whether it is to be kept in quarantine.
pub fn decode(
    raw: &[u8],
    position: u32,
    envelope: &Envelope<'_>,
    source: &SourceProfile<'_>,
    rules: &Rules<'_>,
    assigned_message_id: &str,
) -> Result<Touchpoint, Refusal> {
    let mut item = Item::new(read_object(raw)?);
    let shared = [envelope.context, envelope.integrations];
    // An envelope may come out of storage, so that it was checked when the request arrived is not known here.
    if shared
        .into_iter()
        .flatten()
        .any(|object| nests_deeper(object, MAX_DEPTH))
    {
        return Err(Refusal::from(RefusalCode::Unreadable).of(glimpse_message_id(raw)));
    }
    item.merge("context", envelope.context);
    item.merge("integrations", envelope.integrations);
    let cleaned = item.clean();
    let content = digest::content_digest(item.fields());
    let own_id = take_message_id(&mut item)?;
    let message_id = own_id.as_deref().unwrap_or(assigned_message_id).to_owned();
    let decoder = Decoder {
        position,
        envelope,
        source,
        rules,
        message_id,
        content,
        cleaned,
    };
    decoder.decode(item).map_err(|refusal| refusal.of(own_id))
}

/// How many JSON values [`decode`] builds of an item at most, told from its bytes: none of an item that it refuses before.
pub fn values_built(raw: &[u8]) -> usize {
    measure(raw).map_or(0, |shape| shape.values)
}

/// Refuses what no value may be built of.
fn measure(raw: &[u8]) -> Result<Shape, RefusalCode> {
    if raw.trim_ascii_start().first() != Some(&b'{') {
        return Err(RefusalCode::NotAnObject);
    }
    if raw.len() > MAX_ITEM_BYTES {
        return Err(RefusalCode::EventTooLarge);
    }
    let shape = Shape::of(raw);
    if shape.is_too_deep() {
        return Err(RefusalCode::Unreadable);
    }
    if shape.is_too_full() {
        return Err(RefusalCode::TooManyValues);
    }
    Ok(shape)
}

/// Reads an item that is small enough as an object.
fn read_object(raw: &[u8]) -> Result<Map<String, Value>, Refusal> {
    let read =
        measure(raw).and_then(|_| serde_json::from_slice(raw).map_err(|_| RefusalCode::Unreadable));
    read.map_err(|code| match code {
        RefusalCode::NotAnObject => code.into(),
        _ => Refusal::from(code).of(glimpse_message_id(raw)),
    })
}

/// The message id of an item that is not read as a whole, so that its sender can tell which it was.
fn glimpse_message_id(raw: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Glimpse<'a> {
        #[serde(rename = "messageId", alias = "message_id", borrow)]
        message_id: Cow<'a, str>,
    }
    let glimpse: Glimpse<'_> = serde_json::from_slice(raw).ok()?;
    let message_id = glimpse.message_id.replace('\0', "\u{FFFD}");
    (!message_id.is_empty() && is_short_enough(&message_id)).then_some(message_id)
}

fn is_short_enough(message_id: &str) -> bool {
    message_id.len() <= MAX_MESSAGE_ID_CHARS || message_id.chars().count() <= MAX_MESSAGE_ID_CHARS
}

/// Takes the client's own message id out of the item. A number stays, since a text says less.
fn take_message_id(item: &mut Item) -> Result<Option<String>, Refusal> {
    let Some((field, value)) = item.peek(&["messageId", "message_id"]) else {
        return Ok(None);
    };
    let message_id = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return Err(RefusalCode::BadMessageId.into()),
    };
    if !is_short_enough(&message_id) {
        return Err(RefusalCode::BadMessageId.into());
    }
    item.remove_if_held(field, &message_id);
    Ok(Some(message_id))
}

/// Everything about the item that is known before its fields are taken apart.
struct Decoder<'a> {
    position: u32,
    envelope: &'a Envelope<'a>,
    source: &'a SourceProfile<'a>,
    rules: &'a Rules<'a>,
    message_id: String,
    content: uuid::Uuid,
    cleaned: bool,
}

impl Decoder<'_> {
    fn decode(self, mut item: Item) -> Result<Touchpoint, Refusal> {
        let mut notes: Vec<Note> = self
            .cleaned
            .then_some(Note::TextCleaned)
            .into_iter()
            .collect();
        let kind = take_kind(&mut item, self.envelope.kind)?;
        let context = item.take_object("context")?;
        let properties = item.take_object("properties")?;
        let own_traits = take_traits(&mut item, kind)?;
        let no_traits = Map::new();
        let context_traits = match context.get("traits") {
            None | Some(Value::Null) => &no_traits,
            Some(Value::Object(traits)) => traits,
            Some(_) => return Err(Refusal::wrong_type("context.traits", "an object")),
        };
        let name = name::take(&mut item, kind, &properties)?;
        if kind == Kind::Group && item.peek(&["groupId", "group_id"]).is_none() {
            return Err(RefusalCode::MissingGroup.into());
        }
        let places = Places {
            person: &[("traits", &own_traits), ("context.traits", context_traits)],
            email_event: channel::is_email_event(kind, &name).then_some(&properties),
            context: &context,
        };
        let Identifiers {
            claims,
            alias_of,
            dropped,
        } = identifiers::take(&mut item, kind, &places, self.source, self.rules.worthless)?;
        if !dropped.is_empty() {
            notes.push(Note::IdentifierDropped);
        }
        let clocks = clocks::take(
            &mut item,
            self.envelope.received_at,
            self.envelope.sent_at,
            self.rules.earliest_event,
            &mut notes,
        )?;
        let traits = match kind {
            Kind::Identify => traits::merge(own_traits, context_traits)?,
            _ => BTreeMap::new(),
        };
        let order = match self.order_event(kind, &name, &properties) {
            Some(Ok(order)) => Some(order),
            Some(Err(problem)) => {
                notes.push(problem.into());
                None
            }
            None => None,
        };
        notes.sort_unstable();
        notes.dedup();
        let active = context.get("active") != Some(&Value::Bool(false))
            && !machine::did_it(kind, &name, &properties, &context);
        Ok(Touchpoint {
            digest: digest::message_digest(&self.message_id),
            message_id: self.message_id,
            content: self.content,
            kind,
            channel: Channel::of(self.source.channel, kind, &name),
            name,
            clocks,
            position: self.position,
            claims,
            alias_of,
            dropped,
            traits,
            order,
            active,
            properties,
            context,
            extra: item.into_rest(),
            notes,
        })
    }

    fn order_event(
        &self,
        kind: Kind,
        name: &str,
        properties: &Map<String, Value>,
    ) -> Option<Result<OrderEvent, OrderProblem>> {
        if kind != Kind::Track {
            return None;
        }
        OrderEvent::parse(name, properties, self.rules.currency)
    }
}

/// The endpoint's kind, else the one the item names in `type` (in `action` in some examples of the protocol).
fn take_kind(item: &mut Item, endpoint: Option<Kind>) -> Result<Kind, Refusal> {
    let named = ["type", "action"].into_iter().find_map(|field| {
        let kind = item
            .peek(&[field])?
            .1
            .as_str()?
            .trim()
            .parse::<Kind>()
            .ok()?;
        Some((field, kind))
    });
    let kind = endpoint
        .or(named.map(|(_, kind)| kind))
        .ok_or(RefusalCode::UnknownType)?;
    if let Some((field, named)) = named
        && named == kind
    {
        item.remove(field);
    }
    Ok(kind)
}

/// Takes the traits of an identify; those of a group are the group's and stay.
fn take_traits(item: &mut Item, kind: Kind) -> Result<Map<String, Value>, Refusal> {
    if kind == Kind::Identify {
        return item.take_object("traits");
    }
    match item.peek(&["traits"]) {
        None | Some((_, Value::Object(_))) => Ok(Map::new()),
        Some(_) => Err(Refusal::wrong_type("traits", "an object")),
    }
}
