//! Tests of what touchpoints come to.

use super::because::{Decide, Evidence, Explain, Found, Lack, Leaf, Named, Visit};
use super::exact;
use super::facts::{Dated, TouchpointFact};
use super::matcher::{Frozen, Passing, thaw};
use super::slide::Slide;
use super::tally::{Count, Distinct, End, Extreme, Mean, Sum};
use super::value::number;
use super::{Decision, Facts};
use crate::clock::Timestamp;
use crate::condition::{Measure, Number, TouchpointTest};
use crate::profile::TypedRow;

pub(super) fn decide(test: &TouchpointTest, facts: &Facts<'_>, now: Timestamp) -> Decision {
    thaw(now, |at| {
        let passing = Passing::new(&test.filter, facts, at);
        Frozen {
            decision: measure(test, &passing, Decide(at)),
            thaws: passing.thaws(),
        }
    })
}

pub(super) fn explain(
    test: &TouchpointTest,
    facts: &Facts<'_>,
    now: Timestamp,
) -> (Decision, Leaf) {
    let decision = decide(test, facts, now);
    let passing = Passing::new(&test.filter, facts, now);
    let (found, needs) = measure(test, &passing, Explain(now));
    let evidence = evidence(test, &passing, now, &found);
    Leaf::resting_on(evidence, found, needs, decision)
}

/// Lets a visitor see what the touchpoints that pass come to.
fn measure<W: Visit>(
    test: &TouchpointTest,
    passing: &Passing<'_, '_, '_>,
    visitor: W,
) -> W::Answer {
    let window = test.window;
    let matched = passing.ahead(window);
    let instants = matched
        .clone()
        .map(|touchpoint| (touchpoint.at(), touchpoint.at()));
    match &test.measure {
        Measure::Count(count) => {
            let each = matched.map(|touchpoint| (touchpoint.at(), ()));
            visitor.visit(
                Slide::new(window, each),
                Count::new(count, Lack::Touchpoints),
            )
        }
        Measure::Sum(name, bound) => {
            let summands = matched.flat_map(move |one| summands(one, name));
            let bounds = exact::bounds(bound, exact::rounded);
            visitor.visit(Slide::new(window, summands), Sum::new(bounds, Lack::Sum))
        }
        Measure::Mean(name, bound) => {
            let summands = matched.flat_map(move |one| summands(one, name));
            let bounds = exact::bounds(bound, exact::rounded);
            visitor.visit(Slide::new(window, summands), Mean::new(bounds))
        }
        Measure::Min(name, bound) => {
            let numbers = matched.flat_map(move |one| numbers(one, name));
            let least = Extreme::new(false, *bound, |number| number);
            visitor.visit(Slide::new(window, numbers), least)
        }
        Measure::Max(name, bound) => {
            let numbers = matched.flat_map(move |one| numbers(one, name));
            let greatest = Extreme::new(true, *bound, |number| number);
            visitor.visit(Slide::new(window, numbers), greatest)
        }
        Measure::Distinct(name, count) => {
            let scalars = matched.flat_map(move |one| {
                let rows = one.values().get(name).iter();
                rows.map(|row| (one.at(), Key::of(row)))
            });
            visitor.visit(Slide::new(window, scalars), Distinct::new(count))
        }
        Measure::First(time) => {
            let first = End::first(*time, Lack::Touchpoints);
            visitor.visit(Slide::new(window, instants), first)
        }
        Measure::Last(time) => {
            let last = End::last(*time, Lack::Touchpoints);
            visitor.visit(Slide::new(window, instants), last)
        }
    }
}

/// The numbers of a property.
fn numbers<'t>(
    touchpoint: &'t TouchpointFact<'_>,
    name: &str,
) -> impl Iterator<Item = (Timestamp, Number)> + Clone + use<'t> {
    let rows = touchpoint.values().get(name).iter();
    let at = touchpoint.at();
    rows.filter_map(move |row| Some((at, number(row)?)))
}

/// The numbers of a property that can be added up.
fn summands<'t>(
    touchpoint: &'t TouchpointFact<'_>,
    name: &str,
) -> impl Iterator<Item = (Timestamp, exact::Halves)> + Clone + use<'t> {
    numbers(touchpoint, name).filter_map(|(at, number)| Some((at, exact::summand(number)?)))
}

/// What tells one scalar from another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'v> {
    Truth(Option<bool>),
    Number(u64),
    Text(&'v str),
}

impl<'v> Key<'v> {
    fn of(row: &'v TypedRow) -> Self {
        let of_number = number(row).map(|number| Self::Number(number.get().to_bits()));
        let of_text = row.text.as_deref().map(Self::Text);
        of_number.or(of_text).unwrap_or(Self::Truth(row.truth))
    }
}

/// The touchpoints that decided: all that count, or those that are the extreme.
fn evidence(
    test: &TouchpointTest,
    passing: &Passing<'_, '_, '_>,
    now: Timestamp,
    found: &Found,
) -> Evidence {
    let counts = |touchpoint: &&TouchpointFact<'_>| test.window.contains(touchpoint.at(), now);
    let decides = |touchpoint: &&TouchpointFact<'_>| match &test.measure {
        Measure::Count(_) | Measure::First(_) | Measure::Last(_) => true,
        Measure::Sum(name, _) | Measure::Mean(name, _) => {
            summands(touchpoint, name).next().is_some()
        }
        Measure::Distinct(name, _) => !touchpoint.values().get(name).is_empty(),
        Measure::Min(name, _) | Measure::Max(name, _) => {
            numbers(touchpoint, name).any(|(_, number)| *found == Found::Number(number))
        }
    };
    let mut ids: Vec<_> = passing
        .iter()
        .filter(counts)
        .filter(decides)
        .map(|touchpoint| touchpoint.id)
        .collect();
    match test.measure {
        Measure::First(_) => ids.truncate(1),
        Measure::Last(_) => ids = ids.pop().into_iter().collect(),
        _ => {}
    }
    Evidence::Touchpoints(Named::latest(ids))
}
