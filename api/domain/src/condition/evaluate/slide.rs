//! Windows that slide over what happened: what enters, what leaves, and when the answer changes.

use std::iter::Peekable;

use super::facts::Dated;
use super::{Decision, earliest};
use crate::clock::Timestamp;
use crate::condition::Window;

/// What is in a window comes to something: a count, a sum, a first instant.
pub(crate) trait Tally<V> {
    /// Takes in what enters. What enters first leaves first.
    fn enter(&mut self, value: V);

    /// Lets go of what leaves.
    fn leave(&mut self, value: V);

    /// Whether what is in the window passes.
    fn passes(&self, now: Timestamp) -> bool;

    /// The first instant after `now` at which what is in the window may start or stop to pass, while nothing enters or leaves.
    fn changes(&self, _now: Timestamp) -> Option<Timestamp> {
        None
    }
}

/// A window at an instant, over dated values in the order of their instants.
pub(crate) struct Slide<I: Iterator> {
    window: Window,
    arriving: Peekable<I>,
    leaving: Peekable<I>,
}

impl<V, I: Iterator<Item = (Timestamp, V)> + Clone> Slide<I> {
    /// The values must be those of [`ahead`].
    pub(crate) fn new(window: Window, values: I) -> Self {
        Self {
            window,
            arriving: values.clone().peekable(),
            leaving: values.peekable(),
        }
    }

    /// The next instant at which something enters or leaves.
    fn next(&mut self) -> Option<Timestamp> {
        let window = self.window;
        let enters = self.arriving.peek().map(|(at, _)| enters(window, *at));
        earliest(enters, self.leaves())
    }

    /// The next instant at which something leaves.
    fn leaves(&mut self) -> Option<Timestamp> {
        let window = self.window;
        self.leaving.peek().and_then(|(at, _)| leaves(window, *at))
    }

    /// Whether what happens at an instant counts at once.
    pub(super) fn takes(&self, now: Timestamp) -> bool {
        self.window.contains(now, now)
    }

    /// The first instant from which on less counts than now, or nothing new does.
    pub(super) fn shrinks(&mut self) -> Option<Timestamp> {
        match self.window {
            Window::Between { until, .. } => Some(until.plus_millis(1)),
            Window::Ever | Window::Last(_) | Window::Before(_) => self.leaves(),
        }
    }

    fn advance(&mut self, now: Timestamp, tally: &mut impl Tally<V>) {
        let window = self.window;
        while let Some((_, value)) = self.arriving.next_if(|(at, _)| enters(window, *at) <= now) {
            tally.enter(value);
        }
        let has_left = |at| leaves(window, at).is_some_and(|left| left <= now);
        while let Some((_, value)) = self.leaving.next_if(|(at, _)| has_left(*at)) {
            tally.leave(value);
        }
    }

    /// Whether what is in the window passes, and until when exactly.
    ///
    /// `look` sees the window at `now`; afterwards the tally is what it comes to at the change.
    pub(crate) fn decide<T: Tally<V>>(
        mut self,
        tally: &mut T,
        now: Timestamp,
        look: impl FnOnce(&T, &mut Self),
    ) -> Decision {
        self.advance(now, tally);
        let holds = tally.passes(now);
        look(tally, &mut self);
        let mut until = earliest(self.next(), tally.changes(now));
        while let Some(at) = until {
            self.advance(at, tally);
            if tally.passes(at) != holds {
                break;
            }
            until = earliest(self.next(), tally.changes(at));
        }
        Decision { holds, until }
    }
}

/// When something comes into a window.
fn enters(window: Window, at: Timestamp) -> Timestamp {
    match window {
        Window::Ever | Window::Last(_) | Window::Between { .. } => at,
        Window::Before(span) => at.plus_millis(span.millis()),
    }
}

/// When something goes out of a window; `None` if it stays.
fn leaves(window: Window, at: Timestamp) -> Option<Timestamp> {
    match window {
        Window::Last(span) => Some(at.plus_millis(span.millis())),
        Window::Ever | Window::Before(_) | Window::Between { .. } => None,
    }
}

/// When something is in a window: from the first instant until the second.
pub(super) fn presence(window: Window, at: Timestamp) -> (Timestamp, Option<Timestamp>) {
    (enters(window, at), leaves(window, at))
}

/// The part of what is in order that is in a window now or will be.
pub(crate) fn ahead<T: Dated>(window: Window, all: &[T], now: Timestamp) -> &[T] {
    ahead_of(window, all, now, T::at)
}

/// The same of what happened at instants that are looked up.
pub(super) fn ahead_of<T>(
    window: Window,
    all: &[T],
    now: Timestamp,
    at: impl Fn(&T) -> Timestamp,
) -> &[T] {
    let after = |bound: Timestamp| all.partition_point(|one| at(one) <= bound);
    let (start, end) = match window {
        Window::Ever | Window::Before(_) => (0, all.len()),
        Window::Last(span) => (after(now.plus_millis(-span.millis())), all.len()),
        Window::Between {
            after: begin,
            until,
        } => (after(begin), after(until)),
    };
    all.get(start..end).unwrap_or_default()
}
