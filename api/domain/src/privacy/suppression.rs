//! Suppression: keyed hashes of identifiers that stay after everything else is erased, so that the deleted stay deleted and whoever
//! unsubscribed is not written to again.
//!
//! A hash is HMAC-SHA-256, keyed with a secret of the deployment, over the version of this form, the deployment, the namespace and the
//! normalised value, with U+001F between them. Without the key nobody can find out by guessing whose it is.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::clock::Timestamp;
use crate::consent::{Category, Decided, Purpose, PurposeKey};
use crate::hash::Hash256;
use crate::identity::Namespace;
use crate::names::named;
use crate::touchpoint::Channel;

/// The version of what is hashed.
const FORM: &str = "v1";

/// What stands between the parts of what is hashed.
const SEPARATOR: &[u8] = b"\x1f";

/// Providers whose mailboxes take any tag after a `+`.
const TAGGED: [&str; 9] = [
    "gmail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "me.com",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "fastmail.com",
];

named! {
    /// Why an identifier is suppressed.
    SuppressionReason {
        /// The person was erased.
        Erasure = "ERASURE",
        /// The person has died.
        Deceased = "DECEASED",
        /// The person objected.
        Objection = "OBJECTION",
        /// The person called a message spam.
        Complaint = "COMPLAINT",
        /// The person unsubscribed.
        Unsubscribe = "UNSUBSCRIBE",
        /// The person is too young.
        Minor = "MINOR",
        /// The address takes no messages.
        HardBounce = "HARD_BOUNCE",
    }
}

/// Which purposes a suppression covers. None covers the rights of the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Covered {
    /// All of them.
    Everything,
    /// Marketing, with the profiling for it.
    Marketing,
    /// One.
    Purpose(PurposeKey),
}

/// What a suppression covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Which purposes.
    pub of: Covered,
    /// On which channel; none if on all of them, and where there is none.
    pub channel: Option<Channel>,
}

/// A suppression of an identifier. It holds nothing that names the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// The key that the hash was made with.
    pub key: u32,
    /// The keyed hash of the identifier.
    pub hash: Hash256,
    /// The namespace of the identifier.
    pub namespace: Namespace,
    /// What it covers.
    pub scope: Scope,
    /// Why.
    pub reason: SuppressionReason,
    /// Since when.
    pub since: Timestamp,
    /// From when on it no longer holds; none if it holds until it is lifted.
    pub expires_at: Option<Timestamp>,
    /// When the person lifted it, having shown that the identifier is theirs. Nobody else can.
    pub lifted_at: Option<Timestamp>,
}

impl Suppression {
    /// Whether it holds at an instant.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        let ended = |end: Option<Timestamp>| end.is_some_and(|end| end <= now);
        self.since <= now && !ended(self.expires_at) && !ended(self.lifted_at)
    }

    /// Whether it forbids a purpose on a channel at an instant, unless [`is_lifted_by`](Self::is_lifted_by).
    pub fn covers(&self, purpose: &Purpose, channel: Option<Channel>, now: Timestamp) -> bool {
        let of = match &self.scope.of {
            Covered::Everything => true,
            Covered::Marketing => purpose.category.is_marketing(),
            Covered::Purpose(key) => *key == purpose.key,
        };
        let on = self.scope.channel.is_none() || self.scope.channel == channel;
        of && on && purpose.category != Category::Rights && self.is_in_force(now)
    }

    /// Whether a grant lifts it for the purpose and the channel that the grant is about: it was confirmed by whoever holds the address,
    /// and later. No older consent does, whatever it was.
    pub fn is_lifted_by(&self, grant: &Decided) -> bool {
        grant.confirmed && grant.at > self.since
    }
}

/// What happens to data that arrive with an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Nothing is suppressed.
    Free,
    /// They are accepted and make nobody eligible for what is suppressed.
    Suppressed(SuppressionReason),
    /// The person was erased: nothing is stored.
    Refused,
}

/// What happens to data that arrive, by ingestion, import, replay or unmerge, with an identifier that these suppressions are found for.
pub fn arrival<'a>(rows: impl IntoIterator<Item = &'a Suppression>, now: Timestamp) -> Arrival {
    let rows = rows.into_iter().filter(|row| row.is_in_force(now));
    match rows.map(|row| row.reason).min() {
        None => Arrival::Free,
        Some(SuppressionReason::Erasure) => Arrival::Refused,
        Some(reason) => Arrival::Suppressed(reason),
    }
}

/// A key of keyed hashes.
#[derive(Clone)]
pub struct SuppressionKey {
    id: u32,
    bytes: [u8; 32],
}

impl SuppressionKey {
    /// The key of this id.
    pub const fn new(id: u32, bytes: [u8; 32]) -> Self {
        Self { id, bytes }
    }

    /// The keyed hash of a normalised identifier.
    pub fn hash(&self, deployment: &str, namespace: &Namespace, value: &str) -> Hash256 {
        // A key shorter than a block of the hash is filled up with zeros (RFC 2104, section 2).
        let mut block = [0; 64];
        block[..32].copy_from_slice(&self.bytes);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        let parts = [FORM, deployment, namespace.as_str(), value];
        for (place, part) in parts.into_iter().enumerate() {
            if place > 0 {
                mac.update(SEPARATOR);
            }
            mac.update(part.as_bytes());
        }
        Hash256(mac.finalize().into_bytes().into())
    }
}

/// Shows the id and not the key.
impl fmt::Debug for SuppressionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SuppressionKey({})", self.id)
    }
}

/// The keys of a deployment: one that hashes are made with, and former ones that older hashes are found with.
#[derive(Clone, Debug)]
pub struct SuppressionKeys {
    deployment: String,
    current: SuppressionKey,
    former: Vec<SuppressionKey>,
}

impl SuppressionKeys {
    /// The keys of a deployment.
    pub const fn new(
        deployment: String,
        current: SuppressionKey,
        former: Vec<SuppressionKey>,
    ) -> Self {
        Self {
            deployment,
            current,
            former,
        }
    }

    /// The hashes to be stored for a normalised identifier, each with the id of its key: of the value, and of the mailbox where an
    /// email address names one in its own way.
    pub fn stored(&self, namespace: &Namespace, value: &str) -> Vec<(u32, Hash256)> {
        self.with(&self.current, namespace, value)
    }

    /// The hashes under which a normalised identifier may be found, each with the id of its key. Who finds one under a former key stores
    /// it again under the current one.
    pub fn sought(&self, namespace: &Namespace, value: &str) -> Vec<(u32, Hash256)> {
        let keys = std::iter::once(&self.current).chain(&self.former);
        keys.flat_map(|key| self.with(key, namespace, value))
            .collect()
    }

    fn with(
        &self,
        key: &SuppressionKey,
        namespace: &Namespace,
        value: &str,
    ) -> Vec<(u32, Hash256)> {
        let hash = |value: &str| (key.id, key.hash(&self.deployment, namespace, value));
        let mailbox = mailbox(namespace, value).filter(|mailbox| mailbox != value);
        let others = mailbox.as_deref().map(hash);
        std::iter::once(hash(value)).chain(others).collect()
    }
}

/// The mailbox that a normalised email address delivers to, where the provider is known to have several addresses for one; none for
/// any other identifier.
pub fn mailbox(namespace: &Namespace, value: &str) -> Option<String> {
    if *namespace != Namespace::email() {
        return None;
    }
    let (local, domain) = value.rsplit_once('@')?;
    let domain = if domain == "googlemail.com" {
        "gmail.com"
    } else {
        domain
    };
    if !TAGGED.contains(&domain) {
        return None;
    }
    let local = local.split('+').next().filter(|name| !name.is_empty())?;
    Some(if domain == "gmail.com" {
        format!("{}@{domain}", local.replace('.', ""))
    } else {
        format!("{local}@{domain}")
    })
}
