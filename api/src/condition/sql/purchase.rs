//! Tests of what purchases come to.

use lazo_domain::condition::evaluate::exact as bound;
use lazo_domain::condition::{Comparison, Lines, Number, PurchaseMeasure, PurchaseTest, TimeTest};
use lazo_domain::profile::fold_text;

use super::{Scope, compare, exact, summary};
use crate::db::Part;

/// One in halves of millionths, in which bounds are.
pub(super) const ONE: i64 = 2_000_000;

pub(super) fn compile(test: &PurchaseTest, scope: &Scope<'_>) -> Part {
    summary::or_else(test, scope, || purchases(test, scope))
}

fn purchases(test: &PurchaseTest, scope: &Scope<'_>) -> Part {
    let lines = &test.lines;
    let is_in = compare::is_in(&Part::new("u.placed_at"), test.window, scope.now);
    let dated = Part::fill("(u.counted AND {})", [is_in.clone()]);
    let counts = Part::all([dated.clone(), has_line(lines, scope)]);
    let unit = minor_unit(scope);
    match &test.measure {
        PurchaseMeasure::Count(count) => compare::count(&Part::new("count(*)"), count, |having| {
            profiles(&counts, having)
        }),
        PurchaseMeasure::First(time) => end("min(u.placed_at)", *time, &counts, scope),
        PurchaseMeasure::Last(time) => end("max(u.placed_at)", *time, &counts, scope),
        PurchaseMeasure::Spend(test) => {
            let amounts = if lines.is_all() {
                nets(&counts)
            } else {
                line_amounts(&dated, lines, scope)
            };
            exact::sum(&amounts, &bound::bounds(test, bound::exact), unit)
        }
        PurchaseMeasure::MeanSpend(test) => {
            exact::mean(&nets(&counts), &bound::bounds(test, bound::exact), unit)
        }
        PurchaseMeasure::MaxSpend(test) => {
            let test = bound::bounds(test, bound::exact);
            let passes = exact::passes(&Part::new("max(u.net)"), &test, unit);
            let counts = Part::fill("({} AND NOT u.left_out)", [counts]);
            profiles(&counts, Some(passes))
        }
        PurchaseMeasure::Products(count) => products(count, &dated, lines, scope),
        PurchaseMeasure::SinceLastInIntervals(test) => {
            let counts = Part::all([is_in, has_line(lines, scope)]);
            since_last(test, &counts, scope)
        }
    }
}

/// How many halves of millionths a minor unit of the deployment's currency is.
pub(super) fn minor_unit(scope: &Scope<'_>) -> i128 {
    const DIGITS: u32 = 6;
    2 * 10_i128.pow(DIGITS.saturating_sub(scope.currency.exponent()))
}

/// The profiles with purchases that count, and of whom something holds.
fn profiles(counts: &Part, having: Option<Part>) -> Part {
    let having = having.map_or_else(Part::default, |having| {
        Part::fill(" GROUP BY u.profile_id HAVING {}", [having])
    });
    Part::fill(
        "p.id IN (SELECT u.profile_id FROM purchase AS u WHERE {}{})",
        [counts.clone(), having],
    )
}

fn end(instant: &str, test: TimeTest, counts: &Part, scope: &Scope<'_>) -> Part {
    let passes = compare::passes_time(&Part::new(instant), test, scope.now);
    profiles(counts, Some(passes))
}

/// Selects what was paid for each purchase as `x`.
fn nets(counts: &Part) -> Part {
    Part::fill(
        "SELECT u.profile_id, u.net AS x FROM purchase AS u WHERE {} AND NOT u.left_out",
        [counts.clone()],
    )
}

/// Selects what each line that passes comes to as `x`.
fn line_amounts(dated: &Part, lines: &Lines, scope: &Scope<'_>) -> Part {
    Part::fill(
        "SELECT u.profile_id, l.amount AS x FROM purchase AS u JOIN purchase_line AS l ON l.purchase_id = u.id \
         WHERE {} AND NOT u.left_out AND l.amount IS NOT NULL AND {}",
        [dated.clone(), line_passes(lines, scope)],
    )
}

/// Whether the purchase `u` has a line that passes, or all would.
fn has_line(lines: &Lines, scope: &Scope<'_>) -> Part {
    if lines.is_all() {
        return Part::truth(true);
    }
    Part::fill(
        "u.id IN (SELECT l.purchase_id FROM purchase_line AS l WHERE {})",
        [line_passes(lines, scope)],
    )
}

fn line_passes(lines: &Lines, scope: &Scope<'_>) -> Part {
    let named = |column: &str, texts: &[String]| {
        let texts: Vec<_> = texts.iter().map(|text| fold_text(text)).collect();
        scope.engine.is_text_of(folded(column, scope), &texts)
    };
    let mut all = Vec::new();
    if !lines.products.is_empty() {
        all.push(Part::any(
            ["product_id", "sku"].map(|column| named(column, &lines.products)),
        ));
    }
    if !lines.categories.is_empty() {
        all.push(named("category", &lines.categories));
    }
    if !lines.brands.is_empty() {
        all.push(named("brand", &lines.brands));
    }
    Part::all(all)
}

/// A text of the line `l`, folded.
fn folded(column: &str, scope: &Scope<'_>) -> Part {
    let lower = scope.engine.lower(Part::new(format!("l.{column}")));
    Part::fill(
        &format!("(CASE WHEN l.folded IS NULL THEN {{}} ELSE l.folded ->> '{column}' END)"),
        [lower],
    )
}

fn products(test: &Comparison<u32>, dated: &Part, lines: &Lines, scope: &Scope<'_>) -> Part {
    let products = Part::fill(
        "SELECT u.profile_id, coalesce({}, {}) AS product FROM purchase AS u \
         JOIN purchase_line AS l ON l.purchase_id = u.id WHERE {} AND {}",
        [
            folded("product_id", scope),
            folded("sku", scope),
            dated.clone(),
            line_passes(lines, scope),
        ],
    );
    compare::count(&Part::new("count(DISTINCT v.product)"), test, |having| {
        let having = having.map_or_else(Part::default, |having| {
            Part::fill(" GROUP BY v.profile_id HAVING {}", [having])
        });
        Part::fill(
            "p.id IN (SELECT v.profile_id FROM ({}) AS v WHERE v.product IS NOT NULL{})",
            [products.clone(), having],
        )
    })
}

/// The time since the last of the purchases that count, against the mean interval between all: both times the number of intervals.
fn since_last(test: &Comparison<Number>, counts: &Part, scope: &Scope<'_>) -> Part {
    let now = || Part::value(scope.now.0);
    let all = Part::fill(
        "SELECT u.profile_id, u.placed_at, {} AS counts FROM purchase AS u WHERE u.counted AND u.placed_at <= {}",
        [counts.clone(), now()],
    );
    let profiles = Part::fill(
        "SELECT v.profile_id, max(CASE WHEN v.counts THEN v.placed_at END) AS last, count(*) - 1 AS intervals, \
         max(v.placed_at) - min(v.placed_at) AS span FROM ({}) AS v GROUP BY v.profile_id",
        [all],
    );
    let test = bound::bounds(test, bound::exact);
    let product = Part::fill("({} - g.last) * g.intervals", [now()]);
    let passes = exact::ratio(&product, &Part::new("g.span"), &test, ONE);
    Part::fill(
        "p.id IN (SELECT g.profile_id FROM ({}) AS g WHERE (CASE WHEN g.last IS NOT NULL AND g.span > 0 THEN {} ELSE FALSE END))",
        [profiles, passes],
    )
}
