//! Personal traits: what a person knows best about themself.

/// The names, in lower case and without underscores: the personal ones among Segment's reserved traits
/// (<https://segment.com/docs/connections/spec/identify/#traits>), the parts of an address, and languages.
///
/// Neither an email address nor a telephone number is one: that a person has it is to be confirmed, not declared.
const NAMES: [&str; 20] = [
    "address",
    "age",
    "avatar",
    "birthday",
    "city",
    "country",
    "description",
    "firstname",
    "gender",
    "language",
    "lastname",
    "locale",
    "name",
    "postalcode",
    "state",
    "street",
    "timezone",
    "title",
    "website",
    "zip",
];

/// Whether what the person declares about this trait counts more than what the company's systems say of it.
///
/// It does not for all others: a customer must not give themself a price group or a credit.
pub fn is_personal(name: &str) -> bool {
    let plain = name.replace('_', "").to_ascii_lowercase();
    NAMES.contains(&plain.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("city", true)]
    #[case("firstName", true)]
    #[case("first_name", true)]
    #[case("birthday", true)]
    #[case("email", false)]
    #[case("phone", false)]
    #[case("price_group", false)]
    #[case("id", false)]
    fn a_person_knows_best_who_they_are_and_not_what_they_are_owed(
        #[case] name: &str,
        #[case] personal: bool,
    ) {
        assert_eq!(is_personal(name), personal);
    }
}
