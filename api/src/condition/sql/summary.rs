//! Tests of purchases that the summary in the row of a profile answers, without a look at the purchases.

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::evaluate::exact as bound;
use lazo_domain::condition::{PurchaseMeasure, PurchaseTest, Window};
use sea_orm::{ConnectionTrait, DbErr};

use super::purchase::{ONE, minor_unit};
use super::{Scope, compare, exact};
use crate::db::Part;

/// Whether all purchases that count were placed by an instant.
pub async fn all_placed(connection: &impl ConnectionTrait, now: Timestamp) -> Result<bool, DbErr> {
    let later = Part::fill(
        "SELECT 1 FROM purchase AS u WHERE u.counted AND u.placed_at > {} LIMIT 1",
        [Part::value(now.0)],
    );
    let later = connection.query_one_raw(later.statement(connection));
    Ok(later.await?.is_none())
}

/// The same answer as `purchases`, by the summary where it can be had of it.
///
/// A summary is of all purchases. So it answers for an instant at which all that are known had been placed, and no earlier one. The
/// engines plan best with one of the two alone.
pub(super) fn or_else(
    test: &PurchaseTest,
    scope: &Scope<'_>,
    purchases: impl FnOnce() -> Part,
) -> Part {
    let answer = compile(test, scope).filter(|_| scope.all_placed);
    answer.unwrap_or_else(purchases)
}

/// The answer, which is never null.
fn compile(test: &PurchaseTest, scope: &Scope<'_>) -> Option<Part> {
    if !test.lines.is_all() {
        return None;
    }
    // Whether a purchase is in the window that reaches to one end of them: whether the last one is, or the first one.
    let end = match test.window {
        Window::Ever => return ever(&test.measure, scope),
        Window::Last(_) => "p.last_order_at",
        Window::Before(_) => "p.first_order_at",
        Window::Between { .. } => return None,
    };
    let instant = Part::new(end);
    let is_there = || known(end, compare::is_in(&instant, test.window, scope.now));
    match (&test.measure, test.window) {
        (PurchaseMeasure::Count(count), _) => compare::any(count, is_there),
        (PurchaseMeasure::Last(time), Window::Last(_))
        | (PurchaseMeasure::First(time), Window::Before(_)) => {
            let passes = compare::passes_time(&instant, *time, scope.now);
            Some(Part::all([is_there(), passes]))
        }
        _ => None,
    }
}

/// Whether a column is not null and something holds of it. Engines estimate this, and find it by an index.
fn known(column: &str, holds: Part) -> Part {
    Part::all([Part::new(format!("{column} IS NOT NULL")), holds])
}

fn ever(measure: &PurchaseMeasure, scope: &Scope<'_>) -> Option<Part> {
    let time = |column: &'static str, time| {
        known(
            column,
            compare::passes_time(&Part::new(column), time, scope.now),
        )
    };
    Some(match measure {
        PurchaseMeasure::Count(count) => compare::passes_count(&Part::new("p.orders"), count),
        PurchaseMeasure::Spend(test) => {
            let test = bound::bounds(test, bound::exact);
            // A sum beyond the ends of 64 bits is stored as the end.
            let unit = minor_unit(scope);
            if !exact::is_within(&test, unit) {
                return None;
            }
            exact::passes(&Part::new("p.spend"), &test, unit)
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
                "(CASE WHEN p.last_order_at > p.first_order_at THEN {} ELSE FALSE END)",
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
