//! Privacy: whether something may be done with what is known of a person, what a reader may see, and the rights of the person.
//!
//! [`decide`] is the one decision that every reader and every message goes through. It looks at consent
//! ([`crate::consent`]), objections, suppression and restriction, and is total.

pub mod audit;
mod canonical;
mod contact;
mod decide;
mod floor;
mod label;
mod objection;
mod person;
mod reason;
mod request;
mod retention;
mod suppression;
#[cfg(test)]
mod tests;

pub use canonical::{NotCanonical, canonical};
pub use contact::{Contact, Reach, can_contact, reach};
pub use decide::{Decision, decide};
pub use floor::Floor;
pub use label::{Label, Reader, Reading, Sensitivity, Shown, Withheld};
pub use objection::{Objection, ObjectionScope};
pub use person::{Person, Sale};
pub use reason::Reason;
pub use request::{
    Outcome, PrivacyRequest, Receipt, RefusalReason, RequestKind, RequestProblem, RequestStatus,
    Step, StepDone, is_repeated,
};
pub use retention::{Clock, Kept, Retention, RetentionAction, RetentionRule, Subject, retention};
pub use suppression::{
    Arrival, Covered, Scope, Suppression, SuppressionKey, SuppressionKeys, SuppressionReason,
    arrival, mailbox,
};
