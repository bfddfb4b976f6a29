//! The words of the language.

/// Words that join, negate and compare, and that name values and windows.
pub(super) const KEYWORDS: &[&str] = &[
    "AGO", "AND", "ANY", "BEFORE", "BETWEEN", "BY", "CONTAINS", "ENDS", "FALSE", "FOLLOWED",
    "FROM", "IN", "IS", "LAST", "LONGER", "NEXT", "NOT", "NOW", "NULL", "ON", "OR", "STARTS",
    "THAN", "THEN", "TRUE", "WITH", "WITHIN",
];

/// What a test can begin with besides the name of a trait.
pub(super) const TESTS: &[&str] = &[
    "anniversary",
    "consents",
    "first_order_at",
    "first_seen",
    "has",
    "last_order_at",
    "last_seen",
    "level",
    "orders.count",
    "orders.intervals_since_last",
    "orders.max",
    "orders.mean",
    "orders.products",
    "orders.spend",
    "performed",
    "score",
    "segment",
    "stage",
];

/// What comes before the names of what orders come to.
const ORDERS: &str = "orders";

/// Whether a name is one of the language's, so that a trait of that name stands in backquotes.
pub(crate) fn is_reserved(name: &str) -> bool {
    let among = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(name));
    among(KEYWORDS) || among(TESTS) || is_of_orders(name)
}

/// Whether a word joins, negates, compares or names a value or a window.
pub(super) fn is_keyword(word: &str) -> bool {
    KEYWORDS
        .iter()
        .any(|keyword| keyword.eq_ignore_ascii_case(word))
}

/// Whether a name is `orders` or begins with `orders.`.
pub(super) fn is_of_orders(name: &str) -> bool {
    let first = name.split('.').next().unwrap_or_default();
    first.eq_ignore_ascii_case(ORDERS)
}

/// Whether a name can stand without backquotes as far as its characters go: words, joined with dots.
pub(super) fn is_plain(name: &str) -> bool {
    name.starts_with(begins_word)
        && name
            .split('.')
            .all(|word| !word.is_empty() && word.chars().all(in_word))
}

/// Whether a word can begin with a character.
pub(super) fn begins_word(character: char) -> bool {
    character.is_alphabetic() || character == '_'
}

/// Whether a word can have a character in it.
pub(super) fn in_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("country", true)]
    #[case("address.city", true)]
    #[case("_x.0", true)]
    #[case("país", true)]
    #[case("0x", false)]
    #[case("a..b", false)]
    #[case("a.", false)]
    #[case("weird name", false)]
    #[case("utm-source", false)]
    #[case("", false)]
    fn words_joined_with_dots_need_no_backquotes(#[case] name: &str, #[case] plain: bool) {
        assert_eq!(is_plain(name), plain);
    }

    #[rstest]
    #[case("and")]
    #[case("Stage")]
    #[case("orders")]
    #[case("ORDERS.count")]
    #[case("orders.of.mine")]
    fn the_language_keeps_its_own_names(#[case] name: &str) {
        assert!(is_reserved(name));
    }
}
