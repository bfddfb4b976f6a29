//! Receipts of privacy requests.

use serde::{Deserialize, Serialize};

use super::{Outcome, PrivacyRequest, RequestKind, RequestStatus, StepDone};
use crate::clock::Timestamp;
use crate::id::PrivacyRequestId;

/// What shows how a request was answered. It names stores and counts and nothing of the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The request.
    pub request: PrivacyRequestId,
    /// What was asked for.
    pub kind: RequestKind,
    /// How it ended.
    pub status: RequestStatus,
    /// When it was received.
    pub received_at: Timestamp,
    /// When it ended.
    pub completed_at: Timestamp,
    /// Whether that was in time.
    pub in_time: bool,
    /// Its steps, with each store and its count.
    pub steps: Vec<StepDone>,
    /// How it ended without all its steps.
    pub outcome: Option<Outcome>,
}

impl PrivacyRequest {
    /// What the person gets in the end; none before.
    pub fn receipt(&self) -> Option<Receipt> {
        let completed_at = match &self.outcome {
            Some(Outcome::Refused { at, .. } | Outcome::Cancelled { at }) => *at,
            None if self.next().is_none() => self.done.last()?.at,
            None => return None,
        };
        Some(Receipt {
            request: self.id,
            kind: self.kind,
            status: self.status(),
            received_at: self.received_at,
            completed_at,
            in_time: completed_at < self.late_from(),
            steps: self.done.clone(),
            outcome: self.outcome.clone(),
        })
    }
}
