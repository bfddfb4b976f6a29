//! Causes: which rule decided where a customer stands, and the numbers it decided on.
//!
//! They hold instants and not lengths of time that have passed, so that a cause that is kept stays true while nothing changes.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::condition::{Number, Span};

/// How often a customer buys, and when they did last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rhythm {
    /// When they bought last.
    pub last: Timestamp,
    /// Their cycle, in milliseconds.
    pub cycle_millis: i64,
    /// On how many intervals of their own the cycle rests; if on none, it is the one that is usual among all customers.
    pub gaps: u32,
    /// With how many cycles the time since the last purchase was compared.
    pub factor: Number,
}

/// Why a profile is in its lifecycle stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageCause {
    /// There is no way to reach the person, who never bought: [`ANONYMOUS`](super::Stage::Anonymous).
    Unreachable,
    /// The person can be reached and never bought: [`LEAD`](super::Stage::Lead).
    NeverBought,
    /// The first purchase is less than a period ago: [`NEW`](super::Stage::New).
    FirstPurchase {
        /// When it was placed.
        first: Timestamp,
        /// How long a customer is new.
        period: Span,
    },
    /// The last purchase is at most so many cycles ago: [`ACTIVE`](super::Stage::Active).
    WithinCycle(Rhythm),
    /// The last purchase is more cycles ago: [`LOSING_INTEREST`](super::Stage::LosingInterest), [`LOST`](super::Stage::Lost).
    BeyondCycle(Rhythm),
    /// The last purchase is at most so many cycles ago and came when the customer was lost:
    /// [`RECOVERED`](super::Stage::Recovered).
    BackAfterLost {
        /// Since when the customer was lost.
        lost_since: Timestamp,
        /// How often they buy since.
        rhythm: Rhythm,
    },
}

/// Why a profile is on its pyramid level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LevelCause {
    /// What was bought within the period: [`TOP`](super::Level::Top), [`LARGE`](super::Level::Large),
    /// [`MEDIUM`](super::Level::Medium), [`SMALL`](super::Level::Small).
    Spend {
        /// What was paid and not refunded for it, in minor units of the deployment's currency.
        minor: i64,
        /// How many purchases it was.
        purchases: u32,
        /// How long the period is.
        period: Span,
        /// Of more than so many minor units the level takes a spend; none if it takes any.
        above_minor: Option<i64>,
    },
    /// Nothing was bought within the period, but before it: [`INACTIVE`](super::Level::Inactive).
    BoughtBefore {
        /// When the last purchase was placed.
        last: Timestamp,
        /// How long the period is.
        period: Span,
    },
    /// The person can be reached and never bought: [`POTENTIAL`](super::Level::Potential).
    NeverBought,
    /// There is no way to reach the person, who never bought, but was seen: [`PROBABLE`](super::Level::Probable).
    Seen,
    /// Nothing is known of the person: [`REST`](super::Level::Rest).
    Unknown,
}
