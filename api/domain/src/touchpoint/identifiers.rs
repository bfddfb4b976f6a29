//! The identifiers an item claims for its person.

use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Value};

use super::item::{Item, present};
use super::{Kind, Refusal, RefusalCode, SourceProfile};
use crate::identity::{Dropped, Namespace, Worthless, normalise};

/// The most identifiers in one item, usable or not.
pub const MAX_IDENTIFIERS: usize = 20;

/// An identifier that an item claims for its person.
#[derive(Clone, PartialEq, Eq)]
pub struct Claim {
    /// What the value is.
    pub namespace: Namespace,
    /// The normalised value.
    pub value: String,
}

/// Shows the namespace and not the value.
impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim")
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}

/// An identifier that was left out; its value stays in the payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DroppedIdentifier {
    /// Where in the item it is, such as `context.traits.email`.
    pub field: Cow<'static, str>,
    /// What it would have been; `None` if the item gives no usable namespace.
    pub namespace: Option<Namespace>,
    /// Why it was left out.
    pub reason: Dropped,
}

/// What an item says about whose it is.
pub(super) struct Identifiers {
    pub(super) claims: Vec<Claim>,
    pub(super) alias_of: Option<String>,
    pub(super) dropped: Vec<DroppedIdentifier>,
}

/// The objects of an item in which identifiers are looked for, each with its name; earlier ones win.
#[derive(Clone, Copy)]
pub(super) struct Places<'a> {
    /// Where the person is described.
    pub(super) person: &'a [(&'static str, &'a Map<String, Value>)],
    /// The properties of an event of the email specification, which may name the recipient.
    pub(super) email_event: Option<&'a Map<String, Value>>,
    pub(super) context: &'a Map<String, Value>,
}

/// Takes the identifiers out of the item. Those that are not held exactly as they came stay in the item.
pub(super) fn take(
    item: &mut Item,
    kind: Kind,
    places: &Places<'_>,
    source: &SourceProfile<'_>,
    worthless: &Worthless,
) -> Result<Identifiers, Refusal> {
    let mut found = Collector {
        region: source.region,
        worthless,
        count: 0,
        claims: Vec::new(),
        dropped: Vec::new(),
    };
    let customer_id = found.take_field(item, &["userId", "user_id"], Namespace::customer_id());
    found.take_field(
        item,
        &["anonymousId", "anonymous_id"],
        Namespace::anonymous_id(),
    );
    let alias_of = if kind == Kind::Alias {
        found.take_alias(item, customer_id.as_deref())?
    } else {
        None
    };
    found.add_from_person(places);
    found.add_from_device(places.context);
    found.add_external_ids(places.context);
    if found.count > MAX_IDENTIFIERS {
        return Err(RefusalCode::TooManyIdentifiers.into());
    }
    if found.claims.is_empty() {
        return Err(RefusalCode::NoIdentifier.into());
    }
    Ok(Identifiers {
        claims: found.claims,
        alias_of,
        dropped: found.dropped,
    })
}

struct Collector<'a> {
    region: Option<&'a str>,
    worthless: &'a Worthless,
    count: usize,
    claims: Vec<Claim>,
    dropped: Vec<DroppedIdentifier>,
}

impl Collector<'_> {
    fn take_field(
        &mut self,
        item: &mut Item,
        fields: &[&'static str],
        namespace: Namespace,
    ) -> Option<String> {
        let (field, value) = item.peek(fields)?;
        let normal = self.normalise(field, &namespace, value)?;
        item.remove_if_held(field, &normal);
        self.claim(namespace, normal.clone());
        Some(normal)
    }

    /// The other id of an alias, unless it is the customer id itself, as a client sends it after an identify.
    fn take_alias(
        &mut self,
        item: &mut Item,
        customer_id: Option<&str>,
    ) -> Result<Option<String>, Refusal> {
        let (field, value) = item
            .peek(&["previousId", "previous_id"])
            .ok_or_else(|| Refusal::from(RefusalCode::MissingPreviousId))?;
        // Whether it is a customer id or an anonymous id is not known here; both have the same normal form.
        let previous = self
            .normalise(field, &Namespace::customer_id(), value)
            .filter(|previous| Some(previous.as_str()) != customer_id);
        if let Some(held) = &previous {
            item.remove_if_held(field, held);
        }
        Ok(previous)
    }

    fn add_from_person(&mut self, places: &Places<'_>) {
        let email_event = places
            .email_event
            .map(|properties| ("properties", properties));
        let email = first(places.person.iter().copied().chain(email_event), "email");
        if let Some((place, value)) = email {
            self.add(format!("{place}.email"), Namespace::email(), value);
        }
        if let Some((place, value)) = first(places.person.iter().copied(), "phone") {
            self.add(format!("{place}.phone"), Namespace::phone(), value);
        }
        for (place, traits) in places.person {
            for (name, value) in *traits {
                let handle = Namespace::new(name).filter(Namespace::is_handle);
                // An object under such a name describes an account and does not identify it.
                let (Some(namespace), Value::String(_)) = (handle, value) else {
                    continue;
                };
                let winner = first(places.person.iter().copied(), name);
                if winner.is_some_and(|(winner, _)| winner == *place) {
                    self.add(format!("{place}.{name}"), namespace, value);
                }
            }
        }
    }

    fn add_from_device(&mut self, context: &Map<String, Value>) {
        let Some(device) = context.get("device").and_then(Value::as_object) else {
            return;
        };
        for (name, field, namespace) in [
            ("id", "context.device.id", "device_id"),
            (
                "advertisingId",
                "context.device.advertisingId",
                "advertising_id",
            ),
            ("token", "context.device.token", "push_token"),
        ] {
            if let (Some(value), Some(namespace)) =
                (present(device.get(name)), Namespace::new(namespace))
            {
                self.add(field, namespace, value);
            }
        }
    }

    fn add_external_ids(&mut self, context: &Map<String, Value>) {
        let entries = context.get("externalIds").and_then(Value::as_array);
        for (place, entry) in entries.into_iter().flatten().enumerate() {
            let Some(entry) = entry.as_object() else {
                continue;
            };
            let collection = present(entry.get("collection"));
            let Some(id) = present(entry.get("id")) else {
                continue;
            };
            // Other collections, such as "accounts", identify other things than people.
            if collection.is_some_and(|collection| collection != "users") {
                continue;
            }
            let field = format!("context.externalIds[{place}]");
            let namespace = entry
                .get("type")
                .and_then(Value::as_str)
                .and_then(namespace_of_type);
            if let Some(namespace) = namespace {
                self.add(field, namespace, id);
            } else {
                self.count += 1;
                self.leave_out(field, None, Dropped::Malformed);
            }
        }
    }

    fn add(&mut self, field: impl Into<Cow<'static, str>>, namespace: Namespace, value: &Value) {
        if let Some(normal) = self.normalise(field, &namespace, value) {
            self.claim(namespace, normal);
        }
    }

    fn claim(&mut self, namespace: Namespace, value: String) {
        let claim = Claim { namespace, value };
        if !self.claims.contains(&claim) {
            self.claims.push(claim);
        }
    }

    /// Counts an identifier and normalises it; those beyond the limit only count.
    fn normalise(
        &mut self,
        field: impl Into<Cow<'static, str>>,
        namespace: &Namespace,
        value: &Value,
    ) -> Option<String> {
        self.count += 1;
        if self.count > MAX_IDENTIFIERS {
            return None;
        }
        let normal = id_text(value)
            .ok_or(Dropped::Malformed)
            .and_then(|text| normalise(namespace, &text, self.region, self.worthless));
        normal
            .map_err(|reason| self.leave_out(field, Some(namespace.clone()), reason))
            .ok()
    }

    fn leave_out(
        &mut self,
        field: impl Into<Cow<'static, str>>,
        namespace: Option<Namespace>,
        reason: Dropped,
    ) {
        self.dropped.push(DroppedIdentifier {
            field: field.into(),
            namespace,
            reason,
        });
    }
}

/// The text of an id: clients send numbers as well as texts.
fn id_text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text.into()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The value of this name in the first object that has one, with the name of that object.
fn first<'a>(
    places: impl IntoIterator<Item = (&'static str, &'a Map<String, Value>)>,
    name: &str,
) -> Option<(&'static str, &'a Value)> {
    places
        .into_iter()
        .find_map(|(place, map)| Some((place, present(map.get(name))?)))
}

/// The namespace of an external id's type: `brazeId` and `braze.id` are `braze_id`, and `user_id` is the customer id.
fn namespace_of_type(name: &str) -> Option<Namespace> {
    let mut snake = String::with_capacity(name.len());
    let mut after_small = false;
    for letter in name.trim().chars() {
        if letter.is_ascii_uppercase() && after_small {
            snake.push('_');
        }
        after_small = letter.is_ascii_lowercase() || letter.is_ascii_digit();
        snake.push(if letter.is_ascii_alphanumeric() {
            letter.to_ascii_lowercase()
        } else {
            '_'
        });
    }
    if snake == "user_id" {
        Some(Namespace::customer_id())
    } else {
        Namespace::new(&snake)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("user_id", "customer_id")]
    #[case("userId", "customer_id")]
    #[case("email", "email")]
    #[case("braze_id", "braze_id")]
    #[case("brazeId", "braze_id")]
    #[case("ios.idfa", "ios_idfa")]
    #[case("ga-client-id", "ga_client_id")]
    fn the_type_of_an_external_id_is_its_namespace(#[case] name: &str, #[case] namespace: &str) {
        assert_eq!(namespace_of_type(name), Namespace::new(namespace));
    }
}
