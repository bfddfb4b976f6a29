//! What a provider's token says, and the role that it gives.

use lazo_domain::access::Role;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::auth::jwt::Times;
use crate::config::OidcProvider;

/// The longest subject (OpenID Connect Core, section 2).
const LONGEST_SUBJECT: usize = 255;

/// The claims of a provider's token. Times are whole numbers: a text, or nothing, is refused.
#[derive(Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) sub: String,
    exp: i64,
    iat: i64,
    #[serde(default)]
    nbf: Option<i64>,
    #[serde(flatten)]
    others: Map<String, Json>,
}

impl Claims {
    pub(super) fn times(&self) -> Times {
        Times {
            issued: self.iat,
            not_before: self.nbf,
            expires: self.exp,
        }
    }

    /// Whether the subject can be written into a log line as it is.
    pub(super) fn has_sound_subject(&self) -> bool {
        !self.sub.trim().is_empty()
            && self.sub.len() <= LONGEST_SUBJECT
            && !self.sub.contains(char::is_control)
    }

    /// The role that the token gives: of several the first in the order of [`Role::ALL`].
    pub(super) fn role(&self, provider: &OidcProvider) -> Option<Role> {
        let claim = self.claim(&provider.role_claim)?;
        let values: Vec<&str> = match claim {
            Json::String(one) => vec![one],
            Json::Array(many) => many.iter().filter_map(Json::as_str).collect(),
            _ => Vec::new(),
        };
        let given: Vec<Role> = values
            .into_iter()
            .filter_map(|value| provider.role(value))
            .collect();
        Role::ALL.iter().copied().find(|role| given.contains(role))
    }

    /// A claim by its name, which may hold dots, else by its path.
    fn claim(&self, path: &str) -> Option<&Json> {
        if let Some(claim) = self.others.get(path) {
            return Some(claim);
        }
        let (first, rest) = path.split_once('.')?;
        rest.split('.')
            .try_fold(self.others.get(first)?, |claim, name| claim.get(name))
    }
}
