//! Identity: which identifiers there are, and which profile they make together.
//!
//! [`normalise`] brings the value of an identifier into one form. [`Graph::resolve`] decides, for one touchpoint at a time,
//! where it belongs and what it ties together, and says so in entries of the identity log.

mod by_hand;
mod graph;
#[cfg(test)]
mod laws;
mod log;
mod namespace;
mod normalise;
mod release;
mod resolve;
mod rules;
mod tie;
mod vouched;
mod worthless;

pub use by_hand::MergeRefusal;
pub use graph::{Edge, FragmentNode, Graph, IdentifierNode, ProfileNode};
pub use log::{LinkKind, LinkRefusal, LogEntry, Trust};
pub use namespace::{InvalidNamespace, Namespace, NamespaceRule};
pub use normalise::{Dropped, MAX_VALUE_CHARS, normalise};
pub use resolve::{Change, Mention, Resolution};
pub use rules::MAX_CLAIMED_FRAGMENTS;
pub use worthless::Worthless;
