//! Privacy requests: what a person asks for by right, the steps it takes, until when, and the receipt.

mod kinds;
mod receipt;

pub use kinds::{RefusalReason, RequestKind, RequestStatus, Step};
pub use receipt::Receipt;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::person::{begin, day};
use crate::clock::Timestamp;
use crate::id::PrivacyRequestId;
use crate::period::Period;

/// The months within which a request is answered (Regulation (EU) 2016/679, article 12(3)).
const MONTHS: u16 = 1;

/// The months within which it is answered where it is complex.
const EXTENDED_MONTHS: u16 = 3;

/// The months within which asking for access again may be called repetitive (Ley Orgánica 3/2018, article 13.3).
const REPEATED_MONTHS: u16 = 6;

/// The most characters of a reason.
const MAX_REASON_CHARS: usize = 1_000;

/// A step that was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepDone {
    /// Which.
    pub step: Step,
    /// When.
    pub at: Timestamp,
    /// How much it was in each store: rows that were deleted, recipients that were told.
    pub counts: BTreeMap<String, u64>,
}

/// How a request ended without all its steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was refused.
    Refused {
        /// When.
        at: Timestamp,
        /// Why.
        reason: RefusalReason,
        /// What the person is told.
        explanation: String,
    },
    /// The person took it back.
    Cancelled {
        /// When.
        at: Timestamp,
    },
}

/// A privacy request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivacyRequest {
    /// Its id.
    pub id: PrivacyRequestId,
    /// What is asked for.
    pub kind: RequestKind,
    /// When it was received.
    pub received_at: Timestamp,
    /// The time zone whose days count.
    pub zone: Tz,
    /// Why it takes longer, where the person was told so in time.
    pub extension: Option<String>,
    /// The steps that were taken, in their order.
    pub done: Vec<StepDone>,
    /// How it ended, where it did without all its steps.
    pub outcome: Option<Outcome>,
}

/// Why something cannot be done with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestProblem {
    /// It has ended.
    #[error("the request has ended")]
    Ended,
    /// Another step comes first.
    #[error("another step comes before this one")]
    NotNext,
    /// The step is none of this request.
    #[error("requests of this kind have no such step")]
    NoSuchStep,
    /// It is too late to take it back.
    #[error("deletion has begun, so the request cannot be taken back")]
    TooLateToCancel,
    /// It is too late to extend it, or it was extended before.
    #[error("a request is extended once, within its first month")]
    CannotExtend,
    /// A reason is missing or too long.
    #[error("a reason is 1 to 1000 characters")]
    Reason,
}

impl PrivacyRequest {
    /// A request that was received at an instant.
    pub const fn receive(
        id: PrivacyRequestId,
        kind: RequestKind,
        received_at: Timestamp,
        zone: Tz,
    ) -> Self {
        Self {
            id,
            kind,
            received_at,
            zone,
            extension: None,
            done: Vec::new(),
            outcome: None,
        }
    }

    /// Where it stands.
    pub fn status(&self) -> RequestStatus {
        match &self.outcome {
            Some(Outcome::Refused { .. }) => RequestStatus::Refused,
            Some(Outcome::Cancelled { .. }) => RequestStatus::Cancelled,
            None if self.done.is_empty() => RequestStatus::Received,
            None if self.next().is_some() => RequestStatus::InProgress,
            None => RequestStatus::Completed,
        }
    }

    /// The step that comes next; none if it has ended.
    pub fn next(&self) -> Option<Step> {
        let open = self.outcome.is_none();
        let next = self.kind.steps().get(self.done.len()).copied();
        next.filter(|_| open)
    }

    /// The last day on which it is answered in time: the same day of a later month, or the last of that month where it has none such.
    pub fn due_on(&self) -> NaiveDate {
        let months = if self.extension.is_some() {
            EXTENDED_MONTHS
        } else {
            MONTHS
        };
        self.day_after(months)
    }

    /// The first instant at which it is late: the end of the last day.
    pub fn late_from(&self) -> Timestamp {
        self.end_of(self.due_on())
    }

    /// Whether it is late at an instant.
    pub fn is_late(&self, now: Timestamp) -> bool {
        let open = matches!(
            self.status(),
            RequestStatus::Received | RequestStatus::InProgress
        );
        open && now >= self.late_from()
    }

    /// A step was taken. One that was taken before is not taken again, so that whoever was interrupted may say so twice.
    pub fn complete(
        mut self,
        step: Step,
        at: Timestamp,
        counts: BTreeMap<String, u64>,
    ) -> Result<Self, RequestProblem> {
        if self.done.iter().any(|done| done.step == step) {
            return Ok(self);
        }
        if !self.kind.steps().contains(&step) {
            return Err(RequestProblem::NoSuchStep);
        }
        let next = self.next().ok_or(RequestProblem::Ended)?;
        if next != step {
            return Err(RequestProblem::NotNext);
        }
        self.done.push(StepDone { step, at, counts });
        Ok(self)
    }

    /// It takes longer, and the person is told why within the first month.
    pub fn extend(mut self, reason: String, at: Timestamp) -> Result<Self, RequestProblem> {
        self.next().ok_or(RequestProblem::Ended)?;
        check_reason(&reason)?;
        let in_time = at < self.end_of(self.day_after(MONTHS));
        if self.extension.is_some() || !in_time {
            return Err(RequestProblem::CannotExtend);
        }
        self.extension = Some(reason);
        Ok(self)
    }

    /// It is refused, and the person is told why.
    pub fn refuse(
        mut self,
        reason: RefusalReason,
        explanation: String,
        at: Timestamp,
    ) -> Result<Self, RequestProblem> {
        self.next().ok_or(RequestProblem::Ended)?;
        check_reason(&explanation)?;
        self.outcome = Some(Outcome::Refused {
            at,
            reason,
            explanation,
        });
        Ok(self)
    }

    /// The person takes it back, before anything was deleted or told to others.
    pub fn cancel(mut self, at: Timestamp) -> Result<Self, RequestProblem> {
        self.next().ok_or(RequestProblem::Ended)?;
        let final_step =
            |step: Step| matches!(step, Step::TellRecipients | Step::Suppress | Step::Delete);
        if self.done.iter().any(|done| final_step(done.step)) {
            return Err(RequestProblem::TooLateToCancel);
        }
        self.outcome = Some(Outcome::Cancelled { at });
        Ok(self)
    }

    fn day_after(&self, months: u16) -> NaiveDate {
        let received = day(self.received_at, self.zone);
        let after = Period::months(months).and_then(|period| period.after_day(received));
        after.unwrap_or(received)
    }

    fn end_of(&self, day: NaiveDate) -> Timestamp {
        begin(day.succ_opt().unwrap_or(day), self.zone)
    }
}

/// Whether asking for access is repetitive, when the person asked before at these instants.
pub fn is_repeated(before: &[Timestamp], now: Timestamp) -> bool {
    let Some(period) = Period::months(REPEATED_MONTHS) else {
        return false;
    };
    before
        .iter()
        .any(|at| *at <= now && now < period.after(*at))
}

fn check_reason(reason: &str) -> Result<(), RequestProblem> {
    let said = !reason.trim().is_empty() && reason.chars().count() <= MAX_REASON_CHARS;
    if said {
        Ok(())
    } else {
        Err(RequestProblem::Reason)
    }
}
