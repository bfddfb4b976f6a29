//! Consent in the schema.

mod input;
mod mutation;
mod profile;
mod query;
mod reach;
mod record;
mod words;

pub use input::{
    ConsentConfirmationInput, ConsentEvidenceInput, ConsentFormInput, ConsentRecordInput,
};
pub use mutation::{ConsentMutation, ConsentRecordPayload};
pub use profile::{Consent, ProfileConsent};
pub use query::{ConsentQuery, ContactDecision};
pub use reach::{SegmentReach, SegmentReachStep};
pub use record::ConsentRecord;
pub use words::{
    ConsentActor, ConsentDecisionKind, ConsentExpression, ConsentIndication, ConsentMethod,
    ConsentOrigin, ConsentStatus,
};
