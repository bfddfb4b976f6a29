//! What the state of an order means: its status, and what counts.

use std::ops::Bound;

use super::state::Told;
use super::{Line, PurchaseState};
use crate::clock::Timestamp;
use crate::money::Currency;
use crate::profile::Rank;

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PurchaseStatus {
    /// It was placed.
    Placed,
    /// It was placed, and a part of it was paid back.
    PartiallyRefunded,
    /// It was placed, and all of it was paid back.
    Refunded,
    /// It was placed and called off.
    Cancelled,
    /// Only a refund or a cancellation of it is known yet.
    Stub,
}

impl PurchaseStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [
        Self::Placed,
        Self::PartiallyRefunded,
        Self::Refunded,
        Self::Cancelled,
        Self::Stub,
    ];

    /// The name in the schema and in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Placed => "PLACED",
            Self::PartiallyRefunded => "PARTIALLY_REFUNDED",
            Self::Refunded => "REFUNDED",
            Self::Cancelled => "CANCELLED",
            Self::Stub => "STUB",
        }
    }
}

/// A purchase as it is shown and counted. Amounts are minor units of `currency`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurchaseView {
    /// Where the order stands.
    pub status: PurchaseStatus,
    /// When it was placed; `None` for a stub.
    pub placed_at: Option<Timestamp>,
    /// The currency of the order; the deployment's if no amount is known.
    pub currency: Currency,
    /// The amount of the order; 0 if none is known.
    pub amount_minor: i64,
    /// What was paid back, at most the amount.
    pub refunded_minor: i64,
    /// What the order adds to spend: the amount less refunds, and 0 for a stub or a cancelled order.
    pub net_minor: i64,
    /// Whether it counts as an order: placed and not cancelled.
    pub counted: bool,
    /// Whether it is left out of sums, being in another currency than the deployment's.
    pub left_out: bool,
    /// How many of its refunds are in another currency than the order, and so not in `refunded_minor`.
    pub refunds_left_out: usize,
    /// The products.
    pub lines: Vec<Line>,
}

/// What the refunds of an order add up to.
struct Refunds {
    minor: i64,
    left_out: usize,
    full: bool,
}

impl PurchaseState {
    /// The purchase as it is shown and counted in a deployment of this currency.
    ///
    /// The order stands as the sources of the highest rank that placed it say. Completions, updates, refunds and cancellations of
    /// lower ranks count for nothing: else anybody who holds the key of a public source could call off the orders that the shop's
    /// backend records. Of a lower rank are at most the amount and the products, where no higher one names them. Refunds and
    /// cancellations of a higher rank do count.
    pub fn view(&self, deployment: &Currency) -> PurchaseView {
        let placed = self.placed();
        let rank = placed.map(|(rank, _)| rank);
        let placed_at = placed.map(|(_, at)| at);
        let amount = self.amount.as_ref().map(|latest| latest.value);
        let currency = amount.map_or(*deployment, |amount| amount.currency);
        let amount_minor = amount.map_or(0, |amount| amount.minor);
        let refunds = self.refunds(rank, currency, amount_minor.max(0));
        let cancelled = self.heard(rank).any(|told| told.cancelled_at.is_some());
        let counted = placed_at.is_some() && !cancelled;
        PurchaseView {
            status: status(placed_at, cancelled, amount_minor, &refunds),
            placed_at,
            currency,
            amount_minor,
            refunded_minor: refunds.minor,
            net_minor: if counted {
                amount_minor.saturating_sub(refunds.minor)
            } else {
                0
            },
            counted,
            left_out: currency != *deployment,
            refunds_left_out: refunds.left_out,
            lines: self
                .lines
                .as_ref()
                .map_or_else(Vec::new, |latest| latest.value.clone()),
        }
    }

    /// The highest rank that placed the order, and when.
    fn placed(&self) -> Option<(Rank, Timestamp)> {
        let placed = |(rank, told): (&Rank, &Told)| Some((*rank, told.placed_at()?));
        self.told.iter().rev().find_map(placed)
    }

    /// What was said by this rank and higher ones; by all while no rank has placed the order.
    fn heard(&self, rank: Option<Rank>) -> impl Iterator<Item = &Told> {
        let lowest = rank.map_or(Bound::Unbounded, Bound::Included);
        self.told
            .range((lowest, Bound::Unbounded))
            .map(|(_, told)| told)
    }

    fn refunds(&self, rank: Option<Rank>, currency: Currency, most: i64) -> Refunds {
        let mut refunds = Refunds {
            minor: 0,
            left_out: 0,
            full: false,
        };
        for refund in self.heard(rank).flat_map(|told| told.refunds.values()) {
            match refund {
                None => refunds.full = true,
                Some(refund) if refund.currency == currency => {
                    refunds.minor = refunds.minor.saturating_add(refund.minor);
                }
                Some(_) => refunds.left_out += 1,
            }
        }
        refunds.minor = if refunds.full {
            most
        } else {
            refunds.minor.min(most)
        };
        refunds
    }
}

fn status(
    placed_at: Option<Timestamp>,
    cancelled: bool,
    amount_minor: i64,
    refunds: &Refunds,
) -> PurchaseStatus {
    if placed_at.is_none() {
        PurchaseStatus::Stub
    } else if cancelled {
        PurchaseStatus::Cancelled
    } else if refunds.full || (refunds.minor > 0 && refunds.minor == amount_minor) {
        PurchaseStatus::Refunded
    } else if refunds.minor > 0 || refunds.left_out > 0 {
        PurchaseStatus::PartiallyRefunded
    } else {
        PurchaseStatus::Placed
    }
}
