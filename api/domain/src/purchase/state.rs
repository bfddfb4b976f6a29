//! The fold of the order touchpoints of one order.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Line, OrderEvent, OrderEventKind};
use crate::clock::Timestamp;
use crate::id::TouchpointId;
use crate::money::Money;
use crate::profile::{Rank, Stamp};

/// What is known of one order: a join-semilattice over its touchpoints.
///
/// The same touchpoints, in any order and any number of times, give the same state, and [`join`](Self::join) of two states is
/// the state of the touchpoints of both. What happened is kept by the rank of who said so, because which rank counts is known
/// only once the order is placed, and a refund may arrive before that.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurchaseState {
    /// The amount of the order.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub(super) amount: Option<Latest<Money>>,
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub(super) lines: Option<Latest<Vec<Line>>>,
    /// What each rank of sources said happened to it.
    #[serde(rename = "k", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) told: BTreeMap<Rank, Told>,
}

/// What the sources of one rank said happened to an order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Told {
    /// The earliest Order Completed.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    completed_at: Option<Timestamp>,
    /// The earliest Order Updated.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    updated_at: Option<Timestamp>,
    /// The amount of each refund; `None` if it is of the whole order.
    #[serde(rename = "r", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) refunds: BTreeMap<TouchpointId, Option<Money>>,
    /// The earliest Order Cancelled.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub(super) cancelled_at: Option<Timestamp>,
}

/// A value and the stamp it won by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Latest<T> {
    #[serde(rename = "v")]
    pub(super) value: T,
    #[serde(rename = "s")]
    stamp: Stamp,
}

impl Told {
    /// When the order was placed, if these sources placed it.
    pub(super) fn placed_at(&self) -> Option<Timestamp> {
        self.completed_at.or(self.updated_at)
    }

    fn apply(&mut self, stamp: &Stamp, event: &OrderEvent) {
        let at = Some(stamp.order.occurred_at);
        match event.kind {
            OrderEventKind::Completed => self.completed_at = earliest(self.completed_at, at),
            OrderEventKind::Updated => self.updated_at = earliest(self.updated_at, at),
            OrderEventKind::Cancelled => self.cancelled_at = earliest(self.cancelled_at, at),
            OrderEventKind::Refunded => {
                self.refunds.insert(stamp.touchpoint, event.amount);
            }
        }
    }

    fn join(&mut self, other: &Self) {
        self.completed_at = earliest(self.completed_at, other.completed_at);
        self.updated_at = earliest(self.updated_at, other.updated_at);
        self.cancelled_at = earliest(self.cancelled_at, other.cancelled_at);
        self.refunds.extend(&other.refunds);
    }
}

impl PurchaseState {
    /// Adds what a touchpoint says about the order.
    ///
    /// The amount and the lines are each those of the touchpoint with the greatest stamp that names them, so an update that
    /// names none keeps them. A cancellation is final: no later touchpoint of its rank undoes it.
    pub fn apply(&mut self, stamp: &Stamp, event: &OrderEvent) {
        self.told.entry(stamp.rank).or_default().apply(stamp, event);
        if matches!(
            event.kind,
            OrderEventKind::Completed | OrderEventKind::Updated
        ) {
            offer(&mut self.amount, event.amount.as_ref(), stamp);
            offer(&mut self.lines, event.lines.as_ref(), stamp);
        }
    }

    /// Adds what another state of the same order knows. Commutative, associative and idempotent.
    pub fn join(&mut self, other: &Self) {
        if let Some(Latest { value, stamp }) = &other.amount {
            offer(&mut self.amount, Some(value), stamp);
        }
        if let Some(Latest { value, stamp }) = &other.lines {
            offer(&mut self.lines, Some(value), stamp);
        }
        for (rank, told) in &other.told {
            self.told.entry(*rank).or_default().join(told);
        }
    }
}

fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    a.into_iter().chain(b).min()
}

fn offer<T: Clone>(latest: &mut Option<Latest<T>>, value: Option<&T>, stamp: &Stamp) {
    let Some(value) = value else { return };
    if latest.as_ref().is_none_or(|latest| latest.stamp < *stamp) {
        *latest = Some(Latest {
            value: value.clone(),
            stamp: stamp.clone(),
        });
    }
}
