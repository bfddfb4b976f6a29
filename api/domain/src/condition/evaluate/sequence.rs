//! Tests of the order of touchpoints.

use super::because::{Evidence, Found, Lack, Leaf, MAX_NAMED, Named, Needs};
use super::facts::{Dated, TouchpointFact};
use super::matcher::{Frozen, Passing, thaw};
use super::slide::presence;
use super::{Decision, Facts, earliest};
use crate::clock::Timestamp;
use crate::condition::SequenceTest;

/// A touchpoint that comes first, and the next of those that may follow it, however late.
#[derive(Clone, Copy)]
struct Pair<'f, 'a> {
    first: &'f TouchpointFact<'a>,
    then: Option<&'f TouchpointFact<'a>>,
}

impl Pair<'_, '_> {
    /// The last instant at which the second is in time.
    fn deadline(&self, test: &SequenceTest) -> Timestamp {
        self.first.at().plus_millis(test.within.millis())
    }

    /// From when until when the pair makes the condition hold.
    fn span(&self, test: &SequenceTest) -> Option<(Timestamp, Option<Timestamp>)> {
        let (enters, leaves) = presence(test.window, self.first.at());
        let deadline = self.deadline(test);
        let in_time = self.then.map(Dated::at).filter(|then| *then <= deadline);
        let decided = match (test.follows, in_time) {
            (true, Some(then)) => then,
            (false, None) => deadline,
            (true, None) | (false, Some(_)) => return None,
        };
        let starts = decided.max(enters);
        leaves
            .is_none_or(|leaves| starts < leaves)
            .then_some((starts, leaves))
    }

    fn holds(&self, test: &SequenceTest, now: Timestamp) -> bool {
        self.span(test)
            .is_some_and(|(starts, ends)| starts <= now && ends.is_none_or(|ends| now < ends))
    }
}

/// What may come first and what may follow, by filters taken at one instant.
struct Both<'c, 'f, 'a> {
    first: Passing<'c, 'f, 'a>,
    then: Passing<'c, 'f, 'a>,
}

impl<'c, 'f, 'a> Both<'c, 'f, 'a> {
    fn new(test: &'c SequenceTest, facts: &'f Facts<'a>, at: Timestamp) -> Self {
        Self {
            first: Passing::new(&test.first, facts, at),
            then: Passing::new(&test.then, facts, at),
        }
    }

    /// The pairs whose first touchpoint is in the window or will be, in order.
    fn pairs(&self, test: &SequenceTest) -> impl Iterator<Item = Pair<'_, 'a>> {
        let firsts = self.first.ahead(test.window);
        let start = firsts.clone().next();
        let start = start.map_or(Timestamp(i64::MAX), Dated::at);
        let mut thens = self.then.after(start).peekable();
        firsts.map(move |first| {
            while thens.next_if(|then| then.at() <= first.at()).is_some() {}
            Pair {
                first,
                then: thens.peek().copied(),
            }
        })
    }
}

pub(super) fn decide(test: &SequenceTest, facts: &Facts<'_>, now: Timestamp) -> Decision {
    thaw(now, |at| {
        let both = Both::new(test, facts, at);
        let spans = both.pairs(test);
        Frozen {
            decision: covers(spans.filter_map(|pair| pair.span(test)), at),
            thaws: earliest(both.first.thaws(), both.then.thaws()),
        }
    })
}

/// Whether one of the spans covers an instant, and until when. Neither their starts nor their ends ever go back.
fn covers(spans: impl Iterator<Item = (Timestamp, Option<Timestamp>)>, now: Timestamp) -> Decision {
    let mut covered = None;
    for (starts, ends) in spans {
        let until = covered.unwrap_or(now);
        if starts > until {
            let until = covered.unwrap_or(starts);
            return Decision {
                holds: covered.is_some(),
                until: Some(until),
            };
        }
        match ends {
            None => return Decision::always(true),
            Some(ends) if ends > now => covered = covered.max(Some(ends)),
            Some(_) => {}
        }
    }
    Decision {
        holds: covered.is_some(),
        until: covered,
    }
}

pub(super) fn explain(test: &SequenceTest, facts: &Facts<'_>, now: Timestamp) -> (Decision, Leaf) {
    let decision = decide(test, facts, now);
    let placed = |pair: &Pair<'_, '_>| test.window.contains(pair.first.at(), now);
    let both = Both::new(test, facts, now);
    let pairs: Vec<_> = both.pairs(test).filter(placed).collect();
    let holding: Vec<_> = pairs
        .iter()
        .filter(|pair| pair.holds(test, now))
        .copied()
        .collect();
    let evidence = Evidence::Touchpoints(if decision.holds {
        named(test, &holding)
    } else {
        Named::latest(pairs.iter().map(|pair| pair.first.id).collect())
    });
    let found = Found::Count(u32::try_from(holding.len()).unwrap_or(u32::MAX));
    let needs = needs(test, &pairs, decision, now);
    Leaf::resting_on(evidence, found, needs, decision)
}

/// The touchpoints of the latest pairs, whole pairs at most.
fn named(test: &SequenceTest, holding: &[Pair<'_, '_>]) -> Named<crate::id::TouchpointId> {
    let ids = |pair: &Pair<'_, '_>| {
        let then = pair.then.filter(|_| test.follows);
        std::iter::once(pair.first.id).chain(then.map(|then| then.id))
    };
    let total = holding.iter().flat_map(ids).count();
    let latest = holding.len().saturating_sub(if test.follows {
        MAX_NAMED / 2
    } else {
        MAX_NAMED
    });
    let named = holding.get(latest..).unwrap_or_default();
    Named {
        ids: named.iter().flat_map(ids).collect(),
        total,
    }
}

fn needs(
    test: &SequenceTest,
    pairs: &[Pair<'_, '_>],
    decision: Decision,
    now: Timestamp,
) -> Option<Needs> {
    let whole = Needs {
        lack: Lack::First,
        before: decision.until,
    };
    if decision.holds {
        return decision.until.map(|_| whole);
    }
    // The latest first that still waits has the most time left.
    let waiting = pairs.last().and_then(|pair| {
        let (_, leaves) = presence(test.window, pair.first.at());
        let before = earliest(leaves, Some(pair.deadline(test).plus_millis(1)));
        before.filter(|before| now < *before)
    });
    match (test.follows, waiting, decision.until) {
        (true, Some(before), _) => Some(Needs {
            lack: Lack::Then,
            before: Some(before),
        }),
        (false, _, Some(_)) => None,
        (true, None, _) | (false, _, None) => Some(Needs {
            before: None,
            ..whole
        }),
    }
}
