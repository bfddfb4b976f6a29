//! Tests of purchases that the summary in the row of a profile answers, without a look at the purchases.

use lazo_domain::condition::evaluate::exact as bound;
use lazo_domain::condition::{PurchaseMeasure, PurchaseTest, Window};

use super::purchase::{ONE, minor_unit};
use super::{Scope, compare, exact};
use crate::db::Part;

/// The range in which spend is exact: beyond it, it stops at the ends of 64 bits.
const SPEND_IS_EXACT: &str = "p.spend BETWEEN -9223372036854775807 AND 9223372036854775806";

/// The same answer as `purchases`, by the summary where it can be had of it.
///
/// A summary is of all purchases. So it answers for an instant at which all that are known had been placed, which is every present
/// instant, and no earlier one.
pub(super) fn or_else(test: &PurchaseTest, scope: &Scope<'_>, purchases: Part) -> Part {
    let Some(answer) = compile(test, scope) else {
        return purchases;
    };
    Part::fill(
        &format!(
            "(CASE WHEN coalesce(p.last_order_at <= {{}}, TRUE) AND {SPEND_IS_EXACT} THEN coalesce({{}}, FALSE) ELSE {{}} END)"
        ),
        [Part::value(scope.now.0), answer, purchases],
    )
}

fn compile(test: &PurchaseTest, scope: &Scope<'_>) -> Option<Part> {
    if !test.lines.is_all() {
        return None;
    }
    let (first, last) = (Part::new("p.first_order_at"), Part::new("p.last_order_at"));
    // Whether a purchase is in the window that reaches to one end of them: whether the last one is, or the first one.
    let (is_there, end) = match test.window {
        Window::Ever => return ever(&test.measure, scope),
        Window::Last(_) => (compare::is_in(&last, test.window, scope.now), last),
        Window::Before(_) => (compare::is_in(&first, test.window, scope.now), first),
        Window::Between { .. } => return None,
    };
    match (&test.measure, test.window) {
        (PurchaseMeasure::Count(count), _) => compare::any(count, || {
            Part::fill("coalesce({}, FALSE)", [is_there.clone()])
        }),
        (PurchaseMeasure::Last(time), Window::Last(_))
        | (PurchaseMeasure::First(time), Window::Before(_)) => {
            let passes = compare::passes_time(&end, *time, scope.now);
            Some(Part::all([is_there, passes]))
        }
        _ => None,
    }
}

fn ever(measure: &PurchaseMeasure, scope: &Scope<'_>) -> Option<Part> {
    let time = |instant, time| compare::passes_time(&Part::new(instant), time, scope.now);
    Some(match measure {
        PurchaseMeasure::Count(count) => compare::passes_count(&Part::new("p.orders"), count),
        PurchaseMeasure::Spend(test) => {
            let test = bound::bounds(test, bound::exact);
            exact::passes(&Part::new("p.spend"), &test, minor_unit(scope))
        }
        PurchaseMeasure::First(test) => time("p.first_order_at", *test),
        PurchaseMeasure::Last(test) => time("p.last_order_at", *test),
        PurchaseMeasure::SinceLastInIntervals(test) => {
            let since = Part::fill(
                "({} - p.last_order_at) * (p.orders - 1)",
                [Part::value(scope.now.0)],
            );
            let range = Part::new("(p.last_order_at - p.first_order_at)");
            let test = bound::bounds(test, bound::exact);
            let passes = exact::ratio(&since, &range, &test, ONE);
            Part::fill(
                "(CASE WHEN p.last_order_at > p.first_order_at THEN {} END)",
                [passes],
            )
        }
        PurchaseMeasure::MeanSpend(_)
        | PurchaseMeasure::MaxSpend(_)
        | PurchaseMeasure::Products(_) => {
            return None;
        }
    })
}
