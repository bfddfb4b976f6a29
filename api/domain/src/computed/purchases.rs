//! Traits computed of purchases.

use super::frequencies::{Frequencies, Pick};
use super::scalar::{Scalar, different};
use super::things::{Things, Which};
use super::totals::{Summand, Total, Totals};
use super::touchpoints::instant;
use super::watch::{Counted, Finding, watch};
use super::{Computed, Field, PurchaseAggregate};
use crate::clock::Timestamp;
use crate::condition::evaluate::exact::{self, Halves};
use crate::condition::evaluate::facts::Dated;
use crate::condition::evaluate::lines::LineMatcher;
use crate::condition::evaluate::slide::ahead;
use crate::condition::evaluate::{Evidence, Facts, Known, Named, PurchaseFact};
use crate::condition::{Lines, Window};
use crate::id::PurchaseId;

pub(super) fn value(
    lines: &Lines,
    measure: &PurchaseAggregate,
    window: Window,
    facts: &Facts<'_>,
    now: Timestamp,
) -> Known<Computed> {
    let found = finding(&LineMatcher::new(lines), measure, window, facts, now);
    Known {
        value: Computed {
            value: found.outcome.value,
            capped: found.outcome.capped,
            evidence: Evidence::Purchases(Named::latest(found.decisive)),
        },
        until: found.until,
    }
}

/// What the purchases that pass come to.
fn finding(
    lines: &LineMatcher<'_>,
    measure: &PurchaseAggregate,
    window: Window,
    facts: &Facts<'_>,
    now: Timestamp,
) -> Finding<PurchaseId> {
    let matched: Vec<_> = ahead(window, facts.purchases(), now)
        .iter()
        .filter(|purchase| lines.counts(purchase))
        .collect();
    let amount = |minor: i128| exact::amount(minor, facts.currency.exponent());
    let net = |purchase: &PurchaseFact<'_>| Some(amount(purchase.net_minor?.into()));
    let things = |which| {
        let each = counted(&matched, |_| Some(()));
        watch(window, &each, Things::new(which), now)
    };
    let totals = |total, halves: &dyn Fn(&PurchaseFact<'_>) -> Option<Halves>| {
        let each = counted(&matched, |one| Summand::of(halves(one)));
        watch(window, &each, Totals::new(total), now)
    };
    let extreme = |pick| {
        let each = counted(&matched, |one| {
            Some(vec![Scalar::of_number(exact::number(net(one)?))])
        });
        watch(window, &each, Frequencies::new(pick), now)
    };
    let frequencies = |field, pick| {
        let each = counted(&matched, |one| {
            let scalars = different(scalars(lines, one, field));
            (!scalars.is_empty()).then_some(scalars)
        });
        watch(window, &each, Frequencies::new(pick), now)
    };
    match measure {
        PurchaseAggregate::Count => things(Which::Count),
        PurchaseAggregate::FirstAt => things(Which::First(instant)),
        PurchaseAggregate::LastAt => things(Which::Last(instant)),
        PurchaseAggregate::Spend => totals(Total::Sum, &|one| {
            lines.spend(one, facts.currency).map(amount)
        }),
        PurchaseAggregate::MeanSpend => totals(Total::Mean, &net),
        PurchaseAggregate::MinSpend => extreme(Pick::Least),
        PurchaseAggregate::MaxSpend => extreme(Pick::Greatest),
        PurchaseAggregate::Products => frequencies(Field::Product, Pick::Count),
        PurchaseAggregate::MostFrequent(field) => frequencies(*field, Pick::MostFrequent),
        PurchaseAggregate::Categories { cap } => frequencies(Field::Category, Pick::List(*cap)),
    }
}

/// The purchases of which something is taken.
fn counted<'p, 'a, V>(
    matched: &[&'p PurchaseFact<'a>],
    take: impl Fn(&'p PurchaseFact<'a>) -> Option<V>,
) -> Vec<Counted<PurchaseId, V>> {
    let counted = |one: &&'p PurchaseFact<'a>| {
        Some(Counted {
            id: one.id,
            at: one.at(),
            value: take(one)?,
        })
    };
    matched.iter().filter_map(counted).collect()
}

/// A field of the lines of a purchase that pass.
fn scalars<'p>(
    lines: &LineMatcher<'_>,
    purchase: &'p PurchaseFact<'_>,
    field: Field,
) -> impl Iterator<Item = Scalar<'p>> {
    let all = purchase.lines().iter().zip(purchase.original_lines());
    all.filter(|(line, _)| lines.passes(line))
        .filter_map(move |(line, original)| {
            let (folded, written) = match field {
                Field::Category => (line.category(), &original.category),
                Field::Brand => (line.brand(), &original.brand),
                Field::Product => {
                    let product_id = &original.product_id;
                    let id = product_id.as_ref().map_or(&original.sku, |_| product_id);
                    (line.product(), id)
                }
            };
            Some(Scalar::of_text(folded?, written.as_deref()))
        })
}
