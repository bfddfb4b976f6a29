//! Filters of touchpoints, prepared once and then asked about many touchpoints.

use super::named::Named;
use super::value::PreparedTest;
use super::{Decision, Facts, TouchpointFact};
use crate::clock::Timestamp;
use crate::condition::{Filter, Window};

/// How many instants at which a filter lets other touchpoints pass are looked at for the exact one; after that the next such
/// instant is answered, at which to decide again.
const MOST_THAWS: usize = 64;

/// A [`Filter`] with its texts folded. Its tests of properties against the present are those of one instant.
pub(crate) struct Matcher<'c> {
    filter: &'c Filter,
    properties: Vec<(&'c str, PreparedTest<'c>)>,
    at: Timestamp,
}

impl<'c> Matcher<'c> {
    pub(crate) fn new(filter: &'c Filter, at: Timestamp) -> Self {
        let properties = filter
            .properties
            .iter()
            .map(|property| (property.name.as_str(), PreparedTest::new(&property.test)))
            .collect();
        Self {
            filter,
            properties,
            at,
        }
    }

    /// Whether a touchpoint passes.
    #[cfg(test)]
    pub(crate) fn passes(&self, touchpoint: &TouchpointFact<'_>) -> bool {
        let names = &self.filter.names;
        let is_named = names.is_empty() || names.iter().any(|name| name == touchpoint.name);
        is_named && self.lets_pass(touchpoint)
    }

    /// Whether a touchpoint that has one of the names passes.
    fn lets_pass(&self, touchpoint: &TouchpointFact<'_>) -> bool {
        self.is_from(touchpoint)
            && self.properties.iter().all(|(name, test)| {
                // Asking for values is what flattens them.
                test.passes(touchpoint.values().get(name), self.at)
            })
    }

    /// Whether a touchpoint came over the channel and from the source.
    fn is_from(&self, touchpoint: &TouchpointFact<'_>) -> bool {
        let filter = self.filter;
        filter
            .channel
            .is_none_or(|channel| channel == touchpoint.channel)
            && filter
                .source
                .as_ref()
                .is_none_or(|source| source == touchpoint.source)
    }
}

/// The touchpoints that pass a filter.
pub(crate) struct Passing<'c, 'f, 'a> {
    matcher: Matcher<'c>,
    named: Named<'f, 'a>,
}

impl<'c, 'f, 'a> Passing<'c, 'f, 'a> {
    /// Those that pass at an instant.
    pub(crate) fn new(filter: &'c Filter, facts: &'f Facts<'a>, at: Timestamp) -> Self {
        Self {
            matcher: Matcher::new(filter, at),
            named: facts.named(&filter.names),
        }
    }

    /// All of them, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &TouchpointFact<'a>> + Clone {
        let passes = |touchpoint: &&TouchpointFact<'a>| self.matcher.lets_pass(touchpoint);
        self.named.iter().filter(passes)
    }

    /// Those that are in a window at that instant or will be, in order.
    pub(crate) fn ahead(
        &self,
        window: Window,
    ) -> impl Iterator<Item = &TouchpointFact<'a>> + Clone {
        let passes = |touchpoint: &&TouchpointFact<'a>| self.matcher.lets_pass(touchpoint);
        self.named.ahead(window, self.matcher.at).filter(passes)
    }

    /// Those later than an instant, in order.
    pub(super) fn after(&self, instant: Timestamp) -> impl Iterator<Item = &TouchpointFact<'a>> {
        let passes = |touchpoint: &&TouchpointFact<'a>| self.matcher.lets_pass(touchpoint);
        self.named.after(instant).filter(passes)
    }

    /// The first instant after that one at which the filter may let other touchpoints pass; `None` if it never does.
    pub(crate) fn thaws(&self) -> Option<Timestamp> {
        let Matcher { properties, at, .. } = &self.matcher;
        let moving = || properties.iter().filter(|(_, test)| test.moves());
        moving().next()?;
        self.named
            .iter()
            .filter(|touchpoint| self.matcher.is_from(touchpoint))
            .flat_map(|touchpoint| {
                moving().filter_map(|(name, test)| test.changes(touchpoint.values().get(name), *at))
            })
            .min()
    }
}

/// What a leaf says with its filters taken at one instant, and the instant at which they have to be taken anew.
pub(crate) struct Frozen {
    pub(crate) decision: Decision,
    pub(crate) thaws: Option<Timestamp>,
}

/// Whether a leaf holds, and until when, from what it says with its filters taken at an instant.
pub(crate) fn thaw(now: Timestamp, frozen: impl Fn(Timestamp) -> Frozen) -> Decision {
    let first = frozen(now);
    let holds = first.decision.holds;
    let (mut decision, mut thaws) = (first.decision, first.thaws);
    for _ in 0..MOST_THAWS {
        let Some(at) = thaws else { break };
        if decision.until.is_some_and(|until| until < at) {
            break;
        }
        let next = frozen(at);
        if next.decision.holds != holds {
            return Decision {
                holds,
                until: Some(at),
            };
        }
        (decision, thaws) = (next.decision, next.thaws);
    }
    Decision {
        holds,
        until: super::earliest(decision.until, thaws),
    }
}
