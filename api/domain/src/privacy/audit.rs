//! The audit log as a chain: each entry is bound to the one before, so that one that was altered, removed or moved shows.
//!
//! An event is hashed in its canonical spelling, and the link is the hash of [`TAG`], the link before and the hash of the event. An event
//! tells who did what and to whom by ids and field names, never by personal values, so that erasure leaves the chain whole.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{NotCanonical, canonical};
use crate::clock::Timestamp;
use crate::hash::Hash256;

/// What the hash of a link begins with.
const TAG: &[u8] = b"cdp-audit-v1";

/// Something that somebody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// When.
    pub at: Timestamp,
    /// Who: a token, the command line or the timer.
    pub actor: &'a str,
    /// What, such as `consent.withdraw`.
    pub op: &'a str,
    /// To what: an id, or what stands for a person and does not name them.
    pub subject: &'a str,
    /// What else matters; nothing if nothing does.
    pub details: Value,
}

impl Event<'_> {
    /// The event as it is hashed and stored, at its place in the chain.
    pub fn payload(&self, seq: u64) -> Value {
        let mut payload = json!({
            "actor": self.actor,
            "at": self.at.to_string(),
            "op": self.op,
            "seq": seq,
            "subject": self.subject,
        });
        if let (false, Some(members)) = (self.details.is_null(), payload.as_object_mut()) {
            members.insert("details".to_owned(), self.details.clone());
        }
        payload
    }
}

/// The value with each number as text that has no canonical spelling, so that it can be hashed.
pub fn hashable(value: Value) -> Value {
    match value {
        Value::Number(_) if canonical(&value).is_err() => Value::String(value.to_string()),
        Value::Array(values) => values.into_iter().map(hashable).collect(),
        Value::Object(members) => {
            let members = members.into_iter();
            Value::Object(
                members
                    .map(|(name, value)| (name, hashable(value)))
                    .collect(),
            )
        }
        other => other,
    }
}

/// The end of a chain, at its beginning before the first entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The place of the last entry, counted from 1.
    pub seq: u64,
    /// Its link.
    pub hash: Hash256,
}

impl Default for Head {
    fn default() -> Self {
        Self {
            seq: 0,
            hash: Hash256::ZERO,
        }
    }
}

/// What is stored with a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The place in the chain.
    pub seq: u64,
    /// The hash of the payload.
    pub payload: Hash256,
    /// The link: what the next entry follows.
    pub hash: Hash256,
}

impl Head {
    /// The link of the payload that comes next.
    pub fn link(&self, payload: &Value) -> Result<Link, NotCanonical> {
        let payload = Hash256::of(canonical(payload)?);
        Ok(Link {
            seq: self.seq.saturating_add(1),
            payload,
            hash: Hash256::of_all(&[TAG, &self.hash.0, &payload.0]),
        })
    }
}

impl From<Link> for Head {
    fn from(link: Link) -> Self {
        Self {
            seq: link.seq,
            hash: link.hash,
        }
    }
}

/// What is wrong with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is not there, though one after it is, or the chain was known to go on.
    #[error("is missing")]
    Missing,
    /// Its payload is not what was appended, or stands at another place.
    #[error("was altered")]
    Altered,
    /// It does not follow the entry before it.
    #[error("does not follow the entry before it")]
    Unlinked,
}

/// The first entry that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("entry {seq} {fault}")]
pub struct Broken {
    /// Its place in the chain.
    pub seq: u64,
    /// What is wrong with it.
    pub fault: Fault,
}

/// Verifies a chain, entry by entry in the order of their places, from a known end of what comes before.
#[derive(Clone, Copy, Debug, Default)]
pub struct Verifier {
    head: Head,
}

impl Verifier {
    /// Verifies what comes after a known end.
    pub const fn after(head: Head) -> Self {
        Self { head }
    }

    /// Verifies the next entry.
    pub fn check(&mut self, payload: &Value, stored: &Link) -> Result<(), Broken> {
        let next = self.head.seq.saturating_add(1);
        let broken = |fault| Broken { seq: next, fault };
        if stored.seq != next {
            return Err(broken(if stored.seq > next {
                Fault::Missing
            } else {
                Fault::Unlinked
            }));
        }
        let link = self.head.link(payload);
        let link = link.map_err(|NotCanonical| broken(Fault::Altered))?;
        let placed = payload.get("seq").and_then(Value::as_u64) == Some(next);
        if link.payload != stored.payload || !placed {
            return Err(broken(Fault::Altered));
        }
        if link.hash != stored.hash {
            return Err(broken(Fault::Unlinked));
        }
        self.head = link.into();
        Ok(())
    }

    /// The end of the chain. Where an earlier end was kept elsewhere, the chain must not be shorter than it, since what is cut off at
    /// the end leaves no other trace.
    pub fn end(self, kept: Option<Head>) -> Result<Head, Broken> {
        match kept {
            Some(kept) if kept.seq > self.head.seq => Err(Broken {
                seq: self.head.seq.saturating_add(1),
                fault: Fault::Missing,
            }),
            Some(kept) if kept.seq == self.head.seq && kept.hash != self.head.hash => Err(Broken {
                seq: kept.seq,
                fault: Fault::Unlinked,
            }),
            _ => Ok(self.head),
        }
    }
}

/// Verifies a whole chain.
pub fn verify<'a>(
    entries: impl IntoIterator<Item = (&'a Value, &'a Link)>,
    kept: Option<Head>,
) -> Result<Head, Broken> {
    let mut verifier = Verifier::default();
    for (payload, stored) in entries {
        verifier.check(payload, stored)?;
        if let Some(kept) = kept.filter(|kept| kept.seq == stored.seq)
            && kept.hash != stored.hash
        {
            return Err(Broken {
                seq: stored.seq,
                fault: Fault::Unlinked,
            });
        }
    }
    verifier.end(kept)
}
