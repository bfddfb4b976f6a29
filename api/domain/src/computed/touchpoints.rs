//! Traits computed of touchpoints.

use std::cell::OnceCell;

use serde_json::Value;

use super::frequencies::{Frequencies, Pick};
use super::scalar::{Scalar, different, numbers, scalars};
use super::things::{Things, Which};
use super::totals::{Summand, Total, Totals};
use super::watch::{Counted, Finding, watch};
use super::{Aggregate, Computed};
use crate::clock::Timestamp;
use crate::condition::evaluate::facts::Dated;
use crate::condition::evaluate::matcher::{Frozen, Passing, thaw};
use crate::condition::evaluate::{Decision, Evidence, Facts, Known, Named, TouchpointFact, exact};
use crate::condition::{Filter, Window};
use crate::id::TouchpointId;

pub(super) fn value(
    filter: &Filter,
    measure: &Aggregate,
    window: Window,
    facts: &Facts<'_>,
    now: Timestamp,
) -> Known<Computed> {
    let first = OnceCell::new();
    let decision = thaw(now, |at| {
        let passing = Passing::new(filter, facts, at);
        let matched: Vec<_> = passing.ahead(window).collect();
        let found = finding(measure, window, &matched, at);
        let (outcome, until) = (found.outcome.clone(), found.until);
        // The first instant that is looked at is `now`.
        let first = first.get_or_init(|| found);
        let decision = Decision {
            holds: first.outcome == outcome,
            until,
        };
        Frozen {
            decision,
            thaws: passing.thaws(),
        }
    });
    let (outcome, decisive) = first
        .into_inner()
        .map_or_else(Default::default, |first| (first.outcome, first.decisive));
    Known {
        value: Computed {
            value: outcome.value,
            capped: outcome.capped,
            evidence: Evidence::Touchpoints(Named::latest(decisive)),
        },
        until: decision.until,
    }
}

/// What the touchpoints that pass come to.
fn finding(
    measure: &Aggregate,
    window: Window,
    matched: &[&TouchpointFact<'_>],
    now: Timestamp,
) -> Finding<TouchpointId> {
    let frequencies = |name: &str, pick| {
        let each = counted(matched, |one| some(different(scalars(one, name))));
        watch(window, &each, Frequencies::new(pick), now)
    };
    let extreme = |name: &str, pick| {
        let each = counted(matched, |one| {
            some(different(numbers(one, name).map(Scalar::of_number)))
        });
        watch(window, &each, Frequencies::new(pick), now)
    };
    let totals = |name: &str, total| {
        let each = counted(matched, |one| {
            Summand::of(numbers(one, name).filter_map(exact::summand))
        });
        watch(window, &each, Totals::new(total), now)
    };
    let values = |name: &str, which| {
        let each = counted(matched, |one| some(scalars(one, name)));
        watch(window, &each, Things::new(which), now)
    };
    let things = |which| {
        let each = counted(matched, |_| Some(()));
        watch(window, &each, Things::new(which), now)
    };
    match measure {
        Aggregate::Count => things(Which::Count),
        Aggregate::FirstAt => things(Which::First(instant)),
        Aggregate::LastAt => things(Which::Last(instant)),
        Aggregate::First(name) => values(name, Which::First(shown)),
        Aggregate::Last(name) => values(name, Which::Last(shown)),
        Aggregate::Sum(name) => totals(name, Total::Sum),
        Aggregate::Mean(name) => totals(name, Total::Mean),
        Aggregate::Min(name) => extreme(name, Pick::Least),
        Aggregate::Max(name) => extreme(name, Pick::Greatest),
        Aggregate::MostFrequent(name) => frequencies(name, Pick::MostFrequent),
        Aggregate::DistinctCount(name) => frequencies(name, Pick::Count),
        Aggregate::DistinctValues { property, cap } => frequencies(property, Pick::List(*cap)),
    }
}

/// The touchpoints of which something is taken.
fn counted<'t, 'a, V>(
    matched: &[&'t TouchpointFact<'a>],
    take: impl Fn(&'t TouchpointFact<'a>) -> Option<V>,
) -> Vec<Counted<TouchpointId, V>> {
    let counted = |one: &&'t TouchpointFact<'a>| {
        Some(Counted {
            id: one.id,
            at: one.at(),
            value: take(one)?,
        })
    };
    matched.iter().filter_map(counted).collect()
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

/// The one scalar that a touchpoint has, or a list of them.
fn shown(one: &Counted<TouchpointId, Vec<Scalar<'_>>>) -> Value {
    match one.value.as_slice() {
        [only] => only.shown(),
        several => several.iter().map(Scalar::shown).collect(),
    }
}

/// When something happened, as the value of a trait.
pub(super) fn instant<I>(one: &Counted<I, ()>) -> Value {
    one.at.to_string().into()
}
