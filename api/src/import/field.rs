//! What a column can mean.

use std::fmt;
use std::str::FromStr;

use lazo_domain::identity::Namespace;
use serde::{Deserialize, Serialize};

use super::names;

/// What the rows of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A row says who somebody is: identifiers and traits.
    Profiles,
    /// A row says what somebody did.
    Touchpoints,
    /// A row is what happened to an order.
    Purchases,
}

/// How the text of a column becomes the value of a trait or property.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ValueType {
    /// As it is: the text of a cell, the value of JSON.
    #[default]
    AsItIs,
    /// A text, also where JSON has a number.
    Text,
    /// A decimal number.
    Number,
    /// A truth value: `true`, `yes`, `1`, `false`, `no`, `0`.
    Boolean,
    /// A day or an instant.
    Date,
    /// JSON inside a text.
    Json,
}

/// What a column means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// What names the row, so that a second import recognises it even if it was changed.
    Id,
    /// When it happened.
    Time,
    /// What happened.
    Event,
    /// An identifier of the person.
    Identifier(Namespace),
    /// A trait of the person; dots lead into objects.
    Trait(String, ValueType),
    /// A property of the touchpoint; dots lead into objects.
    Property(String, ValueType),
    /// The shop's id of an order.
    OrderId,
    /// What was paid.
    Amount,
    /// The currency of the amount: a code of ISO 4217.
    Currency,
    /// How many units were bought.
    Quantity,
    /// Nothing: the column is passed over on purpose.
    Ignored,
}

/// The text names no field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no field; {hint}")]
pub struct UnknownField {
    text: String,
    hint: String,
}

/// The fields that have a name of their own, beside identifiers.
const PLAIN: [(&str, Field); 8] = [
    ("id", Field::Id),
    ("time", Field::Time),
    ("event", Field::Event),
    ("order_id", Field::OrderId),
    ("amount", Field::Amount),
    ("currency", Field::Currency),
    ("quantity", Field::Quantity),
    ("ignore", Field::Ignored),
];

/// The identifiers that need no `identifier.` before them, beside handles of social networks.
const SHORT: [&str; 4] = ["email", "phone", "customer_id", "anonymous_id"];

impl Subject {
    /// The word of the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Profiles => "profiles",
            Self::Touchpoints => "touchpoints",
            Self::Purchases => "purchases",
        }
    }

    /// One of them.
    pub(super) const fn one(self) -> &'static str {
        match self {
            Self::Profiles => "profile",
            Self::Touchpoints => "touchpoint",
            Self::Purchases => "purchase",
        }
    }
}

impl Field {
    /// Whether rows of this subject have such a field.
    pub(super) fn serves(&self, subject: Subject) -> bool {
        match self {
            Self::Id | Self::Time | Self::Identifier(_) | Self::Ignored => true,
            Self::Trait(..) => subject == Subject::Profiles,
            Self::Event | Self::Property(..) => subject != Subject::Profiles,
            Self::OrderId | Self::Amount | Self::Currency | Self::Quantity => {
                subject == Subject::Purchases
            }
        }
    }

    /// Whether two columns may both mean it.
    pub(super) fn is_plural(&self) -> bool {
        match self {
            Self::Ignored => true,
            Self::Identifier(namespace) => !namespace.rule().unique,
            _ => false,
        }
    }
}

impl FromStr for Field {
    type Err = UnknownField;

    fn from_str(text: &str) -> Result<Self, UnknownField> {
        let text = text.trim();
        let unknown = |hint: String| UnknownField {
            text: text.to_owned(),
            hint,
        };
        if let Some((_, field)) = PLAIN.iter().find(|(name, _)| *name == text) {
            return Ok(field.clone());
        }
        if let Some(name) = text.strip_prefix("identifier.") {
            return identifier(name).ok_or_else(|| {
                unknown("a namespace is 1 to 64 characters of a to z, 0 to 9 and _".to_owned())
            });
        }
        let typed = |rest: &str| -> Result<(String, ValueType), UnknownField> {
            let (name, value_type) = match rest.rsplit_once(':') {
                Some((name, of)) => {
                    let value_type = ValueType::of(of).ok_or_else(|| {
                        unknown("the types are text, number, boolean, date and json".to_owned())
                    })?;
                    (name, value_type)
                }
                None => (rest, ValueType::AsItIs),
            };
            if name.split('.').any(|part| part.trim().is_empty()) {
                return Err(unknown("it needs a name".to_owned()));
            }
            Ok((name.to_owned(), value_type))
        };
        if let Some(rest) = text.strip_prefix("trait.") {
            return typed(rest).map(|(name, of)| Self::Trait(name, of));
        }
        if let Some(rest) = text.strip_prefix("property.") {
            return typed(rest).map(|(name, of)| Self::Property(name, of));
        }
        if let Some(namespace) = Namespace::new(text)
            && (SHORT.contains(&text) || namespace.is_handle())
        {
            return Ok(Self::Identifier(namespace));
        }
        let known = PLAIN.iter().map(|(name, _)| *name).chain(SHORT);
        let near = names::nearest(text, known);
        Err(unknown(near.map_or_else(
            || {
                "write email, phone, customer_id, anonymous_id, identifier.NAMESPACE, trait.NAME, property.NAME, time, event, \
                 id, order_id, amount, currency, quantity or ignore"
                    .to_owned()
            },
            |near| format!("did you mean {near}? A trait is written trait.NAME"),
        )))
    }
}

/// Writes what [`Field::from_str`] reads.
impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identifier(namespace)
                if SHORT.contains(&namespace.as_str()) || namespace.is_handle() =>
            {
                f.write_str(namespace.as_str())
            }
            Self::Identifier(namespace) => write!(f, "identifier.{namespace}"),
            Self::Trait(name, of) => write!(f, "trait.{name}{}", of.suffix()),
            Self::Property(name, of) => write!(f, "property.{name}{}", of.suffix()),
            plain => PLAIN
                .iter()
                .find(|(_, field)| field == plain)
                .map_or(Ok(()), |(name, _)| f.write_str(name)),
        }
    }
}

impl TryFrom<String> for Field {
    type Error = UnknownField;

    fn try_from(text: String) -> Result<Self, UnknownField> {
        text.parse()
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl ValueType {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "text" => Self::Text,
            "number" => Self::Number,
            "boolean" => Self::Boolean,
            "date" => Self::Date,
            "json" => Self::Json,
            _ => return None,
        })
    }

    const fn suffix(self) -> &'static str {
        match self {
            Self::AsItIs => "",
            Self::Text => ":text",
            Self::Number => ":number",
            Self::Boolean => ":boolean",
            Self::Date => ":date",
            Self::Json => ":json",
        }
    }
}

/// The field of an identifier that others may claim.
fn identifier(name: &str) -> Option<Field> {
    Namespace::new(name)
        .filter(|namespace| !namespace.is_internal())
        .map(Field::Identifier)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("email")]
    #[case("customer_id")]
    #[case("instagram")]
    #[case("identifier.loyalty_card")]
    #[case("trait.address.city")]
    #[case("trait.age:number")]
    #[case("property.plan:json")]
    #[case("time")]
    #[case("order_id")]
    #[case("ignore")]
    fn a_field_is_written_as_it_is_read(#[case] text: &str) {
        assert_eq!(text.parse::<Field>().unwrap().to_string(), text);
    }

    #[rstest]
    #[case("emial", "did you mean email")]
    #[case("firstName", "trait.NAME")]
    #[case("trait.age:int", "the types are")]
    #[case("trait.", "it needs a name")]
    #[case("trait.a..b", "it needs a name")]
    #[case("identifier.Loyalty Card", "a namespace is")]
    #[case("identifier.claimed_by", "a namespace is")]
    #[case("", "write email")]
    fn what_is_no_field_is_told_with_what_would_be(#[case] text: &str, #[case] hint: &str) {
        let error = text.parse::<Field>().unwrap_err().to_string();
        assert!(error.contains(hint), "{error}");
    }

    #[rstest]
    #[case("trait.city", [true, false, false])]
    #[case("property.plan", [false, true, true])]
    #[case("amount", [false, false, true])]
    #[case("email", [true, true, true])]
    fn a_field_serves_its_subjects(#[case] text: &str, #[case] serves: [bool; 3]) {
        let field: Field = text.parse().unwrap();
        let subjects = [Subject::Profiles, Subject::Touchpoints, Subject::Purchases];
        assert_eq!(subjects.map(|subject| field.serves(subject)), serves);
    }
}
