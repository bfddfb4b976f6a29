//! A row on its way to an item of the Segment protocol.

use lazo_domain::identity::Namespace;
use serde_json::{Map, Value, json};

use super::digest::{Occurrences, RowDigest, digest, hex};
use super::field::{Field, Subject, ValueType};
use super::reason::Reason;
use super::value::{self, Formats};

/// The most levels of objects that dots in a name lead into.
const MAX_LEVELS: usize = 8;

/// What a row says so far.
#[derive(Default)]
pub(super) struct Draft {
    id: Option<String>,
    time: Option<String>,
    event: Option<(String, String)>,
    identifiers: Vec<(Namespace, String)>,
    traits: Map<String, Value>,
    properties: Map<String, Value>,
    order: Option<String>,
    amount: Option<(String, String)>,
    currency: Option<String>,
    quantity: Option<u32>,
    filled: Vec<Field>,
}

impl Draft {
    /// Puts the value of a column into its field. A blank one says nothing.
    pub(super) fn put(
        &mut self,
        field: &Field,
        column: &str,
        cell: &Value,
        formats: &Formats,
    ) -> Result<(), Reason> {
        let named = || column.to_owned();
        let is_blank = match cell {
            Value::Null => true,
            Value::String(text) => text.trim().is_empty(),
            _ => false,
        };
        if is_blank || *field == Field::Ignored {
            return Ok(());
        }
        match field {
            Field::Trait(name, of) => {
                let value = typed(*of, column, cell, formats)?;
                set(&mut self.traits, name, value);
            }
            Field::Property(name, of) => {
                let value = typed(*of, column, cell, formats)?;
                set(&mut self.properties, name, value);
            }
            plain => {
                let text = scalar(cell).ok_or_else(|| Reason::Nested(named()))?;
                match plain {
                    Field::Id => self.id = Some(text),
                    Field::Time => {
                        let at = formats
                            .instant(&text)
                            .ok_or_else(|| Reason::Date(named()))?;
                        self.time = Some(at.to_string());
                    }
                    Field::Event => self.event = Some((text, named())),
                    Field::Identifier(namespace) => {
                        self.identifiers.push((namespace.clone(), text));
                    }
                    Field::OrderId => self.order = Some(text),
                    Field::Amount => self.amount = Some((text, named())),
                    Field::Currency => {
                        let code = text.to_ascii_uppercase();
                        let sound = value::is_currency(&code);
                        self.currency = Some(
                            sound
                                .then_some(code)
                                .ok_or_else(|| Reason::Currency(named()))?,
                        );
                    }
                    Field::Quantity => {
                        let units = value::units(&text);
                        self.quantity = Some(units.ok_or_else(|| Reason::Quantity(named()))?);
                    }
                    Field::Trait(..) | Field::Property(..) | Field::Ignored => {}
                }
            }
        }
        self.filled.push(field.clone());
        Ok(())
    }

    /// Whether a field has a value.
    pub(super) fn has(&self, field: &Field) -> bool {
        self.filled.contains(field)
    }

    /// The row as an item.
    pub(super) fn item(
        self,
        subject: Subject,
        formats: &Formats,
        occurrences: &mut Occurrences,
    ) -> Result<Value, Reason> {
        if self.identifiers.is_empty() {
            return Err(Reason::NoIdentifier);
        }
        if subject != Subject::Profiles && self.time.is_none() {
            return Err(Reason::Empty("the time"));
        }
        let id = self.id.clone();
        let mut item = match subject {
            Subject::Profiles => self.identify(),
            Subject::Touchpoints => self.track()?,
            Subject::Purchases => self.order(formats)?,
        };
        let content = content_of(&item);
        let one = subject.one();
        let has_order = item["properties"].get("order_id").is_some();
        // Two equal rows without an id are two touchpoints; of a profile or an order with an id they say the same twice.
        let name = match &id {
            _ if subject == Subject::Profiles || has_order || id.is_some() => hex(&content),
            _ => format!("{}-{}", hex(&content), occurrences.count(content)),
        };
        if subject == Subject::Purchases && !has_order {
            item["properties"]["order_id"] = match &id {
                Some(id) => json!(id),
                None => json!(format!("row-{name}")),
            };
        }
        item["messageId"] = json!(format!("{one}-{}", id.as_deref().unwrap_or(&name)));
        Ok(item)
    }

    fn identify(mut self) -> Value {
        let (top, external) = spread(&mut self.traits, self.identifiers);
        // The person was not there when the shop wrote its list: it does not move "last seen".
        let mut item =
            json!({ "type": "identify", "traits": self.traits, "context": { "active": false } });
        fill(&mut item, top, external, self.time);
        item
    }

    fn track(self) -> Result<Value, Reason> {
        let (event, _) = self.event.ok_or(Reason::Empty("the event"))?;
        let mut traits = Map::new();
        let (top, external) = spread(&mut traits, self.identifiers);
        let mut item = json!({ "type": "track", "event": event, "properties": self.properties, "context": {} });
        if !traits.is_empty() {
            item["context"]["traits"] = Value::Object(traits);
        }
        fill(&mut item, top, external, self.time);
        Ok(item)
    }

    fn order(mut self, formats: &Formats) -> Result<Value, Reason> {
        let event = match self.event.take() {
            None => "Order Completed",
            Some((text, column)) => order_event(&text).ok_or(Reason::OrderEvent(column))?,
        };
        let pays_back = event == "Order Refunded";
        let properties = &mut self.properties;
        match self.amount.take() {
            Some((text, column)) => {
                let amount = formats
                    .amount(&text, pays_back)
                    .ok_or(Reason::Amount(column))?;
                properties.insert("revenue".to_owned(), json!(amount));
            }
            None if event == "Order Completed" => return Err(Reason::Empty("the amount")),
            None => {}
        }
        if let Some(order) = self.order.take() {
            properties.insert("order_id".to_owned(), json!(order));
        }
        if let Some(currency) = self.currency.take() {
            properties.insert("currency".to_owned(), json!(currency));
        }
        if let Some(quantity) = self.quantity {
            properties.insert("quantity".to_owned(), json!(quantity));
            properties
                .entry("products")
                .or_insert_with(|| json!([{ "quantity": quantity }]));
        }
        self.event = Some((event.to_owned(), String::new()));
        self.track()
    }
}

/// The digest of what an item says.
pub(super) fn content_of(item: &Value) -> RowDigest {
    let mut text = String::new();
    canonical(item, &mut text);
    digest(&[&text])
}

/// Writes a value with the members of its objects in one order, whatever the order of the columns.
fn canonical(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            text.push('{');
            for (name, value) in members {
                text.push_str(&json!(name).to_string());
                canonical(value, text);
            }
            text.push('}');
        }
        Value::Array(elements) => {
            text.push('[');
            for element in elements {
                canonical(element, text);
                text.push(',');
            }
            text.push(']');
        }
        scalar => text.push_str(&scalar.to_string()),
    }
}

pub(super) fn order_event(text: &str) -> Option<&'static str> {
    let text = text.trim().to_lowercase();
    match text.strip_prefix("order ").unwrap_or(&text) {
        "completed" | "placed" | "paid" => Some("Order Completed"),
        "updated" => Some("Order Updated"),
        "refunded" => Some("Order Refunded"),
        "cancelled" | "canceled" => Some("Order Cancelled"),
        _ => None,
    }
}

/// Puts identifiers where the protocol has them: on top, among the traits, and what is left as external ids.
fn spread(
    traits: &mut Map<String, Value>,
    identifiers: Vec<(Namespace, String)>,
) -> (Map<String, Value>, Vec<Value>) {
    let mut top = Map::new();
    let mut external = Vec::new();
    for (namespace, value) in identifiers {
        let (place, name) = match namespace.as_str() {
            "customer_id" => (Some(&mut top), "userId"),
            "anonymous_id" => (Some(&mut top), "anonymousId"),
            name if matches!(name, "email" | "phone") || namespace.is_handle() => {
                (Some(&mut *traits), name)
            }
            name => (None, name),
        };
        match place.filter(|place| !place.contains_key(name)) {
            Some(place) => {
                place.insert(name.to_owned(), json!(value));
            }
            None => external.push(json!({ "id": value, "type": name, "collection": "users" })),
        }
    }
    (top, external)
}

fn fill(item: &mut Value, top: Map<String, Value>, external: Vec<Value>, time: Option<String>) {
    for (name, value) in top {
        item[name] = value;
    }
    if !external.is_empty() {
        item["context"]["externalIds"] = Value::Array(external);
    }
    if let Some(time) = time {
        item["timestamp"] = json!(time);
    }
}

/// The text of a value that is one.
fn scalar(cell: &Value) -> Option<String> {
    match cell {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn typed(of: ValueType, column: &str, cell: &Value, formats: &Formats) -> Result<Value, Reason> {
    let named = || column.to_owned();
    if of == ValueType::AsItIs {
        return Ok(match cell {
            Value::String(text) => json!(text.trim()),
            other => other.clone(),
        });
    }
    if of == ValueType::Json && !cell.is_string() {
        return Ok(cell.clone());
    }
    let text = scalar(cell).ok_or_else(|| Reason::Nested(named()))?;
    match of {
        ValueType::AsItIs | ValueType::Text => Ok(json!(text)),
        // A number of JSON has a point whatever the columns of text have.
        ValueType::Number if cell.is_number() => Ok(cell.clone()),
        ValueType::Number => formats
            .number(&text)
            .map(Value::Number)
            .ok_or_else(|| Reason::Number(named())),
        ValueType::Boolean => value::boolean(&text)
            .map(Value::Bool)
            .ok_or_else(|| Reason::Boolean(named())),
        ValueType::Date => formats
            .date(&text)
            .map(Value::String)
            .ok_or_else(|| Reason::Date(named())),
        ValueType::Json => serde_json::from_str(&text).map_err(|_| Reason::Json(named())),
    }
}

/// Sets a value under a name whose dots lead into objects. What stands in the way gives way.
fn set(object: &mut Map<String, Value>, name: &str, value: Value) {
    let mut place = object;
    let mut rest = name;
    for _ in 1..MAX_LEVELS {
        let Some((head, tail)) = rest.split_once('.') else {
            break;
        };
        let inner = place
            .entry(head)
            .or_insert_with(|| Value::Object(Map::new()));
        if !inner.is_object() {
            *inner = Value::Object(Map::new());
        }
        let Value::Object(inner) = inner else { return };
        (place, rest) = (inner, tail);
    }
    place.insert(rest.to_owned(), value);
}
