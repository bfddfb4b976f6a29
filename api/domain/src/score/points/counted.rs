//! What a rule gives points for at an instant.

use std::collections::BTreeSet;

use super::{Cap, Rule, When};
use crate::clock::Timestamp;
use crate::condition::evaluate::{
    Because, Dated, Evidence, Facts, Found, MAX_NAMED, Named, Passing, Reason, TouchpointFact,
    decide, earliest, evaluate,
};
use crate::condition::{Condition, Filter, Window};
use crate::id::TouchpointId;

/// What a rule gives points for, and until when.
pub(super) struct Counted {
    /// The instants that points are given for.
    pub(super) instants: Vec<Timestamp>,
    /// Whether points are given that are for no instant.
    pub(super) holds: bool,
    pub(super) found: Found,
    pub(super) touchpoints: Named<TouchpointId>,
    /// The first instant at which it may be something else.
    pub(super) until: Option<Timestamp>,
}

/// What a rule gives points for.
pub(super) fn counted(rule: &Rule, facts: &Facts<'_>, now: Timestamp) -> Counted {
    match &rule.when {
        When::Holds(condition) => holding(condition, facts, now),
        When::Once { filter, window } => happened(filter, *window, facts, now, |passed| {
            passed.truncate(1);
        }),
        When::Each {
            filter,
            window,
            cap,
        } => happened(filter, *window, facts, now, |passed| {
            if let Some(cap) = cap {
                cap.apply(passed);
            }
        }),
    }
}

impl Cap {
    /// Leaves the first of each period, of touchpoints in order.
    fn apply(&self, touchpoints: &mut Vec<&TouchpointFact<'_>>) {
        let mut period = None;
        let mut counted = 0_u32;
        touchpoints.retain(|touchpoint| {
            let its = touchpoint.at().0.div_euclid(self.per.millis());
            if period.replace(its) != Some(its) {
                counted = 0;
            }
            counted = counted.saturating_add(1);
            counted <= self.most
        });
    }
}

fn happened(
    filter: &Filter,
    window: Window,
    facts: &Facts<'_>,
    now: Timestamp,
    keep: impl FnOnce(&mut Vec<&TouchpointFact<'_>>),
) -> Counted {
    let passing = Passing::new(filter, facts, now);
    let mut until = passing.thaws();
    let mut passed = Vec::new();
    for touchpoint in passing.ahead(window) {
        if touchpoint.active {
            until = earliest(until, window.changes(touchpoint.at(), now));
            if window.contains(touchpoint.at(), now) {
                passed.push(touchpoint);
            }
        }
    }
    keep(&mut passed);
    Counted {
        instants: passed.iter().map(|touchpoint| touchpoint.at()).collect(),
        holds: false,
        found: Found::Count(u32::try_from(passed.len()).unwrap_or(u32::MAX)),
        touchpoints: Named::latest(passed.iter().map(|touchpoint| touchpoint.id).collect()),
        until,
    }
}

fn holding(condition: &Condition, facts: &Facts<'_>, now: Timestamp) -> Counted {
    let decision = decide(condition, facts, now);
    let mut evidence = Touchpoints::default();
    // To explain costs more than to decide, and most conditions rest on no touchpoint.
    if decision.holds && may_name(condition) {
        evidence.gather(&evaluate(condition, facts, now).because);
    }
    Counted {
        instants: Vec::new(),
        holds: decision.holds,
        found: Found::Truth(decision.holds),
        touchpoints: evidence.named(facts),
        until: decision.until,
    }
}

/// Whether touchpoints may be the evidence of a condition.
fn may_name(condition: &Condition) -> bool {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().any(may_name),
        Condition::Touchpoint(_) | Condition::Sequence(_) => true,
        _ => false,
    }
}

/// The touchpoints by which a condition holds.
#[derive(Default)]
struct Touchpoints {
    ids: BTreeSet<TouchpointId>,
    /// How many the leaf with most of them has.
    most: usize,
}

impl Touchpoints {
    /// Takes those of the leaves that hold.
    fn gather(&mut self, because: &Because) {
        if !because.holds {
            return;
        }
        match &because.reason {
            Reason::All(parts) | Reason::Any(parts) => {
                for part in parts {
                    self.gather(part);
                }
            }
            Reason::Leaf(leaf) => {
                if let Evidence::Touchpoints(named) = &leaf.evidence {
                    self.ids.extend(&named.ids);
                    self.most = self.most.max(named.total);
                }
            }
            Reason::Not(_) => {}
        }
    }

    /// Names them in order. Of several leaves, at least so many as are named or as one leaf has.
    fn named(&self, facts: &Facts<'_>) -> Named<TouchpointId> {
        if self.ids.is_empty() {
            return Named::latest(Vec::new());
        }
        let latest = facts.touchpoints().iter().rev();
        let mut ids: Vec<_> = latest
            .map(|touchpoint| touchpoint.id)
            .filter(|id| self.ids.contains(id))
            .take(MAX_NAMED)
            .collect();
        ids.reverse();
        let total = self.most.max(self.ids.len());
        Named { ids, total }
    }
}
