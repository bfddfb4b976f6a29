//! The names that columns go by where nothing says what they mean.

use lazo_domain::identity::Namespace;

use super::field::{Field, Subject, ValueType};

/// How alike two names must be to be taken for a slip of the pen, from 0 to 1.
const NEAR: f64 = 0.85;

/// Names of identifiers, without case, blanks and signs.
const IDENTIFIERS: &[(&str, &[&str])] = &[
    ("email", &["email", "emailaddress", "mail"]),
    (
        "customer_id",
        &["customerid", "customer", "userid", "customernumber"],
    ),
    (
        "phone",
        &["phone", "phonenumber", "telephone", "mobile", "mobilephone"],
    ),
    ("anonymous_id", &["anonymousid"]),
];

/// The reserved traits of the Segment specification (<https://segment.com/docs/connections/spec/identify/#traits>) that a cell can hold.
const TRAITS: &[(&str, ValueType, &[&str])] = &[
    (
        "firstName",
        ValueType::AsItIs,
        &["firstname", "givenname", "forename"],
    ),
    (
        "lastName",
        ValueType::AsItIs,
        &["lastname", "surname", "familyname"],
    ),
    ("name", ValueType::AsItIs, &["name", "fullname"]),
    ("username", ValueType::AsItIs, &["username"]),
    ("title", ValueType::AsItIs, &["title"]),
    ("gender", ValueType::AsItIs, &["gender", "sex"]),
    ("age", ValueType::Number, &["age"]),
    (
        "birthday",
        ValueType::Date,
        &["birthday", "birthdate", "dateofbirth"],
    ),
    (
        "createdAt",
        ValueType::Date,
        &["createdat", "registeredat", "signupdate"],
    ),
    ("avatar", ValueType::AsItIs, &["avatar"]),
    ("description", ValueType::AsItIs, &["description"]),
    ("website", ValueType::AsItIs, &["website"]),
    (
        "company.name",
        ValueType::AsItIs,
        &["company", "companyname"],
    ),
    (
        "address.street",
        ValueType::AsItIs,
        &["street", "address", "addressstreet"],
    ),
    ("address.city", ValueType::AsItIs, &["city", "addresscity"]),
    (
        "address.postalCode",
        ValueType::AsItIs,
        &[
            "postalcode",
            "postcode",
            "zip",
            "zipcode",
            "addresspostalcode",
        ],
    ),
    (
        "address.state",
        ValueType::AsItIs,
        &["state", "province", "region", "addressstate"],
    ),
    (
        "address.country",
        ValueType::AsItIs,
        &["country", "addresscountry"],
    ),
];

const PROFILE_TIMES: &[&str] = &["updatedat", "lastupdated", "time", "timestamp"];
const TOUCHPOINT_TIMES: &[&str] = &[
    "time",
    "timestamp",
    "date",
    "datetime",
    "occurredat",
    "eventtime",
];
const PURCHASE_TIMES: &[&str] = &[
    "date",
    "orderedat",
    "orderdate",
    "time",
    "timestamp",
    "datetime",
];
const EVENTS: &[&str] = &["event", "eventname"];
const IDS: &[&str] = &["messageid", "eventid"];
// `cds` and `dollars` are the spellings of the CDNOW purchase log of Fader and Hardie.
const AMOUNTS: &[&str] = &["amount", "revenue", "total", "dollars"];
const QUANTITIES: &[&str] = &["quantity", "units", "cds"];
const ORDERS: &[&str] = &["orderid", "order", "ordernumber"];
const CURRENCIES: &[&str] = &["currency"];

/// A name without case, blanks and signs: `First Name`, `first_name` and `firstName` are one.
pub(super) fn normal(name: &str) -> String {
    name.chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// What a column of this name means by itself.
pub(super) fn by_default(subject: Subject, name: &str) -> Option<Field> {
    let normal = normal(name);
    let is = |names: &[&str]| names.contains(&normal.as_str());
    let identifier = IDENTIFIERS
        .iter()
        .find(|(_, names)| is(names))
        .and_then(|(namespace, _)| Namespace::new(namespace))
        .or_else(|| Namespace::new(&normal).filter(Namespace::is_handle));
    if let Some(namespace) = identifier {
        return Some(Field::Identifier(namespace));
    }
    match subject {
        Subject::Profiles if is(PROFILE_TIMES) => Some(Field::Time),
        Subject::Profiles => TRAITS
            .iter()
            .find(|(_, _, names)| is(names))
            .map(|(name, of, _)| Field::Trait((*name).to_owned(), *of)),
        Subject::Touchpoints if is(TOUCHPOINT_TIMES) => Some(Field::Time),
        Subject::Touchpoints | Subject::Purchases if is(EVENTS) => Some(Field::Event),
        Subject::Touchpoints if is(IDS) => Some(Field::Id),
        Subject::Purchases if is(PURCHASE_TIMES) => Some(Field::Time),
        Subject::Purchases if is(AMOUNTS) => Some(Field::Amount),
        Subject::Purchases if is(QUANTITIES) => Some(Field::Quantity),
        Subject::Purchases if is(ORDERS) => Some(Field::OrderId),
        Subject::Purchases if is(CURRENCIES) => Some(Field::Currency),
        Subject::Touchpoints | Subject::Purchases => None,
    }
}

/// The name that an unknown column was perhaps meant to have.
pub(super) fn meant(subject: Subject, name: &str) -> Option<&'static str> {
    let own: &[&[&'static str]] = match subject {
        Subject::Profiles => &[PROFILE_TIMES],
        Subject::Touchpoints => &[TOUCHPOINT_TIMES, EVENTS, IDS],
        Subject::Purchases => &[
            PURCHASE_TIMES,
            EVENTS,
            AMOUNTS,
            QUANTITIES,
            ORDERS,
            CURRENCIES,
        ],
    };
    let traits = TRAITS
        .iter()
        .filter(|_| subject == Subject::Profiles)
        .flat_map(|(_, _, names)| *names);
    let names = IDENTIFIERS
        .iter()
        .flat_map(|(_, names)| *names)
        .chain(traits)
        .chain(own.iter().copied().flatten());
    nearest(&normal(name), names.copied())
}

/// The name that is most like the text, if one is near.
pub(super) fn nearest<'n>(text: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    names
        .into_iter()
        .map(|name| (strsim::jaro_winkler(text, name), name))
        .filter(|(likeness, _)| *likeness >= NEAR)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Subject::Profiles, "E-Mail", "email")]
    #[case(Subject::Profiles, " First Name ", "trait.firstName")]
    #[case(Subject::Profiles, "birthday", "trait.birthday:date")]
    #[case(Subject::Profiles, "Postal Code", "trait.address.postalCode")]
    #[case(Subject::Profiles, "Instagram", "instagram")]
    #[case(Subject::Profiles, "updated_at", "time")]
    #[case(Subject::Touchpoints, "occurred_at", "time")]
    #[case(Subject::Touchpoints, "message_id", "id")]
    #[case(Subject::Purchases, "Order ID", "order_id")]
    #[case(Subject::Purchases, "dollars", "amount")]
    fn a_column_is_known_by_its_name(
        #[case] subject: Subject,
        #[case] name: &str,
        #[case] field: &str,
    ) {
        assert_eq!(by_default(subject, name).unwrap().to_string(), field);
    }

    #[rstest]
    #[case(Subject::Profiles, "amount", None)]
    #[case(Subject::Purchases, "first_name", None)]
    #[case(Subject::Profiles, "emial", Some("email"))]
    #[case(Subject::Profiles, "frist name", Some("firstname"))]
    #[case(Subject::Purchases, "sample_id", None)]
    fn an_unknown_column_is_told_what_it_was_perhaps_meant_to_be(
        #[case] subject: Subject,
        #[case] name: &str,
        #[case] near: Option<&str>,
    ) {
        assert_eq!(by_default(subject, name), None);
        assert_eq!(meant(subject, name), near);
    }
}
