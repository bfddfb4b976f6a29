//! Consent: what a person decided about a purpose, on which channel, with which evidence, and what that comes to at an instant.
//!
//! Decisions are never edited; [`State::of`] folds them. Whether something may be done is decided in [`crate::privacy`].

mod category;
mod consents;
mod decision;
mod evidence;
mod key;
mod notice;
mod opt_in;
mod purpose;
mod ready_made;
mod receipt;
mod signals;
mod state;
#[cfg(test)]
pub(crate) mod tests;
mod token;
mod words;

pub use category::{Basis, Category};
pub use consents::Consents;
pub use decision::{Answer, Decision, DecisionKind, DecisionProblem, MAX_SKEW_MILLIS};
pub use evidence::{
    Actor, CollectionMethod, Confirmation, Evidence, EvidenceProblem, Expression, Form, Indication,
    Origin,
};
pub use key::{InvalidKey, PurposeKey};
pub use notice::{DataItem, Notice, NoticeProblem, Party};
pub use opt_in::{
    Asked, Confirmed, OptIn, OptInRefusal, OptInRules, OptInStatus, Requested, Seen, TooMany,
    may_send,
};
pub use purpose::{Purpose, PurposeProblem};
pub(crate) use purpose::{has_address, takes_soft_opt_in};
pub use ready_made::{ready_made, rights};
pub use receipt::receipt;
pub use signals::{EmailSignal, Signal, category_preferences, email_signal, is_gpc, is_one_click};
pub use state::{Asking, Decided, Linked, State, Status};
pub use token::{Claims, InvalidClaims};
pub use words::{InvalidTag, LanguageTag, Words};
