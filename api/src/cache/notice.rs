//! What one process tells the others to forget. It holds ids and keyed hashes, no personal data and no secrets.

use lazo_domain::id::{ProfileId, TokenId};
use lazo_entity::{source, token};
use serde::{Deserialize, Serialize};

/// What is to be forgotten. Members that a reader does not know are passed over, so that versions can run side by side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Notice {
    /// A token.
    Token {
        /// Its id.
        token: TokenId,
        /// The keyed hash of an opaque one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hash: Option<String>,
    },
    /// A source.
    Source {
        /// The keyed hashes of its keys.
        source: Vec<String>,
    },
    /// The signing keys.
    Keys {
        /// Always true.
        keys: bool,
    },
    /// Profiles that a commit changed.
    Hot {
        /// Which, and by what commit.
        hot: PutOut,
    },
}

/// What a commit changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutOut {
    /// Its number in the deployment's order of commits.
    pub commit: i64,
    /// The profiles, each with its new version.
    pub profiles: Vec<(ProfileId, i64)>,
}

impl Notice {
    /// A token is to be forgotten.
    pub fn token(token: &token::Model) -> Self {
        Self::Token {
            token: token.id,
            hash: token.hash.clone(),
        }
    }

    /// A source is to be forgotten.
    pub fn source(source: &source::Model) -> Self {
        let hashes = std::iter::once(&source.key_hash).chain(&source.second_key_hash);
        Self::Source {
            source: hashes.cloned().collect(),
        }
    }

    /// The signing keys are to be forgotten.
    pub fn keys() -> Self {
        Self::Keys { keys: true }
    }
}
