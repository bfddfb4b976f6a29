//! References from segments and score models to one another, which must not come back to where they began.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::MAX_REFERENCES;
use crate::condition::Condition;

/// What a condition can name that has conditions of its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// The segment of this key.
    Segment(String),
    /// The score model of this key.
    Score(String),
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Segment(key) => write!(f, "segment “{key}”"),
            Self::Score(key) => write!(f, "score “{key}”"),
        }
    }
}

/// Why references cannot be followed. Each names them in order, from the one that was checked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// They come back to one they passed.
    #[error("it refers to itself: {}", chain(.0))]
    Cycle(Vec<Reference>),
    /// There are too many, one after another.
    #[error("references follow one another at most {MAX_REFERENCES} times: {}", chain(.0))]
    TooDeep(Vec<Reference>),
}

fn chain(references: &[Reference]) -> String {
    let names: Vec<_> = references.iter().map(Reference::to_string).collect();
    names.join(" → ")
}

/// The segments and score models a condition names. Walks with a list of its own, so that depth does not matter.
pub fn references(condition: &Condition) -> BTreeSet<Reference> {
    let mut found = BTreeSet::new();
    let mut open = vec![condition];
    while let Some(condition) = open.pop() {
        match condition {
            Condition::All(inside) | Condition::Any(inside) => open.extend(inside),
            Condition::Not(inside) => open.push(inside),
            Condition::Segment(test) => {
                found.insert(Reference::Segment(test.key.clone()));
            }
            Condition::Score(test) => {
                found.insert(Reference::Score(test.key.clone()));
            }
            _ => {}
        }
    }
    found
}

/// Checks that the references of `start`, were these its conditions, end: none comes back to one before it, and at most
/// [`MAX_REFERENCES`] follow one another.
///
/// `lookup` gives the conditions of a segment or a score model, none for one that is not there (which [`check`](super::check) says).
/// A score model has as many as it has rules; one that measures the distance to a segment's members has the test of that segment.
/// Everything is looked up once.
pub fn check_references<'c, C>(
    start: &Reference,
    conditions: impl IntoIterator<Item = &'c Condition>,
    lookup: impl Fn(&Reference) -> C,
) -> Result<(), ReferenceError>
where
    C: IntoIterator<Item = &'c Condition>,
{
    let mut walk = Walk {
        lookup,
        path: vec![start.clone()],
        heights: BTreeMap::new(),
    };
    walk.visit(conditions.into_iter().flat_map(references).collect())?;
    Ok(())
}

struct Walk<L> {
    lookup: L,
    path: Vec<Reference>,
    /// How many references follow one another from each that is done.
    heights: BTreeMap<Reference, usize>,
}

impl<L> Walk<L> {
    /// Follows references from the end of the path. It calls itself at most [`MAX_REFERENCES`] times.
    fn visit<'c, C>(&mut self, references: BTreeSet<Reference>) -> Result<usize, ReferenceError>
    where
        L: Fn(&Reference) -> C,
        C: IntoIterator<Item = &'c Condition>,
    {
        let mut height = 0;
        for reference in references {
            let met = self.path.contains(&reference);
            let known = self.heights.get(&reference).copied();
            let so_far = self.path.len();
            self.path.push(reference.clone());
            if met {
                return Err(ReferenceError::Cycle(self.path.clone()));
            }
            if so_far + known.unwrap_or_default() > MAX_REFERENCES {
                return Err(ReferenceError::TooDeep(self.path.clone()));
            }
            let below = if let Some(known) = known {
                known
            } else {
                let conditions = (self.lookup)(&reference);
                let below =
                    self.visit(conditions.into_iter().flat_map(self::references).collect())?;
                self.heights.insert(reference, below);
                below
            };
            self.path.pop();
            height = height.max(below + 1);
        }
        Ok(height)
    }
}
