//! Things as they happened: how many, the first and the last.

use std::collections::VecDeque;

use serde_json::Value;

use super::watch::{Aggregation, Counted, Outcome};

/// Which of the things that count are shown, and what of them.
#[derive(Clone, Copy)]
pub(super) enum Which<I, V> {
    /// How many there are.
    Count,
    /// The first.
    First(fn(&Counted<I, V>) -> Value),
    /// The last.
    Last(fn(&Counted<I, V>) -> Value),
}

/// The things themselves, in order.
pub(super) struct Things<'c, I, V> {
    which: Which<I, V>,
    things: VecDeque<&'c Counted<I, V>>,
}

impl<I, V> Things<'_, I, V> {
    pub(super) fn new(which: Which<I, V>) -> Self {
        Self {
            which,
            things: VecDeque::new(),
        }
    }
}

impl<'c, I: Copy, V> Aggregation<'c, I, V> for Things<'c, I, V> {
    fn enter(&mut self, one: &'c Counted<I, V>) {
        self.things.push_back(one);
    }

    fn leave(&mut self, _one: &'c Counted<I, V>) {
        self.things.pop_front();
    }

    fn outcome(&self) -> Outcome {
        let shown = match self.which {
            Which::Count => Some(self.things.len().into()),
            Which::First(show) => self.things.front().map(|first| show(first)),
            Which::Last(show) => self.things.back().map(|last| show(last)),
        };
        shown.into()
    }

    fn decisive(&self) -> Vec<I> {
        let things: Vec<_> = match self.which {
            Which::Count => self.things.iter().collect(),
            Which::First(_) => self.things.front().into_iter().collect(),
            Which::Last(_) => self.things.back().into_iter().collect(),
        };
        things.into_iter().map(|one| one.id).collect()
    }
}
