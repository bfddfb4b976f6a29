//! Tests of what touchpoints come to.

use lazo_domain::condition::evaluate::exact as bound;
use lazo_domain::condition::{Comparison, Filter, Measure, Number, TimeTest, TouchpointTest};

use super::{Scope, compare, exact, value};
use crate::db::{Part, Scalar};

/// Touchpoints with the profiles that they belong to now; of busy profiles those that are considered.
pub(super) const TOUCHPOINTS: &str = "touchpoint AS t JOIN fragment AS f ON f.id = t.fragment_id \
    AND (f.considered_from IS NULL OR t.occurred_at >= f.considered_from) \
    AND (f.public_considered_from IS NULL OR t.occurred_at >= f.public_considered_from \
    OR t.source_id IN (SELECT source.id FROM source WHERE source.trusted))";

/// Sums of numbers are of millionths, of which bounds have halves.
const HALVES: i128 = 2;

pub(super) fn compile(test: &TouchpointTest, scope: &Scope<'_>, is_joined: bool) -> Part {
    let instant = Part::new("t.occurred_at");
    let counts = Part::all([
        compare::is_in(&instant, test.window, scope.now),
        passes(&test.filter, scope),
    ]);
    match &test.measure {
        Measure::Count(count) => {
            let is_joined = is_joined && !count.passes(&0);
            compare::count(&Part::new("count(*)"), count, |having| match having {
                None if is_joined => profiles(&counts, None),
                having => profiles(&counts, Some(having.unwrap_or_else(|| Part::truth(true)))),
            })
        }
        Measure::First(time) => end("min(t.occurred_at)", *time, &counts, scope),
        Measure::Last(time) => end("max(t.occurred_at)", *time, &counts, scope),
        Measure::Sum(name, test) => {
            let test = bound::bounds(test, bound::rounded);
            exact::sum(&summands(name, &counts, scope), &test, HALVES)
        }
        Measure::Mean(name, test) => {
            let test = bound::bounds(test, bound::rounded);
            exact::mean(&summands(name, &counts, scope), &test, HALVES)
        }
        Measure::Min(name, test) => extreme("min(v.x)", name, test, &counts, scope),
        Measure::Max(name, test) => extreme("max(v.x)", name, test, &counts, scope),
        Measure::Distinct(name, count) => distinct(name, count, &counts, scope),
    }
}

/// Whether the touchpoint `t` passes a filter; never null.
pub(super) fn passes(filter: &Filter, scope: &Scope<'_>) -> Part {
    let mut all = Vec::new();
    if !filter.names.is_empty() {
        let name = Part::new("t.name");
        all.push(scope.engine.is_text_of(name, &filter.names));
    }
    if let Some(channel) = filter.channel {
        all.push(Part::fill(
            "t.channel = {}",
            [Part::value(channel.as_str())],
        ));
    }
    if let Some(source) = &filter.source {
        let sources = "t.source_id IN (SELECT s.id FROM source AS s WHERE s.name = {})";
        all.push(Part::fill(sources, [Part::value(source.as_str())]));
    }
    for property in &filter.properties {
        all.push(value::compile(&property.test, scope, |predicate| {
            property_holds(&property.name, scope, predicate)
        }));
    }
    Part::all(all)
}

/// Whether something holds of one of the scalars of a property of the touchpoint `t`; never null.
fn property_holds(name: &str, scope: &Scope<'_>, predicate: value::Predicate<'_>) -> Part {
    let folded = scope.engine.folded_property(name);
    let of_folded = Part::fill(
        "EXISTS (SELECT 1 FROM {} WHERE {})",
        [folded.relation, predicate(&folded.scalar)],
    );
    match scope.engine.plain_property(name) {
        None => of_folded,
        Some(plain) => Part::fill(
            "(CASE WHEN t.folded IS NULL THEN coalesce({}, FALSE) ELSE {} END)",
            [predicate(&plain), of_folded],
        ),
    }
}

/// The profiles with touchpoints that count, and of whom something holds.
fn profiles(counts: &Part, having: Option<Part>) -> Part {
    let having = having.map_or_else(Part::default, |having| {
        Part::fill(" GROUP BY f.profile_id HAVING {}", [having])
    });
    Part::fill(
        &format!("p.id IN (SELECT f.profile_id FROM {TOUCHPOINTS} WHERE {{}}{{}})"),
        [counts.clone(), having],
    )
}

fn end(instant: &str, test: TimeTest, counts: &Part, scope: &Scope<'_>) -> Part {
    let passes = compare::passes_time(&Part::new(instant), test, scope.now);
    profiles(counts, Some(passes))
}

/// Selects an expression of each scalar of a property, with the profile.
fn scalars(
    name: &str,
    counts: &Part,
    scope: &Scope<'_>,
    expression: impl FnOnce(Scalar) -> Part,
) -> Part {
    let property = scope.engine.property(name);
    Part::fill(
        &format!("SELECT f.profile_id, {{}} FROM {TOUCHPOINTS}, {{}} WHERE {{}}"),
        [
            expression(property.scalar),
            property.relation,
            counts.clone(),
        ],
    )
}

/// Selects the numbers of a property as `x`.
fn numbers(name: &str, counts: &Part, scope: &Scope<'_>) -> Part {
    scalars(name, counts, scope, |scalar| {
        Part::fill("{} AS x", [scalar.number])
    })
}

/// Selects the numbers of a property that can be added up in millionths as `x`, each rounded, halves away from zero.
fn summands(name: &str, counts: &Part, scope: &Scope<'_>) -> Part {
    let millionths = Part::fill(
        "SELECT v.profile_id, (CASE WHEN v.x BETWEEN -9007199254.0 AND 9007199254.0 THEN v.x * 1000000.0 END) AS y \
         FROM ({}) AS v",
        [numbers(name, counts, scope)],
    );
    let whole = Part::fill(
        "SELECT v.profile_id, v.y, {} AS x FROM ({}) AS v WHERE v.y IS NOT NULL",
        [scope.engine.truncated(Part::new("v.y")), millionths],
    );
    Part::fill(
        "SELECT v.profile_id, v.x + (CASE WHEN v.y - v.x >= 0.5 THEN 1 WHEN v.y - v.x <= -0.5 THEN -1 ELSE 0 END) AS x \
         FROM ({}) AS v",
        [whole],
    )
}

fn extreme(
    extreme: &str,
    name: &str,
    test: &Comparison<Number>,
    counts: &Part,
    scope: &Scope<'_>,
) -> Part {
    let passes = compare::passes_number(&Part::new(extreme), test, scope);
    Part::fill(
        "p.id IN (SELECT v.profile_id FROM ({}) AS v GROUP BY v.profile_id HAVING {})",
        [numbers(name, counts, scope), passes],
    )
}

fn distinct(name: &str, test: &Comparison<u32>, counts: &Part, scope: &Scope<'_>) -> Part {
    let columns = |scalar: Scalar| {
        Part::fill(
            "{} AS text, {} AS number, {} AS truth, {} AS is_there",
            [scalar.text, scalar.number, scalar.truth, scalar.is_there],
        )
    };
    let scalars = scalars(name, counts, scope, columns);
    let number =
        Part::new("(count(DISTINCT v.text) + count(DISTINCT v.number) + count(DISTINCT v.truth))");
    compare::count(&number, test, |having| {
        let having = having.map_or_else(Part::default, |having| {
            Part::fill(" GROUP BY v.profile_id HAVING {}", [having])
        });
        Part::fill(
            "p.id IN (SELECT v.profile_id FROM ({}) AS v WHERE v.is_there{})",
            [scalars.clone(), having],
        )
    })
}
