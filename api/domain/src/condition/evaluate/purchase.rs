//! Tests of what purchases come to.

use super::because::{Decide, Evidence, Explain, Found, Lack, Leaf, Named, Visit};
use super::exact;
use super::facts::{Dated, PurchaseFact};
use super::intervals::Intervals;
use super::lines::LineMatcher;
use super::slide::{Slide, ahead};
use super::tally::{Count, Distinct, End, Extreme, Mean, Sum};
use super::{Decision, Facts};
use crate::clock::Timestamp;
use crate::condition::{PurchaseMeasure, PurchaseTest};

pub(super) fn decide(test: &PurchaseTest, facts: &Facts<'_>, now: Timestamp) -> Decision {
    let lines = LineMatcher::new(&test.lines);
    measure(test, &lines, facts, now, Decide(now))
}

pub(super) fn explain(test: &PurchaseTest, facts: &Facts<'_>, now: Timestamp) -> (Decision, Leaf) {
    let lines = LineMatcher::new(&test.lines);
    let decision = measure(test, &lines, facts, now, Decide(now));
    let (found, needs) = measure(test, &lines, facts, now, Explain(now));
    let evidence = evidence(test, &lines, facts, now, &found);
    Leaf::resting_on(evidence, found, needs, decision)
}

/// Lets a visitor see what the purchases that pass come to.
fn measure<W: Visit>(
    test: &PurchaseTest,
    lines: &LineMatcher<'_>,
    facts: &Facts<'_>,
    now: Timestamp,
    visitor: W,
) -> W::Answer {
    let (window, currency) = (test.window, facts.currency);
    let matched = ahead(window, facts.purchases(), now)
        .iter()
        .filter(|purchase| lines.counts(purchase));
    let instants = matched
        .clone()
        .map(|purchase| (purchase.at(), purchase.at()));
    let net = matched.clone().filter_map(|purchase| {
        let net = amount(facts, purchase.net_minor?.into());
        Some((purchase.at(), net))
    });
    match &test.measure {
        PurchaseMeasure::Count(count) => {
            let each = matched.map(|purchase| (purchase.at(), ()));
            visitor.visit(Slide::new(window, each), Count::new(count, Lack::Purchases))
        }
        PurchaseMeasure::Spend(bound) => {
            let spend = matched.filter_map(|purchase| {
                let spend = lines.spend(purchase, currency)?;
                Some((purchase.at(), amount(facts, spend)))
            });
            let bounds = exact::bounds(bound, exact::exact);
            visitor.visit(Slide::new(window, spend), Sum::new(bounds, Lack::Spend))
        }
        PurchaseMeasure::MeanSpend(bound) => {
            let mean = Mean::new(exact::bounds(bound, exact::exact));
            visitor.visit(Slide::new(window, net), mean)
        }
        PurchaseMeasure::MaxSpend(bound) => {
            let bounds = exact::bounds(bound, exact::exact);
            let greatest = Extreme::new(true, bounds, exact::number);
            visitor.visit(Slide::new(window, net), greatest)
        }
        PurchaseMeasure::Products(count) => {
            let products = matched.flat_map(|purchase| {
                let lines = lines.of(purchase);
                lines.filter_map(|line| Some((purchase.at(), line.product()?)))
            });
            visitor.visit(Slide::new(window, products), Distinct::new(count))
        }
        PurchaseMeasure::First(time) => {
            let first = End::first(*time, Lack::Purchases);
            visitor.visit(Slide::new(window, instants), first)
        }
        PurchaseMeasure::Last(time) => {
            let last = End::last(*time, Lack::Purchases);
            visitor.visit(Slide::new(window, instants), last)
        }
        PurchaseMeasure::SinceLastInIntervals(bound) => {
            let intervals = Intervals::new(bound, facts.purchases());
            visitor.visit(Slide::new(window, instants), intervals)
        }
    }
}

fn amount(facts: &Facts<'_>, minor: i128) -> exact::Halves {
    exact::amount(minor, facts.currency.exponent())
}

/// The purchases that decided: all that count, or those that are the extreme.
fn evidence(
    test: &PurchaseTest,
    lines: &LineMatcher<'_>,
    facts: &Facts<'_>,
    now: Timestamp,
    found: &Found,
) -> Evidence {
    let counts = |purchase: &&PurchaseFact<'_>| {
        test.window.contains(purchase.at(), now) && lines.counts(purchase)
    };
    let decides = |purchase: &&PurchaseFact<'_>| match &test.measure {
        PurchaseMeasure::Spend(_) | PurchaseMeasure::MeanSpend(_) => purchase.net_minor.is_some(),
        PurchaseMeasure::MaxSpend(_) => purchase
            .net_minor
            .is_some_and(|net| *found == Found::Number(exact::number(amount(facts, net.into())))),
        _ => true,
    };
    let mut ids: Vec<_> = facts
        .purchases()
        .iter()
        .filter(counts)
        .filter(decides)
        .map(|purchase| purchase.id)
        .collect();
    match test.measure {
        PurchaseMeasure::First(_) => ids.truncate(1),
        PurchaseMeasure::Last(_) | PurchaseMeasure::SinceLastInIntervals(_) => {
            ids = ids.pop().into_iter().collect();
        }
        _ => {}
    }
    Evidence::Purchases(Named::latest(ids))
}
