//! Namespaces: what kind of identifier a value is, and the rules of each kind.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The most characters in the name of a namespace.
const MAX_CHARS: usize = 64;

/// Accounts on social networks and in messengers.
const HANDLES: [&str; 10] = [
    "instagram",
    "facebook",
    "x",
    "twitter",
    "tiktok",
    "youtube",
    "linkedin",
    "pinterest",
    "whatsapp",
    "telegram",
];

/// Identifiers that belong to a device or a browser and not to a person.
const DEVICES: [&str; 5] = [
    "anonymous_id",
    "device_id",
    "advertising_id",
    "push_token",
    "claimed_by",
];

/// The kind of an identifier, such as `email` or `customer_id`: lower snake case, 1 to 64 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Namespace(String);

/// What identity resolution does with identifiers of a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamespaceRule {
    /// Identifiers of a higher priority join a profile first, so that a limit leaves out the weaker ones.
    pub priority: u8,
    /// The most values of the namespace on one profile; `None` for no limit.
    pub limit: Option<u32>,
    /// Whether two profiles with different values of the namespace are surely two persons.
    pub unique: bool,
}

/// The text is not the name of a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a namespace is 1 to 64 characters of a to z, 0 to 9 and _")]
pub struct InvalidNamespace;

impl Namespace {
    /// The namespace of this name, if it is written as names of namespaces are.
    pub fn new(name: &str) -> Option<Self> {
        is_valid(name).then(|| Self(name.to_owned()))
    }

    /// Email addresses.
    pub fn email() -> Self {
        Self("email".to_owned())
    }

    /// Telephone numbers.
    pub fn phone() -> Self {
        Self("phone".to_owned())
    }

    /// The company's own ids of its customers.
    pub fn customer_id() -> Self {
        Self("customer_id".to_owned())
    }

    /// The ids that client libraries give to a browser or an installed app.
    pub fn anonymous_id() -> Self {
        Self("anonymous_id".to_owned())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether its values are accounts on a social network or in a messenger.
    pub fn is_handle(&self) -> bool {
        HANDLES.contains(&self.as_str())
    }

    /// Whether its values belong to a device, which several persons may use.
    pub fn is_device(&self) -> bool {
        DEVICES.contains(&self.as_str())
    }

    /// What stands in for the device of a public source that names none; it comes from us alone and is shown to nobody.
    pub fn claimed_by() -> Self {
        Self("claimed_by".to_owned())
    }

    /// Whether it is ours and not for others to claim or see.
    pub fn is_internal(&self) -> bool {
        self.as_str() == "claimed_by"
    }

    /// Whether a value of it makes a profile known.
    pub fn is_known(&self) -> bool {
        matches!(self.as_str(), "email" | "phone" | "customer_id") || self.is_handle()
    }

    /// The rule that holds unless the deployment sets another.
    pub fn rule(&self) -> NamespaceRule {
        let (priority, limit, unique) = match self.as_str() {
            "customer_id" => (100, Some(1), true),
            "email" => (90, Some(5), false),
            "phone" => (80, Some(5), false),
            "anonymous_id" | "claimed_by" => (0, None, false),
            _ if self.is_handle() => (70, Some(5), false),
            _ if self.is_device() => (10, Some(20), false),
            _ => (50, Some(20), false),
        };
        NamespaceRule {
            priority,
            limit,
            unique,
        }
    }
}

fn is_valid(name: &str) -> bool {
    (1..=MAX_CHARS).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Namespace {
    type Error = InvalidNamespace;

    fn try_from(name: String) -> Result<Self, InvalidNamespace> {
        if is_valid(&name) {
            Ok(Self(name))
        } else {
            Err(InvalidNamespace)
        }
    }
}

impl From<Namespace> for String {
    fn from(namespace: Namespace) -> Self {
        namespace.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::empty("")]
    #[case::upper_case("Email")]
    #[case::a_dash("customer-id")]
    #[case::an_accent("número")]
    #[case::too_long(&"a".repeat(65))]
    fn a_name_in_another_form_is_refused(#[case] name: &str) {
        assert_eq!(Namespace::new(name), None);
        assert!(serde_json::from_value::<Namespace>(name.into()).is_err());
    }

    #[test]
    fn a_namespace_is_stored_as_its_name() {
        let json = serde_json::to_value(Namespace::email()).unwrap();
        assert_eq!(json, "email");
        assert_eq!(
            serde_json::from_value::<Namespace>(json).unwrap(),
            Namespace::email()
        );
    }

    #[rstest]
    #[case("customer_id", Some(1), true, true)]
    #[case("email", Some(5), false, true)]
    #[case("phone", Some(5), false, true)]
    #[case("instagram", Some(5), false, true)]
    #[case("loyalty_card", Some(20), false, false)]
    #[case("device_id", Some(20), false, false)]
    #[case("anonymous_id", None, false, false)]
    fn each_namespace_has_its_limit(
        #[case] name: &str,
        #[case] limit: Option<u32>,
        #[case] unique: bool,
        #[case] known: bool,
    ) {
        let namespace = Namespace::new(name).unwrap();
        assert_eq!(
            (namespace.rule().limit, namespace.rule().unique),
            (limit, unique)
        );
        assert_eq!(namespace.is_known(), known);
    }

    #[test]
    fn the_customer_id_comes_first_and_the_anonymous_id_last() {
        let names = [
            "customer_id",
            "email",
            "phone",
            "instagram",
            "loyalty_card",
            "device_id",
            "anonymous_id",
        ];
        let priorities = names.map(|name| Namespace::new(name).unwrap().rule().priority);
        assert!(priorities.is_sorted_by(|a, b| a > b));
    }
}
