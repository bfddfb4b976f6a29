//! Decisions: what a person said about a purpose, written down once and never edited.

use serde::{Deserialize, Serialize};

use super::{Actor, Evidence, EvidenceProblem, Expression, OptInRules, Purpose, PurposeKey};
use crate::clock::Timestamp;
use crate::hash::Hash256;
use crate::id::ConsentRecordId;
use crate::names::named;
use crate::touchpoint::Channel;

/// How far ahead of ours a clock may be: what is said to be decided within this time from now was decided now.
pub const MAX_SKEW_MILLIS: i64 = 60_000;

named! {
    /// What a decision says.
    DecisionKind {
        /// The person asked for it and has yet to confirm that.
        Asked = "ASKED",
        /// The person consents.
        Granted = "GRANTED",
        /// The person does not consent.
        Denied = "DENIED",
        /// The person no longer consents.
        Withdrawn = "WITHDRAWN",
    }
}

impl DecisionKind {
    /// Whether it says no.
    pub const fn refuses(self) -> bool {
        matches!(self, Self::Denied | Self::Withdrawn)
    }
}

/// What is to be written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What it says.
    pub kind: DecisionKind,
    /// The channel it is about; none if it is about the purpose on all its channels.
    pub channel: Option<Channel>,
    /// When it was made, by the clock of whoever says so.
    pub at: Timestamp,
}

/// A decision about a purpose. Its evidence is kept beside it, since what follows from it does not depend on more than this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The record it is written in.
    pub id: ConsentRecordId,
    /// What it is about.
    pub purpose: PurposeKey,
    /// The channel it is about; none if it is about the purpose on all its channels.
    pub channel: Option<Channel>,
    /// What it says.
    pub kind: DecisionKind,
    /// When it was made.
    pub at: Timestamp,
    /// When it was written down.
    pub recorded_at: Timestamp,
    /// From when on it no longer counts: of a grant when consent has to be asked again, of an asking when it is too late to confirm.
    pub expires_at: Option<Timestamp>,
    /// How plainly it was expressed.
    pub expression: Expression,
    /// Who decided.
    pub actor: Actor,
    /// The hash of the text that was shown.
    pub text: Option<Hash256>,
    /// Whether a double opt-in was confirmed.
    pub confirmed: bool,
}

/// Why a decision is not written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecisionProblem {
    /// The purpose is not decided on this channel.
    #[error("the purpose is not decided on this channel")]
    Channel,
    /// The person has not decided yet.
    #[error("the decision is said to be made in the future")]
    InFuture,
    /// It has expired before it is written down.
    #[error("the consent is so old that it has expired")]
    Expired,
    /// The purpose does not rest on consent.
    #[error("the purpose does not rest on consent, so there is none to give")]
    NotByConsent,
    /// The evidence does not do.
    #[error(transparent)]
    Evidence(#[from] EvidenceProblem),
}

impl Decision {
    /// Writes a decision down, received at an instant, with what its evidence shows.
    ///
    /// A decision from the future: within [`MAX_SKEW_MILLIS`] it was made when it was received; beyond, a grant is refused, since it
    /// would outlast a withdrawal, and a refusal counts from when it was received, since none is ever lost.
    ///
    /// A grant of a purpose with double opt-in that is not confirmed is written down as an asking.
    pub fn record(
        id: ConsentRecordId,
        answer: Answer,
        evidence: &Evidence,
        purpose: &Purpose,
        rules: &OptInRules,
        received_at: Timestamp,
    ) -> Result<Self, Vec<DecisionProblem>> {
        let mut problems: Vec<_> = evidence
            .check(answer.kind)
            .into_iter()
            .map(DecisionProblem::Evidence)
            .collect();
        if !purpose.has_channel(answer.channel) {
            problems.push(DecisionProblem::Channel);
        }
        if !answer.kind.refuses() && purpose.basis != super::Basis::Consent {
            problems.push(DecisionProblem::NotByConsent);
        }
        let latest = received_at.plus_millis(MAX_SKEW_MILLIS);
        if answer.at > latest && !answer.kind.refuses() {
            problems.push(DecisionProblem::InFuture);
        }
        let at = answer.at.min(received_at);
        let confirmed = evidence.confirmation.is_some();
        let kind = match answer.kind {
            DecisionKind::Granted if purpose.double_opt_in && !confirmed => DecisionKind::Asked,
            kind => kind,
        };
        let expires_at = match kind {
            DecisionKind::Granted => purpose.valid_for.map(|period| period.after(at)),
            DecisionKind::Asked => Some(at.plus_millis(rules.ttl.millis())),
            DecisionKind::Denied | DecisionKind::Withdrawn => None,
        };
        if kind == DecisionKind::Granted && expires_at.is_some_and(|end| end <= received_at) {
            problems.push(DecisionProblem::Expired);
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Self {
            id,
            purpose: purpose.key.clone(),
            channel: answer.channel,
            kind,
            at,
            recorded_at: received_at,
            expires_at,
            expression: evidence.expression,
            actor: evidence.actor,
            text: evidence.text,
            confirmed,
        })
    }

    /// Whether it is about a purpose on a channel, or about a purpose that is decided once.
    ///
    /// Where a purpose is decided once, whoever refused it on a channel, as long as it had channels, still refuses.
    pub(super) fn concerns(&self, purpose: &Purpose, channel: Option<Channel>) -> bool {
        let once = channel.is_none() && self.kind.refuses() && purpose.channels.is_empty();
        self.purpose == purpose.key && (self.channel.is_none() || self.channel == channel || once)
    }
}
