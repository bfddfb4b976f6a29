//! A provider's public keys (RFC 7517), each for one algorithm.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse,
};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value as Json;

/// The most keys in a set. A provider has two or three.
pub(super) const MOST_KEYS: usize = 20;
/// The shortest modulus of an RSA key, in bytes (NIST SP 800-131A).
const SHORTEST_MODULUS: usize = 256;

/// A set of keys as it is fetched. A key that does not read is no reason to refuse the others.
#[derive(Deserialize)]
pub(super) struct KeySet {
    keys: Vec<Json>,
}

/// A key that verifies by one algorithm alone.
pub(super) struct Key {
    pub(super) algorithm: Algorithm,
    pub(super) verifies: DecodingKey,
}

/// The keys of a set that can be used, by their ids.
pub(super) type Keys = HashMap<String, Key>;

impl KeySet {
    /// The keys that can be used; none where the set is too large. Of two keys of one id neither counts.
    pub(super) fn usable(self) -> Option<Keys> {
        if self.keys.len() > MOST_KEYS {
            return None;
        }
        let mut keys = Keys::new();
        let mut doubles = Vec::new();
        for (id, key) in self.keys.into_iter().filter_map(usable) {
            match keys.entry(id) {
                Entry::Vacant(entry) => {
                    entry.insert(key);
                }
                Entry::Occupied(entry) => doubles.push(entry.key().clone()),
            }
        }
        for id in doubles {
            keys.remove(&id);
        }
        Some(keys)
    }
}

fn usable(key: Json) -> Option<(String, Key)> {
    let key: Jwk = serde_json::from_value(key).ok()?;
    let id = key.common.key_id.clone()?;
    let uses = key.common.public_key_use.as_ref();
    let operations = key.common.key_operations.as_deref();
    let verifies = uses.is_none_or(|uses| *uses == PublicKeyUse::Signature)
        && operations.is_none_or(|operations| operations.contains(&KeyOperations::Verify));
    let algorithm = algorithm(&key).filter(|_| verifies)?;
    let verifies = DecodingKey::from_jwk(&key).ok()?;
    Some((
        id,
        Key {
            algorithm,
            verifies,
        },
    ))
}

/// The one algorithm of a key: the one that it names if its kind allows it, else the usual one of its kind. A symmetric key is no
/// public key.
fn algorithm(key: &Jwk) -> Option<Algorithm> {
    let named = key.common.key_algorithm;
    match &key.algorithm {
        AlgorithmParameters::RSA(rsa) => {
            let modulus = URL_SAFE_NO_PAD.decode(&rsa.n).ok()?;
            if modulus.iter().skip_while(|byte| **byte == 0).count() < SHORTEST_MODULUS {
                return None;
            }
            match named {
                None | Some(KeyAlgorithm::RS256) => Some(Algorithm::RS256),
                Some(KeyAlgorithm::RS384) => Some(Algorithm::RS384),
                Some(KeyAlgorithm::RS512) => Some(Algorithm::RS512),
                Some(KeyAlgorithm::PS256) => Some(Algorithm::PS256),
                Some(KeyAlgorithm::PS384) => Some(Algorithm::PS384),
                Some(KeyAlgorithm::PS512) => Some(Algorithm::PS512),
                Some(_) => None,
            }
        }
        AlgorithmParameters::EllipticCurve(curve) => match (&curve.curve, named) {
            (EllipticCurve::P256, None | Some(KeyAlgorithm::ES256)) => Some(Algorithm::ES256),
            (EllipticCurve::P384, None | Some(KeyAlgorithm::ES384)) => Some(Algorithm::ES384),
            _ => None,
        },
        AlgorithmParameters::OctetKeyPair(pair) => match (&pair.curve, named) {
            (EllipticCurve::Ed25519, None | Some(KeyAlgorithm::EdDSA)) => Some(Algorithm::EdDSA),
            _ => None,
        },
        _ => None,
    }
}
