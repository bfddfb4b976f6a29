//! The keys that sign our tokens (Ed25519, RFC 8037), and signing and verifying with them.

use std::collections::HashMap;
use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use lazo_domain::clock::Timestamp;
use lazo_domain::id::SigningKeyId;
use lazo_entity::signing_key;
use secrecy::SecretString;

use super::jwt::{Claims, ISSUER, LONGEST_INTERNAL, Refused};
use super::secret::{DeploymentSecret, SecretError};

/// The one algorithm of our keys, under its name in the database and in the header of a token.
const ALGORITHM: &str = "EdDSA";
/// Longer texts are no tokens of ours and are not looked into.
const LONGEST_TOKEN: usize = 4096;

/// Draws a key; the private half is stored encrypted under the deployment secret, bound to the key's id.
pub fn generate(
    id: SigningKeyId,
    secret: &DeploymentSecret,
    now: Timestamp,
) -> Result<signing_key::Model, SecretError> {
    let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())?;
    let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).map_err(|_| SecretError::Crypto)?;
    let kid = id.to_string();
    Ok(signing_key::Model {
        id,
        public_key: pair.public_key().as_ref().to_vec(),
        private_key: secret.seal(&kid, document.as_ref())?,
        kid,
        algorithm: ALGORITHM.to_owned(),
        created_at: now,
        retired_at: None,
    })
}

/// How long a retired key may still be found to have signed, in milliseconds: other processes learn of it within seconds, and
/// while the database does not answer within a minute.
const UNTIL_ALL_KNOW: i64 = 90_000;

struct Key {
    verifies: DecodingKey,
    public: Vec<u8>,
    created_at: Timestamp,
    retired_at: Option<Timestamp>,
}

/// A public key as it is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Its id.
    pub kid: String,
    /// The key itself (RFC 8037, section 2), in the alphabet of addresses without padding.
    pub x: String,
}

/// The keys of a deployment: the oldest that is not retired signs, all verify what they have signed.
pub struct Keyring {
    keys: HashMap<String, Key>,
    current: Option<(String, EncodingKey)>,
}

/// A token whose signature, issuer and audience have been verified, and the key that signed it.
#[derive(Clone, Debug)]
pub struct Verified<C> {
    /// What the token says.
    pub claims: C,
    kid: String,
}

impl Keyring {
    /// Opens the keys stored. One that does not open under this secret is left out, with a warning.
    pub fn open(rows: &[signing_key::Model], secret: &DeploymentSecret) -> Self {
        let mut keys = HashMap::with_capacity(rows.len());
        let mut oldest: Option<((Timestamp, SigningKeyId), String, EncodingKey)> = None;
        for row in rows {
            let Some((public, verifies, signs)) = open_key(row, secret) else {
                tracing::warn!(key = %row.id, "a signing key does not open under this deployment's secret");
                continue;
            };
            keys.insert(
                row.kid.clone(),
                Key {
                    verifies,
                    public,
                    created_at: row.created_at,
                    retired_at: row.retired_at,
                },
            );
            let age = (row.created_at, row.id);
            if row.retired_at.is_none() && oldest.as_ref().is_none_or(|(known, ..)| *known > age) {
                oldest = Some((age, row.kid.clone(), signs));
            }
        }
        Self {
            keys,
            current: oldest.map(|(_, kid, signs)| (kid, signs)),
        }
    }

    /// Whether there is no key in it.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether there is a key to sign with.
    pub fn can_sign(&self) -> bool {
        self.current.is_some()
    }

    /// How many keys are not retired.
    pub fn standing(&self) -> usize {
        let standing = |key: &&Key| key.retired_at.is_none();
        self.keys.values().filter(standing).count()
    }

    /// The public keys that others may need, the oldest first: those that stand, and those retired for less than twice the
    /// longest life of a token.
    pub fn published(&self, now: Timestamp) -> Vec<Published> {
        let overlap = i64::try_from(LONGEST_INTERNAL.as_millis()).unwrap_or(i64::MAX);
        let overlap = overlap.saturating_mul(2);
        let mut keys: Vec<_> = self
            .keys
            .iter()
            .filter(|(_, key)| {
                key.retired_at
                    .is_none_or(|at| now <= at.plus_millis(overlap))
            })
            .collect();
        keys.sort_by_key(|(kid, key)| (key.created_at, *kid));
        keys.into_iter()
            .map(|(kid, key)| Published {
                kid: kid.clone(),
                x: URL_SAFE_NO_PAD.encode(&key.public),
            })
            .collect()
    }

    /// Signs a token with the current key.
    pub fn sign(&self, claims: &impl Claims) -> Result<SecretString, Refused> {
        let (kid, key) = self.current.as_ref().ok_or(Refused::NoKey)?;
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(kid.clone());
        let token = jsonwebtoken::encode(&header, claims, key).map_err(|_| Refused::Invalid)?;
        Ok(token.into())
    }

    /// Verifies a token: the key by the `kid` of its header, the algorithm from our key, the times by our clock.
    pub fn verify<C: Claims>(&self, token: &str, now: Timestamp) -> Result<Verified<C>, Refused> {
        if token.len() > LONGEST_TOKEN {
            return Err(Refused::Invalid);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| Refused::Invalid)?;
        let kid = header.kid.ok_or(Refused::Invalid)?;
        let key = self.keys.get(&kid).ok_or(Refused::UnknownKey)?;
        let claims = jsonwebtoken::decode(token, &key.verifies, &validation(C::AUDIENCE))
            .map_err(|_| Refused::Invalid)?
            .claims;
        let verified = Verified { claims, kid };
        self.check(&verified, now)?;
        Ok(verified)
    }

    /// Judges a token again whose signature has been verified before: its times, and whether its key still stands.
    ///
    /// A retired key has signed nothing once all processes know of it, and no visitor token of it is alive an hour later.
    pub fn check<C: Claims>(&self, verified: &Verified<C>, now: Timestamp) -> Result<(), Refused> {
        let key = self.keys.get(&verified.kid).ok_or(Refused::UnknownKey)?;
        let times = verified.claims.times();
        if let Some(retired_at) = key.retired_at {
            let last = i64::try_from(C::LONGEST.as_millis()).unwrap_or(i64::MAX);
            let all_know = retired_at.plus_millis(UNTIL_ALL_KNOW);
            let signed_later = times.issued.saturating_mul(1000) > all_know.0;
            if signed_later || now > all_know.plus_millis(last) {
                return Err(Refused::Invalid);
            }
        }
        if !verified.claims.is_well_formed() {
            return Err(Refused::Invalid);
        }
        times.check(now, C::LONGEST)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.keys.keys()).finish()
    }
}

/// The public half is taken from the private one, which only the deployment secret can have stored: whoever can write to the
/// table alone cannot add a key of theirs.
fn open_key(
    row: &signing_key::Model,
    secret: &DeploymentSecret,
) -> Option<(Vec<u8>, DecodingKey, EncodingKey)> {
    if row.algorithm != ALGORITHM {
        return None;
    }
    let document = secret.open(&row.kid, &row.private_key).ok()?;
    let pair = Ed25519KeyPair::from_pkcs8(&document).ok()?;
    Some((
        pair.public_key().as_ref().to_vec(),
        DecodingKey::from_ed_der(pair.public_key().as_ref()),
        EncodingKey::from_ed_der(&document),
    ))
}

/// Signature, issuer, audience and presence are the library's part; the times are ours, by our clock and as integers only.
fn validation(audience: &str) -> Validation {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[audience]);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation
}
