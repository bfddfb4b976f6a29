//! Comparisons of quantities and instants.

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::{Comparison, Number, TimeTest, Window};

use super::Scope;
use crate::db::Part;

/// Whether an expression passes a comparison.
fn passes<T>(expression: &Part, test: &Comparison<T>, bound: impl Fn(&T) -> Part) -> Part {
    let one = |template, one| Part::fill(template, [expression.clone(), bound(one)]);
    match test {
        Comparison::Equal(bound) => one("{} = {}", bound),
        Comparison::NotEqual(bound) => one("{} <> {}", bound),
        Comparison::Less(bound) => one("{} < {}", bound),
        Comparison::AtMost(bound) => one("{} <= {}", bound),
        Comparison::More(bound) => one("{} > {}", bound),
        Comparison::AtLeast(bound) => one("{} >= {}", bound),
        Comparison::Between(low, high) => {
            let [low, high] = [low, high].map(bound);
            Part::fill("{} BETWEEN {} AND {}", [expression.clone(), low, high])
        }
    }
}

/// Whether an expression of a float passes a comparison.
pub(super) fn passes_number(
    expression: &Part,
    test: &Comparison<Number>,
    scope: &Scope<'_>,
) -> Part {
    passes(expression, test, |bound| scope.engine.number(bound.get()))
}

/// Whether an instant passes a test.
pub(super) fn passes_time(instant: &Part, test: TimeTest, now: Timestamp) -> Part {
    let past = |millis: i64| now.plus_millis(-millis);
    let next = |millis: i64| now.plus_millis(millis);
    match test {
        TimeTest::Before(bound) => at("{} < {}", instant, bound),
        TimeTest::From(bound) => at("{} >= {}", instant, bound),
        TimeTest::WithinPast(span) => within(instant, past(span.millis()), now),
        TimeTest::LongerAgo(span) => at("{} <= {}", instant, past(span.millis())),
        TimeTest::WithinNext(span) => within(instant, now, next(span.millis())),
        TimeTest::FurtherAhead(span) => at("{} > {}", instant, next(span.millis())),
        TimeTest::NotLongerAgo(span) => at("{} > {}", instant, past(span.millis())),
        TimeTest::NotFurtherAhead(span) => at("{} <= {}", instant, next(span.millis())),
        TimeTest::Past(true) => at("{} <= {}", instant, now),
        TimeTest::Past(false) => at("{} > {}", instant, now),
    }
}

/// Whether an instant is in a window.
pub(super) fn is_in(instant: &Part, window: Window, now: Timestamp) -> Part {
    match window {
        Window::Ever => at("{} <= {}", instant, now),
        Window::Last(span) => within(instant, now.plus_millis(-span.millis()), now),
        Window::Before(span) => at("{} <= {}", instant, now.plus_millis(-span.millis())),
        Window::Between { after, until } => within(instant, after, until.min(now)),
    }
}

/// Whether an instant is in `(after, until]`.
fn within(instant: &Part, after: Timestamp, until: Timestamp) -> Part {
    Part::all([
        at("{} > {}", instant, after),
        at("{} <= {}", instant, until),
    ])
}

/// A comparison of one instant with another.
pub(super) fn at(template: &str, instant: &Part, bound: Timestamp) -> Part {
    Part::fill(template, [instant.clone(), Part::value(bound.0)])
}

/// Whether a count passes.
pub(super) fn passes_count(expression: &Part, test: &Comparison<u32>) -> Part {
    passes(expression, test, |bound| Part::value(i64::from(*bound)))
}

/// The profiles of whom a count passes, where `some` are those who have at least one of what is counted, and pass a test of it.
pub(super) fn count(
    expression: &Part,
    test: &Comparison<u32>,
    some: impl Fn(Option<Part>) -> Part,
) -> Part {
    any(test, || some(None)).unwrap_or_else(|| {
        let passes = passes_count(expression, test);
        if test.passes(&0) {
            some(Some(passes.negated())).negated()
        } else {
            some(Some(passes))
        }
    })
}

/// Whether a count passes, where all that matters is whether there is any at all; `None` where more matters.
pub(super) fn any(test: &Comparison<u32>, is_there: impl FnOnce() -> Part) -> Option<Part> {
    Some(match (test.passes(&0), of_any(test)?) {
        (true, false) => is_there().negated(),
        (false, true) => is_there(),
        (none, _) => Part::truth(none),
    })
}

/// Whether all counts but zero pass, or none does.
fn of_any(test: &Comparison<u32>) -> Option<bool> {
    match test {
        Comparison::Equal(0)
        | Comparison::Less(0 | 1)
        | Comparison::AtMost(0)
        | Comparison::Between(_, 0) => Some(false),
        Comparison::NotEqual(0) | Comparison::More(0) | Comparison::AtLeast(0 | 1) => Some(true),
        _ => None,
    }
}
