//! Hand-made customers for tables of cases. Their time begins with 1970 and is counted in days.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::condition::Span;
use crate::condition::evaluate::{Facts, PurchaseFact};
use crate::id::PurchaseId;
use crate::identity::Namespace;
use crate::purchase::{PurchaseStatus, PurchaseView};

pub(super) const DAY: i64 = 86_400_000;

pub(super) fn day(days: i64) -> Timestamp {
    Timestamp(days * DAY)
}

pub(super) fn days(days: u16) -> Span {
    Span::days(days).unwrap()
}

/// A purchase that was placed at an instant, for so many cents.
pub(super) fn bought(at: Timestamp, minor: i64) -> PurchaseView {
    PurchaseView {
        status: PurchaseStatus::Placed,
        placed_at: Some(at),
        currency: "EUR".parse().unwrap(),
        amount_minor: minor,
        refunded_minor: 0,
        net_minor: minor,
        counted: true,
        left_out: false,
        refunds_left_out: 0,
        lines: Vec::new(),
    }
}

/// Purchases of 10.00 on these days.
pub(super) fn bought_on(days: &[i64]) -> Vec<PurchaseView> {
    days.iter().map(|at| bought(day(*at), 1_000)).collect()
}

/// The facts of a customer who is seen from the first purchase on and has no identifier.
pub(super) fn customer(purchases: &[PurchaseView]) -> Facts<'_> {
    let facts = purchases.iter().enumerate().filter_map(|(number, view)| {
        let id = PurchaseId(Uuid::from_u128(u128::try_from(number).unwrap()));
        PurchaseFact::of(id, view)
    });
    let mut facts =
        Facts::new(chrono_tz::UTC, "EUR".parse().unwrap()).with_purchases(facts.collect());
    facts.first_seen = purchases.iter().filter_map(|view| view.placed_at).min();
    facts
}

pub(super) fn namespace(name: &str) -> Namespace {
    Namespace::new(name).unwrap()
}
