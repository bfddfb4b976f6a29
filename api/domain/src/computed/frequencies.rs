//! Frequencies: the different values there are, and how many things have each.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::scalar::{Key, Scalar};
use super::watch::{Aggregation, Counted, Outcome};

/// What is shown of different values.
#[derive(Clone, Copy)]
pub(super) enum Pick {
    /// The first by name, which of numbers is the smallest.
    Least,
    /// The last by name, which of numbers is the greatest.
    Greatest,
    /// The one that most things have; of several the first by name.
    MostFrequent,
    /// How many there are.
    Count,
    /// So many of them, the first by name.
    List(u16),
}

/// The different values, and which things have each of them.
pub(super) struct Frequencies<'v, I> {
    pick: Pick,
    things: VecDeque<I>,
    values: BTreeMap<Key<'v>, Frequency<'v, I>>,
    /// The values that most things have, first; kept only where the first of them is asked for.
    ranks: BTreeSet<(Reverse<usize>, Key<'v>)>,
}

struct Frequency<'v, I> {
    /// As it was written last.
    scalar: Scalar<'v>,
    things: VecDeque<I>,
}

impl<'v, I> Frequencies<'v, I> {
    pub(super) fn new(pick: Pick) -> Self {
        Self {
            pick,
            things: VecDeque::new(),
            values: BTreeMap::new(),
            ranks: BTreeSet::new(),
        }
    }

    /// Remembers that another number of things has a value.
    fn rank(&mut self, key: Key<'v>, before: usize, after: usize) {
        if !matches!(self.pick, Pick::MostFrequent) {
            return;
        }
        self.ranks.remove(&(Reverse(before), key));
        if after > 0 {
            self.ranks.insert((Reverse(after), key));
        }
    }

    /// The one value that is shown, where it is one.
    fn picked(&self) -> Option<&Frequency<'v, I>> {
        match self.pick {
            Pick::Least => self.values.values().next(),
            Pick::Greatest => self.values.values().next_back(),
            Pick::MostFrequent => {
                let (_, key) = self.ranks.first()?;
                self.values.get(key)
            }
            Pick::Count | Pick::List(_) => None,
        }
    }

    fn list(&self, cap: u16) -> Outcome {
        let cap = usize::from(cap);
        let kept = self.values.values().take(cap);
        let kept: Vec<_> = kept.map(|frequency| frequency.scalar.shown()).collect();
        Outcome {
            value: (!kept.is_empty()).then(|| kept.into()),
            capped: self.values.len() > cap,
        }
    }
}

/// Of each thing, the different scalars it has.
impl<'c, 'v, I: Copy> Aggregation<'c, I, Vec<Scalar<'v>>> for Frequencies<'v, I> {
    fn enter(&mut self, one: &'c Counted<I, Vec<Scalar<'v>>>) {
        self.things.push_back(one.id);
        for scalar in &one.value {
            let frequency = self.values.entry(scalar.key).or_insert_with(|| Frequency {
                scalar: *scalar,
                things: VecDeque::new(),
            });
            frequency.scalar = *scalar;
            frequency.things.push_back(one.id);
            let things = frequency.things.len();
            self.rank(scalar.key, things - 1, things);
        }
    }

    fn leave(&mut self, one: &'c Counted<I, Vec<Scalar<'v>>>) {
        self.things.pop_front();
        for scalar in &one.value {
            let Some(frequency) = self.values.get_mut(&scalar.key) else {
                continue;
            };
            frequency.things.pop_front();
            let things = frequency.things.len();
            if things == 0 {
                self.values.remove(&scalar.key);
            }
            self.rank(scalar.key, things + 1, things);
        }
    }

    fn outcome(&self) -> Outcome {
        match self.pick {
            Pick::Count => Some(self.values.len().into()).into(),
            Pick::List(cap) => self.list(cap),
            Pick::Least | Pick::Greatest | Pick::MostFrequent => {
                let picked = self.picked();
                picked.map(|frequency| frequency.scalar.shown()).into()
            }
        }
    }

    fn decisive(&self) -> Vec<I> {
        let picked = self.picked().map(|frequency| &frequency.things);
        picked.unwrap_or(&self.things).iter().copied().collect()
    }
}
