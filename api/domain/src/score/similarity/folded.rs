//! Texts that are folded.

use std::borrow::Borrow;

use serde::{Deserialize, Serialize};

use crate::profile::fold_text;

/// A text in its folded form (see [`fold_text`]), in which the values of traits are compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Folded(String);

impl Folded {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Folded {
    fn from(text: String) -> Self {
        Self(fold_text(&text))
    }
}

impl From<&str> for Folded {
    fn from(text: &str) -> Self {
        Self(fold_text(text))
    }
}

impl From<Folded> for String {
    fn from(text: Folded) -> Self {
        text.0
    }
}

impl Borrow<str> for Folded {
    fn borrow(&self) -> &str {
        &self.0
    }
}
