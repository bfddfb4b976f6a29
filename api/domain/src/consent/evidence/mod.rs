//! Evidence: what shows afterwards who decided, when, how and what for (ISO/IEC TS 27560:2023).
//!
//! What is the same for all who were shown a text stands in its [`Notice`](super::Notice); here is what belongs to one decision.

mod check;
mod kinds;

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::LanguageTag;
use crate::clock::Timestamp;
use crate::hash::Hash256;
use crate::id::OptInId;

pub use check::EvidenceProblem;
pub use kinds::{Actor, CollectionMethod, Expression, Indication, Origin};

/// A form as the person saw it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Its name.
    pub id: String,
    /// Its version.
    pub version: String,
    /// The hash of what was shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Hash256>,
    /// The names of its fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// What stood beside the checkbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkbox_text: Option<String>,
    /// Whether the checkbox was ticked before the person came: then it says nothing.
    #[serde(default)]
    pub ticked_before: bool,
}

/// The second half of a double opt-in. The first half is the rest of the evidence.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// The request that was confirmed.
    pub opt_in: OptInId,
    /// When it was made.
    pub requested_at: Timestamp,
    /// When the message with the token was sent last.
    pub sent_at: Timestamp,
    /// The hash of that message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_sha256: Option<Hash256>,
    /// The hash of the token.
    pub token: Hash256,
    /// When it was confirmed.
    pub confirmed_at: Timestamp,
    /// From which address; only where the deployment keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<IpAddr>,
    /// With which program; only where the deployment keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
}

/// What shows that a decision was made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Who collected it: a source, a token or a person at the company.
    pub collected_by: String,
    /// Where it was collected.
    pub collection_method: CollectionMethod,
    /// By what it was indicated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indication: Option<Indication>,
    /// How plainly.
    pub expression: Expression,
    /// Who decided.
    pub actor: Actor,
    /// Where it is on record that a guardian decides for the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guardian: Option<String>,
    /// The hash of the text that was shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Hash256>,
    /// The language it was shown in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<LanguageTag>,
    /// The form it was shown in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Form>,
    /// The page it was shown on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_url: Option<String>,
    /// From which address; only where the deployment keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip: Option<IpAddr>,
    /// With which program; only where the deployment keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// Where a document or a recording of it is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
    /// Where imported records come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// The second half of a double opt-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<Confirmation>,
}

impl Evidence {
    /// Evidence with what it always has.
    pub fn new(
        collected_by: String,
        collection_method: CollectionMethod,
        expression: Expression,
        actor: Actor,
    ) -> Self {
        Self {
            collected_by,
            collection_method,
            indication: None,
            expression,
            actor,
            guardian: None,
            text: None,
            language: None,
            form: None,
            page_url: None,
            ip: None,
            user_agent: None,
            proof: None,
            origin: None,
            confirmation: None,
        }
    }

    /// Without addresses and programs, for deployments that do not keep them.
    #[must_use]
    pub fn without_traces(mut self) -> Self {
        (self.ip, self.user_agent) = (None, None);
        if let Some(half) = &mut self.confirmation {
            (half.ip, half.user_agent) = (None, None);
        }
        self
    }

    /// With addresses cut to their network (24 of 32 bits, 48 of 128), for when they have been kept long enough.
    #[must_use]
    pub fn with_networks_alone(mut self) -> Self {
        self.ip = self.ip.map(network);
        if let Some(half) = &mut self.confirmation {
            half.ip = half.ip.map(network);
        }
        self
    }
}

fn network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            Ipv4Addr::new(a, b, c, 0).into()
        }
        IpAddr::V6(ip) => {
            let [a, b, c, ..] = ip.segments();
            Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0).into()
        }
    }
}

/// Shows nothing of the person.
impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Evidence")
            .field("collection_method", &self.collection_method)
            .field("expression", &self.expression)
            .field("actor", &self.actor)
            .field("text", &self.text)
            .field("confirmation", &self.confirmation)
            .finish_non_exhaustive()
    }
}

/// Shows nothing of the person.
impl fmt::Debug for Confirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirmation")
            .field("opt_in", &self.opt_in)
            .field("confirmed_at", &self.confirmed_at)
            .finish_non_exhaustive()
    }
}
