//! Timelines: what holds from when on, as long as nothing else happens.

use crate::clock::Timestamp;
use crate::condition::evaluate::Known;

/// Where a customer stands: what holds, since when, until when, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing<T, C> {
    /// What holds.
    pub value: T,
    /// When it began; none if that is not known. Of those who never bought it is when they were seen first, as facts do not say
    /// since when each identifier is known.
    pub since: Option<Timestamp>,
    /// The first instant at which time alone changes it; none if time alone never does.
    pub until: Option<Timestamp>,
    /// Why it holds, with the numbers as they are at the instant that was asked about.
    pub cause: C,
}

impl<T: Copy, C> Standing<T, C> {
    /// The standing as a fact that conditions ask about.
    pub fn known(&self) -> Known<T> {
        Known {
            value: self.value,
            until: self.until,
        }
    }
}

/// What holds from an instant on.
struct Phase<T, C> {
    from: Timestamp,
    value: T,
    cause: C,
}

/// What holds from the beginning on, and each change of it or of its cause.
pub(super) struct Timeline<T, C> {
    beginning: (T, C),
    /// In the order of time.
    phases: Vec<Phase<T, C>>,
}

impl<T: Copy + PartialEq, C: Copy> Timeline<T, C> {
    pub(super) const fn new(value: T, cause: C) -> Self {
        Self {
            beginning: (value, cause),
            phases: Vec::new(),
        }
    }

    /// Forgets what would hold from an instant on, as something happens at it.
    pub(super) fn cut(&mut self, at: Timestamp) {
        while self.phases.pop_if(|phase| phase.from >= at).is_some() {}
    }

    /// From an instant on this holds.
    pub(super) fn push(&mut self, from: Timestamp, value: T, cause: C) {
        self.cut(from);
        self.phases.push(Phase { from, value, cause });
    }

    /// What holds last, from when on and why.
    pub(super) fn last(&self) -> Option<(Timestamp, T, C)> {
        let last = self.phases.last()?;
        Some((last.from, last.value, last.cause))
    }

    /// What holds at an instant.
    pub(super) fn standing(&self, now: Timestamp) -> Standing<T, C> {
        let begun = self.phases.partition_point(|phase| phase.from <= now);
        let (past, ahead) = self.phases.split_at(begun);
        let (value, cause) = past
            .last()
            .map_or(self.beginning, |phase| (phase.value, phase.cause));
        let same = past.iter().rev().take_while(|phase| phase.value == value);
        let other = ahead.iter().find(|phase| phase.value != value);
        Standing {
            value,
            since: same.last().map(|phase| phase.from),
            until: other.map(|phase| phase.from),
            cause,
        }
    }

    /// Every change up to an instant.
    pub(super) fn changes(&self, upto: Timestamp) -> Vec<(Timestamp, T)> {
        let past = self.phases.iter().take_while(|phase| phase.from <= upto);
        let mut changes: Vec<_> = past.map(|phase| (phase.from, phase.value)).collect();
        changes.dedup_by_key(|(_, value)| *value);
        changes
    }
}
