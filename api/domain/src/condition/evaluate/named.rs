//! Touchpoints of some names, found without looking at those of other names.

use std::borrow::Cow;
use std::collections::HashMap;
use std::slice;

use super::TouchpointFact;
use super::facts::Dated;
use super::slide::{ahead, ahead_of};
use crate::clock::Timestamp;
use crate::condition::Window;

/// The places of touchpoints in their total order, by their names.
pub(super) type Places<'a> = HashMap<&'a str, Vec<usize>>;

/// The touchpoints of some names, in their total order.
pub(crate) struct Named<'f, 'a> {
    all: &'f [TouchpointFact<'a>],
    /// None where all names are meant.
    places: Option<Cow<'f, [usize]>>,
}

impl<'f, 'a> Named<'f, 'a> {
    /// Those of these names; of all names where none is given.
    pub(super) fn new(
        all: &'f [TouchpointFact<'a>],
        by_name: &'f Places<'a>,
        names: &[String],
    ) -> Self {
        let of = |name: &String| {
            let places = by_name.get(name.as_str());
            places.map_or(&[][..], Vec::as_slice)
        };
        let places = match names {
            [] => None,
            [only] => Some(Cow::Borrowed(of(only))),
            several => {
                let mut places: Vec<usize> = several.iter().flat_map(of).copied().collect();
                places.sort_unstable();
                places.dedup();
                Some(Cow::Owned(places))
            }
        };
        Self { all, places }
    }

    /// All of them.
    pub(super) fn iter(&self) -> Iter<'_, 'a> {
        Iter::of(self.places.as_deref(), self.all)
    }

    /// Those that are in a window now or will be.
    pub(super) fn ahead(&self, window: Window, now: Timestamp) -> Iter<'_, 'a> {
        match self.places.as_deref() {
            None => Iter::of(None, ahead(window, self.all, now)),
            Some(places) => {
                let at = |place: &usize| self.at(*place);
                Iter::of(Some(ahead_of(window, places, now, at)), self.all)
            }
        }
    }

    /// Those later than an instant.
    pub(super) fn after(&self, instant: Timestamp) -> Iter<'_, 'a> {
        let later = Window::Between {
            after: instant,
            until: Timestamp(i64::MAX),
        };
        self.ahead(later, instant)
    }

    fn at(&self, place: usize) -> Timestamp {
        self.all.get(place).map_or(Timestamp(i64::MAX), Dated::at)
    }
}

/// Goes through touchpoints in their order.
#[derive(Clone)]
pub(crate) enum Iter<'f, 'a> {
    All(slice::Iter<'f, TouchpointFact<'a>>),
    Places(&'f [TouchpointFact<'a>], slice::Iter<'f, usize>),
}

impl<'f, 'a> Iter<'f, 'a> {
    /// Those at some places; all of them where none are given.
    fn of(places: Option<&'f [usize]>, all: &'f [TouchpointFact<'a>]) -> Self {
        match places {
            None => Self::All(all.iter()),
            Some(places) => Self::Places(all, places.iter()),
        }
    }
}

impl<'f, 'a> Iterator for Iter<'f, 'a> {
    type Item = &'f TouchpointFact<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::All(all) => all.next(),
            Self::Places(all, places) => all.get(*places.next()?),
        }
    }
}
