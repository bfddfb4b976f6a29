//! An item while it is taken apart: its fields, of which each is either taken or stays.

use serde_json::map::Entry;
use serde_json::{Map, Value};

use super::name::text;
use super::refusal::Refusal;

/// Well-known fields, which say nothing when they are null or empty.
const WELL_KNOWN: [&str; 21] = [
    "type",
    "messageId",
    "message_id",
    "userId",
    "user_id",
    "anonymousId",
    "anonymous_id",
    "previousId",
    "previous_id",
    "groupId",
    "group_id",
    "originalTimestamp",
    "original_timestamp",
    "timestamp",
    "sentAt",
    "sent_at",
    "context",
    "properties",
    "traits",
    "event",
    "name",
];

/// The fields of an item that have not found a place of their own yet.
pub(super) struct Item(Map<String, Value>);

impl Item {
    pub(super) fn new(fields: Map<String, Value>) -> Self {
        Self(fields)
    }

    /// Puts what the whole request says in this field under what the item says; the item's own values win.
    pub(super) fn merge(&mut self, field: &str, request: Option<&Map<String, Value>>) {
        let Some(request) = request else { return };
        let own = self.0.entry(field).or_insert(Value::Null);
        if own.is_null() {
            *own = Value::Object(request.clone());
        } else if let Value::Object(own) = own {
            for (name, value) in request {
                if let Entry::Vacant(entry) = own.entry(name.as_str()) {
                    entry.insert(value.clone());
                }
            }
        }
    }

    /// Replaces U+0000, which PostgreSQL cannot hold, and says whether there was any.
    pub(super) fn clean(&mut self) -> bool {
        clean_map(&mut self.0)
    }

    pub(super) fn fields(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The first of these fields that says something, which null and an empty text do not, with its name.
    pub(super) fn peek<'n>(&self, names: &[&'n str]) -> Option<(&'n str, &Value)> {
        names
            .iter()
            .find_map(|name| Some((*name, present(self.0.get(*name))?)))
    }

    pub(super) fn remove(&mut self, field: &str) {
        self.0.remove(field);
    }

    /// Takes a field that must be an object; empty if it is absent.
    pub(super) fn take_object(
        &mut self,
        field: &'static str,
    ) -> Result<Map<String, Value>, Refusal> {
        match self.0.remove(field) {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(map)) => Ok(map),
            Some(_) => Err(Refusal::wrong_type(field, "an object")),
        }
    }

    /// The text of a field without blanks around it, if it is a text and not blank. A field that had blanks stays too.
    pub(super) fn take_text(&mut self, field: &str) -> Option<String> {
        let taken = text(self.0.get(field))?.to_owned();
        self.remove_if_held(field, &taken);
        Some(taken)
    }

    /// Removes a field whose text is exactly what is held elsewhere.
    pub(super) fn remove_if_held(&mut self, field: &str, held: &str) {
        if self.0.get(field).and_then(Value::as_str) == Some(held) {
            self.0.remove(field);
        }
    }

    /// What was not taken. The write key is a credential and is never stored; well-known fields that say nothing go too.
    pub(super) fn into_rest(mut self) -> Map<String, Value> {
        for field in WELL_KNOWN {
            if present(self.0.get(field)).is_none() {
                self.0.remove(field);
            }
        }
        self.0.remove("writeKey");
        self.0.remove("write_key");
        self.0
    }
}

/// The value, unless it is null or an empty text: clients send both for "absent".
pub(super) fn present(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !value.is_null() && value.as_str() != Some(""))
}

fn clean_value(value: &mut Value) -> bool {
    match value {
        Value::String(text) => clean_text(text),
        Value::Array(values) => values
            .iter_mut()
            .fold(false, |dirty, value| clean_value(value) | dirty),
        Value::Object(map) => clean_map(map),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn clean_map(map: &mut Map<String, Value>) -> bool {
    let mut dirty = map
        .values_mut()
        .fold(false, |dirty, value| clean_value(value) | dirty);
    let names: Vec<String> = map
        .keys()
        .filter(|name| name.contains('\0'))
        .cloned()
        .collect();
    for name in names {
        dirty = true;
        let Some(value) = map.remove(&name) else {
            continue;
        };
        let mut name = name.replace('\0', "\u{FFFD}");
        // Another field may have that name already, and neither may be lost.
        while map.contains_key(&name) {
            name.push('\u{FFFD}');
        }
        map.insert(name, value);
    }
    dirty
}

fn clean_text(text: &mut String) -> bool {
    let dirty = text.contains('\0');
    if dirty {
        *text = text.replace('\0', "\u{FFFD}");
    }
    dirty
}
