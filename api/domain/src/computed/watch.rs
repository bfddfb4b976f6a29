//! What the things in a window come to, watched until it is something else.

use std::cell::OnceCell;

use serde_json::Value;

use crate::clock::Timestamp;
use crate::condition::Window;
use crate::condition::evaluate::slide::{Slide, Tally};

/// A touchpoint or a purchase that counts while it is in the window, and what is taken of it.
pub(super) struct Counted<I, V> {
    pub(super) id: I,
    pub(super) at: Timestamp,
    pub(super) value: V,
}

/// What things come to.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Outcome {
    pub(super) value: Option<Value>,
    pub(super) capped: bool,
}

impl From<Option<Value>> for Outcome {
    fn from(value: Option<Value>) -> Self {
        Self {
            value,
            capped: false,
        }
    }
}

/// Brings things to an outcome. What enters first leaves first.
pub(super) trait Aggregation<'c, I, V> {
    /// Takes in what enters the window.
    fn enter(&mut self, one: &'c Counted<I, V>);

    /// Lets go of what leaves it.
    fn leave(&mut self, one: &'c Counted<I, V>);

    /// What is in it comes to this.
    fn outcome(&self) -> Outcome;

    /// What of it decided the outcome, in order.
    fn decisive(&self) -> Vec<I>;
}

/// What was found at an instant.
pub(super) struct Finding<I> {
    pub(super) outcome: Outcome,
    /// The first instant at which another outcome takes its place while the same things count; none if none does.
    pub(super) until: Option<Timestamp>,
    /// What decided it, in order.
    pub(super) decisive: Vec<I>,
}

/// An aggregation that passes for as long as it comes to what it came to first.
struct Watch<A> {
    aggregation: A,
    first: OnceCell<Outcome>,
}

impl<'c, I, V, A: Aggregation<'c, I, V>> Tally<&'c Counted<I, V>> for Watch<A> {
    fn enter(&mut self, one: &'c Counted<I, V>) {
        self.aggregation.enter(one);
    }

    fn leave(&mut self, one: &'c Counted<I, V>) {
        self.aggregation.leave(one);
    }

    fn passes(&self, _now: Timestamp) -> bool {
        let same = |first: &Outcome| *first == self.aggregation.outcome();
        self.first.get().is_none_or(same)
    }
}

/// What the things that are in a window at `now` come to. They must be in order, and none may be left out that is in the window at
/// `now` or will be.
pub(super) fn watch<'c, I, V, A: Aggregation<'c, I, V>>(
    window: Window,
    counted: &'c [Counted<I, V>],
    aggregation: A,
    now: Timestamp,
) -> Finding<I> {
    let mut watch = Watch {
        aggregation,
        first: OnceCell::new(),
    };
    let mut decisive = Vec::new();
    let dated = counted.iter().map(|one| (one.at, one));
    let decision = Slide::new(window, dated).decide(&mut watch, now, |watch, _| {
        decisive = watch.aggregation.decisive();
        watch.first.get_or_init(|| watch.aggregation.outcome());
    });
    Finding {
        outcome: watch.first.into_inner().unwrap_or_default(),
        until: decision.until,
        decisive,
    }
}
