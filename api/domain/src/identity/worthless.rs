//! Worthless values: what clients send as an identifier although it identifies nobody.

use std::fmt;

/// Values that programs write where a value is missing.
const WORDS: [&str; 11] = [
    "null",
    "undefined",
    "none",
    "nan",
    "-1",
    "anonymous",
    "guest",
    "true",
    "false",
    "[object object]",
    "0",
];

/// The values that never identify anybody in this deployment.
///
/// Texts are compared in lower case and without blanks around them. Blank values, words such as `null` or `guest`, and values of
/// zeros and dashes alone are always worthless; a deployment adds patterns of its own.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Worthless {
    patterns: Vec<Pattern>,
}

/// A pattern of the deployment; the texts are in lower case.
#[derive(Clone, PartialEq, Eq)]
enum Pattern {
    Exact(String),
    StartsWith(String),
    EndsWith(String),
    Contains(String),
}

impl Pattern {
    /// A blank pattern and one of stars alone are none: they would make every value worthless.
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        let rest = text.trim_matches('*').to_owned();
        match (text.starts_with('*'), text.ends_with('*')) {
            _ if rest.is_empty() => None,
            (false, false) => Some(Self::Exact(rest)),
            (false, true) => Some(Self::StartsWith(rest)),
            (true, false) => Some(Self::EndsWith(rest)),
            (true, true) => Some(Self::Contains(rest)),
        }
    }

    fn matches(&self, value: &str) -> bool {
        match self {
            Self::Exact(text) => value == text,
            Self::StartsWith(text) => value.starts_with(text),
            Self::EndsWith(text) => value.ends_with(text),
            Self::Contains(text) => value.contains(text),
        }
    }
}

impl Worthless {
    /// The values that are always worthless and those of the deployment's own patterns: an exact value, or one with a `*` at its
    /// start, its end or both, which stands for any text.
    pub fn with_patterns(patterns: &[String]) -> Self {
        Self {
            patterns: patterns
                .iter()
                .filter_map(|pattern| Pattern::parse(pattern))
                .collect(),
        }
    }

    /// Whether the value identifies nobody.
    pub fn covers(&self, value: &str) -> bool {
        let value = value.trim();
        if value
            .chars()
            .all(|character| matches!(character, '0' | '-'))
        {
            return true;
        }
        let value = value.to_lowercase();
        WORDS.contains(&value.as_str())
            || self.patterns.iter().any(|pattern| pattern.matches(&value))
    }
}

/// Shows how many patterns there are: a pattern may hold somebody's address.
impl fmt::Debug for Worthless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worthless")
            .field("patterns", &self.patterns.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::empty("")]
    #[case::blank(" \t")]
    #[case::null("NULL")]
    #[case::undefined(" undefined ")]
    #[case::none("None")]
    #[case::not_a_number("NaN")]
    #[case::zero("0")]
    #[case::minus_one("-1")]
    #[case::anonymous("Anonymous")]
    #[case::guest("guest")]
    #[case::truth("true")]
    #[case::falsehood("False")]
    #[case::an_object("[object Object]")]
    #[case::the_nil_uuid("00000000-0000-0000-0000-000000000000")]
    fn what_stands_for_a_missing_value_identifies_nobody(#[case] value: &str) {
        assert!(Worthless::default().covers(value));
    }

    #[rstest]
    #[case("1")]
    #[case("guest-42")]
    #[case("100")]
    #[case("ana@example.com")]
    fn other_values_identify_somebody(#[case] value: &str) {
        assert!(!Worthless::default().covers(value));
    }

    #[rstest]
    #[case("test@shop.example", "Test@Shop.example", true)]
    #[case("test@shop.example", "a.test@shop.example", false)]
    #[case("*@shop.example", "anybody@shop.example", true)]
    #[case("POS-*", "pos-17", true)]
    #[case("*demo*", "my demo account", true)]
    #[case("a.c", "abc", false)]
    #[case("*", "ana@example.com", false)]
    #[case(" ", "ana@example.com", false)]
    fn a_deployment_adds_patterns_of_its_own(
        #[case] pattern: &str,
        #[case] value: &str,
        #[case] covered: bool,
    ) {
        assert_eq!(
            Worthless::with_patterns(&[pattern.to_owned()]).covers(value),
            covered
        );
    }
}
