//! Texts of conditions, folded without a copy where they are folded already.

use std::borrow::Cow;

use crate::profile::fold_text;

/// A text in its folded form.
pub(super) fn folded(text: &str) -> Cow<'_, str> {
    let is_folded = text
        .bytes()
        .all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if is_folded {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(fold_text(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_the_folded_text(text in "\\PC{0,12}") {
            prop_assert_eq!(folded(&text), fold_text(&text));
        }
    }
}
