//! Folded text: the form in which texts are compared without regard to case and accents.

use unicode_normalization::UnicodeNormalization;

/// Folds a text for comparison: canonical decomposition (NFD), without combining accents, in one case, composed again (NFC).
///
/// `Álvaro`, `ALVARO` and `álvaro` fold to `alvaro`, `Straße` to `strasse`. One case means each character's upper case in
/// lower case again, which joins what Unicode's full case folding joins (`ß` and `ss`, `σ` and `ς`), and `ı` with `i` besides.
/// Marks that are letters of their script and no accents, such as the vowels of Devanagari and the dakuten of kana, stay.
/// Folding a folded text changes nothing.
pub fn fold_text(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfd()
        .filter(|character| !is_accent(*character))
        // Lower case first: the capital ẞ is its own upper case, and only ß has SS.
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .nfd()
        .filter(|character| !is_accent(*character))
        .nfc()
        .collect()
}

/// The blocks of combining diacritical marks.
fn is_accent(character: char) -> bool {
    matches!(
        character,
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("ÁLVARO Núñez", "alvaro nunez")]
    #[case("Straße", "STRASSE")]
    #[case("ΟΔΥΣΣΕΥΣ", "οδυσσευς")]
    #[case("Ελλάδα", "ΕΛΛΑΔΑ")]
    #[case("İstanbul", "istanbul")]
    #[case("jose\u{301}", "JOSÉ")]
    #[case("ﬁn", "FIN")]
    fn texts_that_differ_in_case_or_accents_are_equal(#[case] a: &str, #[case] b: &str) {
        assert_eq!(fold_text(a), fold_text(b));
    }

    #[rstest]
    #[case("が", "か")]
    #[case("कि", "क")]
    #[case("rio", "ria")]
    fn texts_that_differ_in_letters_are_not(#[case] a: &str, #[case] b: &str) {
        assert_ne!(fold_text(a), fold_text(b));
    }

    #[test]
    fn folding_a_folded_character_changes_nothing() {
        // Beyond these planes no character has case.
        for character in '\0'..='\u{1ffff}' {
            let once = fold_text(&character.to_string());
            assert_eq!(fold_text(&once), once, "{character:?}");
        }
    }

    proptest! {
        #[test]
        fn folding_a_folded_text_changes_nothing(text in "\\PC{0,20}") {
            let once = fold_text(&text);
            prop_assert_eq!(fold_text(&once), once);
        }

        #[test]
        fn case_never_matters(text in "[A-Za-zÀ-žΑ-ωА-я ]{0,20}") {
            prop_assert_eq!(fold_text(&text.to_uppercase()), fold_text(&text));
        }
    }
}
