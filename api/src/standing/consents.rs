//! Where consent of a profile stands: what the decisions in its fragments come to.

use std::collections::HashSet;

use lazo_domain::clock::Timestamp;
use lazo_domain::consent::{Consents, Decision, Linked};
use lazo_domain::id::FragmentId;
use lazo_domain::identity::Trust;
use lazo_domain::standing::Definitions;

/// A decision, and the fragment that it was made in.
pub(crate) type Made = (FragmentId, Decision);

/// Nothing that was written down lies ahead: whose clock goes ahead of ours must not make us overlook a refusal.
const EVER: Timestamp = Timestamp(i64::MAX);

/// What decisions come to. Refusals count wherever they were made, all else only in the fragments that are vouched for.
pub(crate) fn consents(
    definitions: &Definitions,
    decisions: &[Made],
    vouched: impl FnOnce() -> HashSet<FragmentId>,
) -> Consents {
    if decisions.is_empty() {
        return Consents::default();
    }
    let vouched = vouched();
    Consents::of(definitions.purposes(), &linked(decisions, &vouched), EVER)
}

/// Decisions as a profile sees them of which these fragments are vouched for.
pub(crate) fn linked<'a>(decisions: &'a [Made], vouched: &HashSet<FragmentId>) -> Vec<Linked<'a>> {
    let trust = |fragment| {
        if vouched.contains(fragment) {
            Trust::Verified
        } else {
            Trust::Claimed
        }
    };
    let linked = decisions.iter().map(|(fragment, decision)| Linked {
        decision,
        trust: trust(fragment),
    });
    linked.collect()
}
