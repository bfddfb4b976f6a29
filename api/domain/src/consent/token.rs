//! What the token of a double opt-in says. Signing it, and checking the signature, is for whoever holds the keys.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::PurposeKey;
use crate::clock::Timestamp;
use crate::hash::Hash256;
use crate::id::{FragmentId, OptInId};
use crate::touchpoint::Channel;

/// The most bytes of the claims of a token; more are not read.
const MAX_BYTES: usize = 1_024;

/// The claims of a token that confirms, or disowns, one request for a double opt-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// The request.
    #[serde(rename = "sub")]
    pub opt_in: OptInId,
    /// Whose request it is. A fragment, since the profile it belongs to changes with merges.
    #[serde(rename = "frg")]
    pub fragment: FragmentId,
    /// The purpose.
    #[serde(rename = "pur")]
    pub purpose: PurposeKey,
    /// The channel.
    #[serde(rename = "chn")]
    pub channel: Channel,
    /// 128 random bits, so that nobody can guess a token.
    #[serde(rename = "jti")]
    pub nonce: Uuid,
    /// From when on it does not confirm, in milliseconds since 1970.
    #[serde(rename = "exp")]
    pub expires_at: Timestamp,
}

/// The bytes are not the claims of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a token that confirms")]
pub struct InvalidClaims;

impl Claims {
    /// The claims as they are signed: compact JSON, of which there is one spelling.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Texts and numbers alone: writing them cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads claims whose signature is right.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidClaims> {
        let short = bytes.len() <= MAX_BYTES;
        let claims: Option<Self> = short.then(|| serde_json::from_slice(bytes).ok()).flatten();
        claims
            .filter(|claims| claims.to_bytes() == bytes)
            .ok_or(InvalidClaims)
    }

    /// The hash under which the token is remembered: whoever reads the database cannot confirm.
    pub fn hash(&self) -> Hash256 {
        Hash256::of(self.to_bytes())
    }
}
