//! Where quintiles begin.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// How many parts the customers are divided into.
const PARTS: usize = 5;

/// Where the quintiles of the values of all customers begin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RfmBoundaries {
    /// Of when the last purchase was placed: the later, the higher.
    pub recency: Quintiles<Timestamp>,
    /// Of how many purchases there are.
    pub frequency: Quintiles<u32>,
    /// Of what was paid, in minor units of the deployment's currency.
    pub monetary: Quintiles<i64>,
}

impl RfmBoundaries {
    /// The boundaries of all customers, each given by when their last purchase was placed, how many there are, and what was paid in minor
    /// units of the deployment's currency.
    pub fn of(customers: impl Iterator<Item = (Timestamp, u32, i64)>) -> Self {
        let (mut recency, mut frequency, mut monetary) = (Vec::new(), Vec::new(), Vec::new());
        for (last, orders, spend) in customers {
            recency.push(last);
            frequency.push(orders);
            monetary.push(spend);
        }
        Self {
            recency: Quintiles::of_all(recency),
            frequency: Quintiles::of_all(frequency),
            monetary: Quintiles::of_all(monetary),
        }
    }

    /// Whether there was no customer to take them from.
    pub fn is_empty(&self) -> bool {
        self.recency.least.is_none()
    }
}

/// The least value of each quintile. A quintile that no value is in, because too many are equal, begins where the next one does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quintiles<T> {
    /// The least value of all; none if there are no values.
    least: Option<T>,
    /// The least values that are at least in the second, third, fourth and fifth quintile, as far as there are any.
    from: Vec<T>,
}

impl<T> Default for Quintiles<T> {
    fn default() -> Self {
        Self {
            least: None,
            from: Vec::new(),
        }
    }
}

impl<T: Copy + Ord> Quintiles<T> {
    /// The quintiles of values, of which the equal are in the same: `1 + floor(5 × (rank − 1) / n)`, where the rank is that of the first
    /// of the equal.
    pub fn of_all(mut values: Vec<T>) -> Self {
        values.sort_unstable();
        let from = (1..PARTS).map_while(|part| {
            // So many values must be less.
            let less = (part * values.len()).div_ceil(PARTS);
            let at = *values.get(less)?;
            let first = values.partition_point(|value| *value < at);
            if first == less {
                return Some(at);
            }
            let next = values.partition_point(|value| *value <= at);
            values.get(next).copied()
        });
        Self {
            from: from.collect(),
            least: values.first().copied(),
        }
    }

    /// The quintile of a value, from 1 to 5: it depends on nothing but the value and the boundaries.
    pub fn of(&self, value: &T) -> u32 {
        let begun = self.from.iter().take(PARTS - 1);
        begun.fold(1, |quintile, from| quintile + u32::from(from <= value))
    }
}
