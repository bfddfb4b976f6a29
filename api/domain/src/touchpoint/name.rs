//! The name of a touchpoint: what happened.

use serde_json::{Map, Value};

use super::item::Item;
use super::refusal::Refusal;
use super::{Kind, RefusalCode};

/// The longest name of an event, a page, a screen or a trait, in characters.
pub const MAX_NAME_CHARS: usize = 200;

/// Whether the text is longer than [`MAX_NAME_CHARS`].
pub(super) fn too_long(name: &str) -> bool {
    name.len() > MAX_NAME_CHARS && name.chars().count() > MAX_NAME_CHARS
}

/// Takes the name out of the item.
///
/// A track is named by its `event`; a page or a screen by `name`, else by `properties.name` (where Jitsu's client puts it), else
/// `Page Viewed` or `Screen Viewed`; the others by their kind.
pub(super) fn take(
    item: &mut Item,
    kind: Kind,
    properties: &Map<String, Value>,
) -> Result<String, Refusal> {
    let name = match kind {
        Kind::Track => Some(take_event(item)?),
        Kind::Page | Kind::Screen => item
            .take_text("name")
            .or_else(|| text(properties.get("name")).map(str::to_owned)),
        Kind::Identify | Kind::Group | Kind::Alias => None,
    };
    let name = name.unwrap_or_else(|| kind.default_name().to_owned());
    if too_long(&name) {
        return Err(RefusalCode::NameTooLong.into());
    }
    Ok(name)
}

fn take_event(item: &mut Item) -> Result<String, Refusal> {
    match item.peek(&["event"]) {
        None => Err(RefusalCode::MissingEvent.into()),
        Some((_, Value::String(_))) => item
            .take_text("event")
            .ok_or_else(|| RefusalCode::MissingEvent.into()),
        Some(_) => Err(Refusal::wrong_type("event", "a text")),
    }
}

/// The text without blanks around it, if it is one and not blank.
pub(super) fn text(value: Option<&Value>) -> Option<&str> {
    value
        .and_then(Value::as_str)
        .map(str::trim)
        .filter(|text| !text.is_empty())
}
