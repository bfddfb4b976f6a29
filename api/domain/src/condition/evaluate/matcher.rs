//! Filters of touchpoints, prepared once and then asked about many touchpoints.

use super::value::PreparedTest;
use super::{Decision, TouchpointFact};
use crate::clock::Timestamp;
use crate::condition::Filter;

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

    pub(crate) fn passes(&self, touchpoint: &TouchpointFact<'_>) -> bool {
        self.is_named(touchpoint)
            && self.properties.iter().all(|(name, test)| {
                // Asking for values is what flattens them.
                test.passes(touchpoint.values().get(name), self.at)
            })
    }

    /// Whether a touchpoint passes all but the tests of properties.
    fn is_named(&self, touchpoint: &TouchpointFact<'_>) -> bool {
        let filter = self.filter;
        (filter.names.is_empty() || filter.names.iter().any(|name| name == touchpoint.name))
            && filter
                .channel
                .is_none_or(|channel| channel == touchpoint.channel)
            && filter
                .source
                .as_ref()
                .is_none_or(|source| source == touchpoint.source)
    }

    /// The first instant after its own at which the filter may let another set of touchpoints pass; `None` if it never does.
    pub(crate) fn thaws(&self, touchpoints: &[TouchpointFact<'_>]) -> Option<Timestamp> {
        let moving = || self.properties.iter().filter(|(_, test)| test.moves());
        moving().next()?;
        touchpoints
            .iter()
            .filter(|touchpoint| self.is_named(touchpoint))
            .flat_map(|touchpoint| {
                moving()
                    .filter_map(|(name, test)| test.changes(touchpoint.values().get(name), self.at))
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
