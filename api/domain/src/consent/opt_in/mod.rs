//! Double opt-in: a request, a message with a token, and one confirmation.
//!
//! Programs that look at messages fetch the links in them, so a link shows a page and only what is sent from that page confirms
//! ([`OptIn::confirm`]) or disowns ([`OptIn::reject`]). The answer to a request never tells whether the address was known.

mod rules;

pub use rules::{OptInRules, TooMany, may_send};

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Answer, Claims, Confirmation, DecisionKind, Evidence, InvalidClaims, PurposeKey};
use crate::clock::Timestamp;
use crate::hash::Hash256;
use crate::id::{FragmentId, OptInId};
use crate::names::named;
use crate::touchpoint::Channel;

named! {
    /// Where a request for a double opt-in stands.
    OptInStatus {
        /// The message is to be sent.
        Requested = "REQUESTED",
        /// The message was sent.
        Sent = "SENT",
        /// The person confirmed.
        Confirmed = "CONFIRMED",
        /// It is too late to confirm.
        Expired = "EXPIRED",
        /// The person says that it was not them.
        Rejected = "REJECTED",
    }
}

/// What a person asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Who asks.
    pub fragment: FragmentId,
    /// For what.
    pub purpose: PurposeKey,
    /// On which channel, where the message goes too.
    pub channel: Channel,
    /// The keyed hash of the address the message goes to.
    pub address: Hash256,
}

/// A request for a double opt-in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptIn {
    /// Its id.
    pub id: OptInId,
    /// Who asked.
    pub fragment: FragmentId,
    /// For what.
    pub purpose: PurposeKey,
    /// On which channel, where the message goes too.
    pub channel: Channel,
    /// The keyed hash of the address the message goes to.
    pub address: Hash256,
    /// When it was made.
    pub requested_at: Timestamp,
    /// From when on it can no longer be confirmed.
    pub expires_at: Timestamp,
    /// The hash of the token. All its messages carry the same one.
    pub token: Hash256,
    /// When each message was sent, the last one at the end.
    pub sent: Vec<Timestamp>,
    /// The hash of the last message.
    pub message_sha256: Option<Hash256>,
    /// When it was confirmed.
    pub confirmed_at: Option<Timestamp>,
    /// When the person said that it was not them.
    pub rejected_at: Option<Timestamp>,
}

/// What a request comes to. Whoever asked is told the same in each case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requested {
    /// A new request: it is stored, and its message sent.
    New(Box<OptIn>),
    /// It was asked before: the message is sent again.
    Again,
    /// It was asked before and nothing is sent.
    Nothing(TooMany),
}

/// A confirmation and what follows from it. The link between the fragment and the address has become verified, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed {
    /// The request, confirmed.
    pub opt_in: OptIn,
    /// The grant to be written down.
    pub answer: Answer,
    /// Its evidence: that of the request with its second half.
    pub evidence: Evidence,
}

/// Why a token neither confirms nor disowns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptInRefusal {
    /// It is none of ours, was altered, or belongs to another request, another person, another purpose or another channel.
    #[error("not a token that confirms")]
    Invalid,
    /// It was used before.
    #[error("this was confirmed before")]
    Used,
    /// It is too late.
    #[error("it is too late to confirm")]
    Expired,
    /// The person said that it was not them.
    #[error("this was disowned")]
    Rejected,
    /// No message was sent, so nobody can have the token.
    #[error("no message was sent")]
    NotSent,
}

impl From<InvalidClaims> for OptInRefusal {
    fn from(_: InvalidClaims) -> Self {
        Self::Invalid
    }
}

impl OptIn {
    /// What asking comes to, where `open` is the request that the same person made for the same before, if there is one.
    ///
    /// While a request can be confirmed, asking again makes no second one. `claims` is what the token of a new one would say.
    pub fn request(
        asked: Asked,
        claims: &Claims,
        open: Option<&Self>,
        rules: &OptInRules,
        now: Timestamp,
    ) -> Requested {
        if let Some(open) = open.filter(|open| open.is_open(now) && open.is_for(&asked)) {
            return match open.may_send(rules, now) {
                Ok(()) => Requested::Again,
                Err(limit) => Requested::Nothing(limit),
            };
        }
        Requested::New(Box::new(Self {
            id: claims.opt_in,
            fragment: asked.fragment,
            purpose: asked.purpose,
            channel: asked.channel,
            address: asked.address,
            requested_at: now,
            expires_at: claims.expires_at,
            token: claims.hash(),
            sent: Vec::new(),
            message_sha256: None,
            confirmed_at: None,
            rejected_at: None,
        }))
    }

    /// The claims of the token of a new request.
    pub fn claims(
        id: OptInId,
        asked: &Asked,
        nonce: uuid::Uuid,
        rules: &OptInRules,
        now: Timestamp,
    ) -> Claims {
        Claims {
            opt_in: id,
            fragment: asked.fragment,
            purpose: asked.purpose.clone(),
            channel: asked.channel,
            nonce,
            expires_at: now.plus_millis(rules.ttl.millis()),
        }
    }

    /// Where the request stands at an instant.
    pub fn status(&self, now: Timestamp) -> OptInStatus {
        if self.confirmed_at.is_some() {
            OptInStatus::Confirmed
        } else if self.rejected_at.is_some() {
            OptInStatus::Rejected
        } else if now >= self.expires_at {
            OptInStatus::Expired
        } else if self.sent.is_empty() {
            OptInStatus::Requested
        } else {
            OptInStatus::Sent
        }
    }

    /// Whether a message may be sent now.
    pub fn may_send(&self, rules: &OptInRules, now: Timestamp) -> Result<(), TooMany> {
        if !self.is_open(now) || self.sent.len() >= usize::from(rules.messages) {
            return Err(TooMany { again_at: None });
        }
        let last = self.sent.last();
        let again_at = last.map(|last| last.plus_millis(rules.pause.millis()));
        match again_at {
            Some(again_at) if again_at >= self.expires_at => Err(TooMany { again_at: None }),
            Some(again_at) if again_at > now => Err(TooMany {
                again_at: Some(again_at),
            }),
            _ => Ok(()),
        }
    }

    /// The message was sent.
    #[must_use]
    pub fn sent(mut self, message_sha256: Hash256, at: Timestamp) -> Self {
        self.sent.push(at);
        self.message_sha256 = Some(message_sha256);
        self
    }

    /// Confirms the request with its token, whose signature is right.
    ///
    /// `evidence` is that of the request; `seen` is who confirmed, as far as the deployment keeps that.
    pub fn confirm(
        mut self,
        claims: &Claims,
        evidence: Evidence,
        seen: Seen,
        now: Timestamp,
    ) -> Result<Confirmed, OptInRefusal> {
        self.check(claims, now)?;
        let sent_at = self.sent.last().copied().ok_or(OptInRefusal::NotSent)?;
        self.confirmed_at = Some(now);
        let confirmation = Confirmation {
            opt_in: self.id,
            requested_at: self.requested_at,
            sent_at,
            message_sha256: self.message_sha256,
            token: self.token,
            confirmed_at: now,
            ip: seen.ip,
            user_agent: seen.user_agent,
        };
        Ok(Confirmed {
            answer: self.answer(DecisionKind::Granted, now),
            evidence: Evidence {
                confirmation: Some(confirmation),
                ..evidence
            },
            opt_in: self,
        })
    }

    /// The person says that it was not them: a denial to be written down, and no further message.
    pub fn reject(
        mut self,
        claims: &Claims,
        now: Timestamp,
    ) -> Result<(Self, Answer), OptInRefusal> {
        self.check(claims, now)?;
        self.rejected_at = Some(now);
        let answer = self.answer(DecisionKind::Denied, now);
        Ok((self, answer))
    }

    /// When what was not confirmed is to be deleted; none if it was.
    pub fn delete_at(&self, rules: &OptInRules) -> Option<Timestamp> {
        let kept_until = self.expires_at.plus_millis(rules.kept_for.millis());
        self.confirmed_at.is_none().then_some(kept_until)
    }

    /// The decision that asking is, to be written down with the request's evidence.
    pub fn asking(&self) -> Answer {
        self.answer(DecisionKind::Asked, self.requested_at)
    }

    fn answer(&self, kind: DecisionKind, at: Timestamp) -> Answer {
        Answer {
            kind,
            channel: Some(self.channel),
            at,
        }
    }

    fn check(&self, claims: &Claims, now: Timestamp) -> Result<(), OptInRefusal> {
        let same = claims.opt_in == self.id
            && claims.fragment == self.fragment
            && claims.purpose == self.purpose
            && claims.channel == self.channel
            && claims.hash() == self.token;
        if !same {
            return Err(OptInRefusal::Invalid);
        }
        match self.status(now) {
            OptInStatus::Confirmed => Err(OptInRefusal::Used),
            OptInStatus::Rejected => Err(OptInRefusal::Rejected),
            OptInStatus::Expired => Err(OptInRefusal::Expired),
            OptInStatus::Requested => Err(OptInRefusal::NotSent),
            OptInStatus::Sent => Ok(()),
        }
    }

    fn is_open(&self, now: Timestamp) -> bool {
        matches!(self.status(now), OptInStatus::Requested | OptInStatus::Sent)
    }

    fn is_for(&self, asked: &Asked) -> bool {
        self.fragment == asked.fragment
            && self.purpose == asked.purpose
            && self.channel == asked.channel
            && self.address == asked.address
    }
}

/// Who confirmed, as far as the deployment keeps that.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// From which address.
    pub ip: Option<core::net::IpAddr>,
    /// With which program.
    pub user_agent: Option<String>,
}

/// Shows nothing of the address.
impl fmt::Debug for OptIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OptIn")
            .field("id", &self.id)
            .field("purpose", &self.purpose)
            .field("channel", &self.channel)
            .field("sent", &self.sent)
            .field("confirmed_at", &self.confirmed_at)
            .field("rejected_at", &self.rejected_at)
            .finish_non_exhaustive()
    }
}
