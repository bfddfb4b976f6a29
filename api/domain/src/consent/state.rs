//! The state of consent: what all decisions of a profile about a purpose come to, on a channel, at an instant.
//!
//! Denials and withdrawals count over every link between the fragments of a profile, grants over verified ones alone. Of those that
//! count the latest wins, and on equal times the most restrictive. So the order in which they become known does not matter, a merge
//! never turns a refusal into a grant without a later decision, and parting gives each side what was its own.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use super::{Actor, Decision, DecisionKind, Expression, Purpose};
use crate::clock::Timestamp;
use crate::condition::evaluate::Known;
use crate::id::ConsentRecordId;
use crate::identity::Trust;
use crate::names::named;
use crate::touchpoint::Channel;

named! {
    /// Where consent stands.
    Status {
        /// Nothing was decided.
        None = "NONE",
        /// A double opt-in was asked for and is to be confirmed.
        Pending = "PENDING",
        /// The person consents.
        Granted = "GRANTED",
        /// The person does not consent.
        Denied = "DENIED",
        /// The person no longer consents.
        Withdrawn = "WITHDRAWN",
        /// The person consented, and has to be asked again.
        Expired = "EXPIRED",
    }
}

/// A decision, as a profile sees it.
#[derive(Clone, Copy, Debug)]
pub struct Linked<'a> {
    /// The decision.
    pub decision: &'a Decision,
    /// How far the link between the profile and the fragment it was made in can be relied on, now: links become verified, and are
    /// undone, after the decision was written down. [`Trust::Verified`] within one fragment.
    pub trust: Trust,
}

/// The decision that wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// The record it is written in: the evidence.
    pub record: ConsentRecordId,
    /// What it says; never that somebody asked.
    pub kind: DecisionKind,
    /// When it was made.
    pub at: Timestamp,
    /// From when on it no longer counts, if it is a grant.
    pub expires_at: Option<Timestamp>,
    /// Whether the person said so for this very purpose.
    pub explicit: bool,
    /// Whether a double opt-in was confirmed.
    pub confirmed: bool,
    /// Whether a guardian decided.
    pub by_guardian: bool,
}

/// A double opt-in that is to be confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asking {
    /// The record it is written in.
    pub record: ConsentRecordId,
    /// When it was asked.
    pub at: Timestamp,
    /// From when on it is too late to confirm.
    pub expires_at: Timestamp,
}

/// The state of consent to a purpose on a channel. It changes with decisions alone; what it means at an instant is [`Self::status`],
/// so that it can be kept and is right at each instant until another decision is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The decision that wins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<Decided>,
    /// What was asked after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asking>,
}

impl State {
    /// Folds all decisions of a profile that were made up to an instant, in whatever order they come.
    ///
    /// Consent to a text that is no longer accepted has expired, and so has one without confirmation where one is asked by now.
    pub fn of<'a>(
        purpose: &Purpose,
        channel: Option<Channel>,
        decisions: impl IntoIterator<Item = Linked<'a>>,
        now: Timestamp,
    ) -> Self {
        let mut decided: Option<Decided> = None;
        let mut asked: Vec<Asking> = Vec::new();
        for Linked { decision, trust } in decisions {
            if decision.at > now || !decision.concerns(purpose, channel) {
                continue;
            }
            match decision.kind {
                DecisionKind::Asked => asked.extend(asking(decision)),
                DecisionKind::Granted if trust != Trust::Verified => {}
                _ => {
                    let next = Decided::new(decision, purpose);
                    decided = decided.into_iter().chain([next]).max_by_key(Decided::rank);
                }
            }
        }
        let after = decided.map(|decided| decided.at);
        let open = asked.into_iter().filter(|asking| Some(asking.at) > after);
        Self {
            decided,
            asked: open.max_by_key(|asking| (asking.expires_at, asking.at, Reverse(asking.record))),
        }
    }

    /// Where consent stands at an instant.
    pub fn status(&self, now: Timestamp) -> Status {
        let open = |asking: Asking| now < asking.expires_at;
        match self.decided {
            Some(decided) if decided.is_granted(now) => Status::Granted,
            _ if self.asked.is_some_and(open) => Status::Pending,
            None => Status::None,
            Some(decided) => match decided.kind {
                DecisionKind::Denied => Status::Denied,
                DecisionKind::Withdrawn => Status::Withdrawn,
                DecisionKind::Granted | DecisionKind::Asked => Status::Expired,
            },
        }
    }

    /// The first instant after `now` at which time alone changes where consent stands; none if time alone never does.
    pub fn until(&self, now: Timestamp) -> Option<Timestamp> {
        match self.status(now) {
            Status::Granted => self.decided.and_then(|decided| decided.expires_at),
            Status::Pending => self.asked.map(|asking| asking.expires_at),
            Status::None | Status::Denied | Status::Withdrawn | Status::Expired => None,
        }
    }

    /// The grant that holds at an instant.
    pub fn grant(&self, now: Timestamp) -> Option<Decided> {
        self.decided.filter(|decided| decided.is_granted(now))
    }

    /// The denial or withdrawal that stands, even where the person has asked since and not yet confirmed.
    pub fn refusal(&self) -> Option<Decided> {
        self.decided.filter(|decided| decided.kind.refuses())
    }

    /// The record that shows why consent stands as it does at an instant.
    pub fn record(&self, now: Timestamp) -> Option<ConsentRecordId> {
        match self.status(now) {
            Status::Pending => self.asked.map(|asking| asking.record),
            _ => self.decided.map(|decided| decided.record),
        }
    }

    /// Whether consent is granted, as a fact that conditions ask about.
    pub fn known(&self, now: Timestamp) -> Known<bool> {
        let grant = self.grant(now);
        Known {
            value: grant.is_some(),
            until: grant.and_then(|grant| grant.expires_at),
        }
    }
}

impl Decided {
    fn new(decision: &Decision, purpose: &Purpose) -> Self {
        let void = decision
            .text
            .is_some_and(|text| purpose.void_texts.contains(&text));
        let unconfirmed = purpose.double_opt_in && !decision.confirmed;
        let expires_at = if decision.kind == DecisionKind::Granted && (void || unconfirmed) {
            Some(decision.at)
        } else {
            decision.expires_at
        };
        Self {
            record: decision.id,
            kind: decision.kind,
            at: decision.at,
            expires_at,
            explicit: decision.expression == Expression::Explicit,
            confirmed: decision.confirmed,
            by_guardian: decision.actor == Actor::Guardian,
        }
    }

    fn is_granted(&self, now: Timestamp) -> bool {
        self.kind == DecisionKind::Granted && self.expires_at.is_none_or(|end| now < end)
    }

    /// The later it was made the greater, then the more restrictive; no two records are equal.
    fn rank(&self) -> impl Ord + use<> {
        let end = self.expires_at.unwrap_or(Timestamp(i64::MAX));
        let weaker = (!self.confirmed, !self.explicit, !self.by_guardian);
        (
            self.at,
            self.kind,
            Reverse(end),
            weaker,
            Reverse(self.record),
        )
    }
}

fn asking(decision: &Decision) -> Option<Asking> {
    Some(Asking {
        record: decision.id,
        at: decision.at,
        expires_at: decision.expires_at?,
    })
}
