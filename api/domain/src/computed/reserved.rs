//! Reserved names: traits that mean something already.

use crate::condition::text::words;
use crate::profile::is_personal;

/// The names, in lower case and without underscores, that are no personal traits and yet among Segment's reserved traits
/// (<https://segment.com/docs/connections/spec/identify/#traits>).
const NAMES: [&str; 6] = ["company", "createdat", "email", "id", "phone", "username"];

/// Whether a name means something already: a trait that people or their systems send, or a word of the text form of conditions. The
/// members of such a trait (`address.city`) are reserved too.
pub(super) fn is_reserved(name: &str) -> bool {
    let first = name.split('.').next().unwrap_or_default();
    let plain = first.replace('_', "").to_ascii_lowercase();
    is_personal(first) || NAMES.contains(&plain.as_str()) || words::is_reserved(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("email", true)]
    #[case("createdAt", true)]
    #[case("first_name", true)]
    #[case("address.city", true)]
    #[case("timezone", true)]
    #[case("orders.count", true)]
    #[case("Stage", true)]
    #[case("favourite_category", false)]
    #[case("email_opens", false)]
    #[case("shop.email", false)]
    fn a_name_that_means_something_already_is_reserved(#[case] name: &str, #[case] reserved: bool) {
        assert_eq!(is_reserved(name), reserved);
    }
}
