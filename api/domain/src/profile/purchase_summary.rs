//! The purchases of a profile in a few numbers.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::purchase::PurchaseView;

/// What a profile has bought: the purchases that were placed and not cancelled.
///
/// Sums are in the deployment's currency; purchases in another are left out of sums, and counted as left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurchaseSummary {
    /// How many purchases there are, in any currency.
    #[serde(rename = "n", default)]
    pub orders: u64,
    /// What was paid and not refunded, in minor units.
    #[serde(rename = "s", default)]
    pub spend_minor: i64,
    /// What was refunded, in minor units.
    #[serde(rename = "r", default)]
    pub refunded_minor: i64,
    /// How many of the purchases are in another currency.
    #[serde(rename = "x", default)]
    pub left_out: u64,
    /// When the first purchase was placed.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub first_order_at: Option<Timestamp>,
    /// When the last purchase was placed.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub last_order_at: Option<Timestamp>,
    /// The mean time between two purchases in milliseconds, rounded down; `None` with fewer than two.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub mean_interval_millis: Option<i64>,
}

/// What one purchase is in the summary of its profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// When it was placed.
    pub placed_at: Option<Timestamp>,
    /// Whether it counts as an order.
    pub counted: bool,
    /// Whether the sums leave it out, as it is in another currency.
    pub left_out: bool,
    /// What it adds to spend, in minor units.
    pub net_minor: i64,
    /// What was paid back, in minor units.
    pub refunded_minor: i64,
}

impl From<&PurchaseView> for Share {
    fn from(view: &PurchaseView) -> Self {
        Self {
            placed_at: view.placed_at,
            counted: view.counted,
            left_out: view.left_out,
            net_minor: view.net_minor,
            refunded_minor: view.refunded_minor,
        }
    }
}

impl PurchaseSummary {
    /// Sums up the purchases of one profile, in any order.
    pub fn of(purchases: impl IntoIterator<Item: Into<Share>>) -> Self {
        let mut summary = Self::default();
        let shares = purchases.into_iter().map(Into::into);
        // Wide sums, so that the order of the views cannot decide where a sum stops at the end of the range.
        let (mut spend, mut refunded) = (0_i128, 0_i128);
        for share in shares.filter(|share: &Share| share.counted) {
            summary.orders = summary.orders.saturating_add(1);
            summary.first_order_at = summary
                .first_order_at
                .into_iter()
                .chain(share.placed_at)
                .min();
            summary.last_order_at = summary.last_order_at.max(share.placed_at);
            if share.left_out {
                summary.left_out = summary.left_out.saturating_add(1);
            } else {
                spend += i128::from(share.net_minor);
                refunded += i128::from(share.refunded_minor);
            }
        }
        summary.spend_minor = clamp(spend);
        summary.refunded_minor = clamp(refunded);
        summary.mean_interval_millis = summary.mean_interval();
        summary
    }

    fn mean_interval(&self) -> Option<i64> {
        let intervals = i64::try_from(self.orders)
            .ok()?
            .checked_sub(1)
            .filter(|intervals| *intervals > 0)?;
        let span = self.last_order_at?.0.saturating_sub(self.first_order_at?.0);
        span.checked_div(intervals)
    }
}

fn clamp(sum: i128) -> i64 {
    i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::purchase::PurchaseStatus;

    fn view(placed_at: i64, amount_minor: i64, refunded_minor: i64) -> PurchaseView {
        PurchaseView {
            status: PurchaseStatus::Placed,
            placed_at: Some(Timestamp(placed_at)),
            currency: "EUR".parse().unwrap(),
            amount_minor,
            refunded_minor,
            net_minor: amount_minor - refunded_minor,
            counted: true,
            left_out: false,
            refunds_left_out: 0,
            lines: Vec::new(),
        }
    }

    #[test]
    fn a_summary_adds_up_what_counts() {
        let foreign = PurchaseView {
            left_out: true,
            ..view(40, 9_999, 0)
        };
        let cancelled = PurchaseView {
            counted: false,
            net_minor: 0,
            ..view(90, 700, 0)
        };
        let views = [view(25, 1_000, 100), foreign, view(10, 500, 0), cancelled];
        assert_eq!(
            PurchaseSummary::of(views.iter()),
            PurchaseSummary {
                orders: 3,
                spend_minor: 1_400,
                refunded_minor: 100,
                left_out: 1,
                first_order_at: Some(Timestamp(10)),
                last_order_at: Some(Timestamp(40)),
                mean_interval_millis: Some(15),
            }
        );
    }

    #[test]
    fn one_purchase_has_no_interval_and_none_has_nothing() {
        assert_eq!(
            PurchaseSummary::of([view(10, 1, 0)].iter()).mean_interval_millis,
            None
        );
        assert_eq!(
            PurchaseSummary::of([] as [Share; 0]),
            PurchaseSummary::default()
        );
    }

    #[test]
    fn a_sum_beyond_64_bits_stops_at_the_end() {
        let views = [view(1, i64::MAX, 0), view(2, i64::MAX, 0)];
        assert_eq!(PurchaseSummary::of(views.iter()).spend_minor, i64::MAX);
    }
}
