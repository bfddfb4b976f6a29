//! Texts in several languages, as a person reads them.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The most characters of a language tag that is of use here.
const MAX_TAG_CHARS: usize = 35;

/// The tag of a language, such as `es` or `pt-BR` (RFC 5646). Its parts are checked for their form and not looked up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LanguageTag(String);

/// The text is not the tag of a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a language is a tag such as es or pt-BR")]
pub struct InvalidTag;

impl LanguageTag {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language without region and script.
    fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }
}

impl TryFrom<String> for LanguageTag {
    type Error = InvalidTag;

    fn try_from(text: String) -> Result<Self, InvalidTag> {
        let mut parts = text.split('-');
        let primary = parts.next().unwrap_or_default();
        let letters = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphabetic());
        let plain = |part: &str| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        let valid = text.len() <= MAX_TAG_CHARS
            && (2..=8).contains(&primary.len())
            && letters(primary)
            && parts.all(plain);
        if valid {
            Ok(Self(text))
        } else {
            Err(InvalidTag)
        }
    }
}

impl From<LanguageTag> for String {
    fn from(tag: LanguageTag) -> Self {
        tag.0
    }
}

impl fmt::Display for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One text in several languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Words(pub BTreeMap<LanguageTag, String>);

impl Words {
    /// The text in this language, else in the same language of another region, else in English, else in any.
    pub fn in_language(&self, tag: &str) -> Option<&str> {
        let primary = tag.split('-').next().unwrap_or_default();
        let same = |wanted: &str| {
            let mut texts = self.0.iter();
            texts.find(|(tag, _)| tag.primary().eq_ignore_ascii_case(wanted))
        };
        let exact = self
            .0
            .iter()
            .find(|(known, _)| known.as_str().eq_ignore_ascii_case(tag));
        exact
            .or_else(|| same(primary))
            .or_else(|| same("en"))
            .or_else(|| self.0.iter().next())
            .map(|(_, text)| text.as_str())
    }

    /// English and Spanish, of purposes that are written in this crate.
    pub(super) fn english_and_spanish(english: &str, spanish: &str) -> Self {
        let texts = [("en", english), ("es", spanish)];
        Self(
            texts
                .map(|(tag, text)| (LanguageTag(tag.to_owned()), text.to_owned()))
                .into(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("es", true)]
    #[case("pt-BR", true)]
    #[case("zh-Hant-TW", true)]
    #[case("e", false)]
    #[case("", false)]
    #[case("es_ES", false)]
    #[case("es-", false)]
    #[case("1es", false)]
    #[case("en-aaaaaaaaa", false)]
    fn a_language_is_named_by_its_tag(#[case] text: &str, #[case] valid: bool) {
        assert_eq!(LanguageTag::try_from(text.to_owned()).is_ok(), valid);
    }

    #[rstest]
    #[case("es", "Ofertas")]
    #[case("es-MX", "Ofertas")]
    #[case("ES", "Ofertas")]
    #[case("en-GB", "Offers")]
    #[case("fr", "Offers")]
    #[case("", "Offers")]
    fn a_person_reads_their_language_or_the_next_best(#[case] tag: &str, #[case] text: &str) {
        let words = Words::english_and_spanish("Offers", "Ofertas");
        assert_eq!(words.in_language(tag), Some(text));
        assert_eq!(Words::default().in_language(tag), None);
    }
}
