//! Keys of purposes.

use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Category;
use crate::condition::check::is_key;

/// The key of a purpose, such as `offers`: 1 to 64 characters of a to z, 0 to 9, `_` and `-`, the first a letter or a digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PurposeKey(String);

/// The text is not written as keys are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a key is 1 to 64 characters of a to z, 0 to 9, _ and -, and begins with a letter or a digit"
)]
pub struct InvalidKey;

impl PurposeKey {
    /// The key, if the text is one.
    pub fn new(text: &str) -> Result<Self, InvalidKey> {
        Self::try_from(text.to_owned())
    }

    /// The key of the purpose that is named after its category.
    pub fn of(category: Category) -> Self {
        Self(category.as_str().to_ascii_lowercase())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PurposeKey {
    type Error = InvalidKey;

    fn try_from(text: String) -> Result<Self, InvalidKey> {
        if is_key(&text) {
            Ok(Self(text))
        } else {
            Err(InvalidKey)
        }
    }
}

impl From<PurposeKey> for String {
    fn from(key: PurposeKey) -> Self {
        key.0
    }
}

impl Borrow<str> for PurposeKey {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PurposeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
