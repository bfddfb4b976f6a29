//! Tests of purchases.

use winnow::stream::Stream;

use super::argument::lines;
use super::value::{comparison, count, number, time_test};
use crate::condition::text::input::{Input, Parsed, expected_test};
use crate::condition::{Condition, PurchaseMeasure, PurchaseTest};

/// What orders come to, by the name of it (in lower case), which is the next token.
pub(super) fn purchases(input: &mut Input<'_>, name: &str) -> Parsed<Condition> {
    let known = matches!(
        name,
        "orders.count"
            | "orders.spend"
            | "orders.mean"
            | "orders.max"
            | "orders.products"
            | "orders.intervals_since_last"
            | "first_order_at"
            | "last_order_at"
    );
    if !known {
        return expected_test(input);
    }
    input.next_token();
    let (lines, window) = lines(input)?;
    let measure = match name {
        "orders.count" => PurchaseMeasure::Count(comparison(input, count)?),
        "orders.products" => PurchaseMeasure::Products(comparison(input, count)?),
        "orders.spend" => PurchaseMeasure::Spend(comparison(input, number)?),
        "orders.mean" => PurchaseMeasure::MeanSpend(comparison(input, number)?),
        "orders.max" => PurchaseMeasure::MaxSpend(comparison(input, number)?),
        "first_order_at" => PurchaseMeasure::First(time_test(input)?),
        "last_order_at" => PurchaseMeasure::Last(time_test(input)?),
        _ => PurchaseMeasure::SinceLastInIntervals(comparison(input, number)?),
    };
    Ok(Condition::Purchase(PurchaseTest {
        lines,
        window,
        measure,
    }))
}
