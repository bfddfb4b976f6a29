//! The rules by which stages and levels are decided; a deployment may set its own.

use serde::{Deserialize, Serialize};

use super::SpendBoundaries;
use crate::condition::{Number, Span};

const DAY: i64 = 86_400_000;

/// The greatest factor and the greatest weight: more would be a slip.
const MOST: u32 = 1_000;

/// All of a hundred.
const HUNDRED: i64 = 100_000_000;

/// The rules by which stages and levels are decided. What is not stored is as [`Rules::default`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    /// How long after the first purchase a customer is new.
    pub new_customer_period: Span,
    /// From how many cycles without a purchase on a customer loses interest.
    pub first_factor: Number,
    /// From how many cycles without a purchase on a customer is lost.
    pub second_factor: Number,
    /// As how many intervals of a customer's own the interval of the population counts in their cycle.
    pub shrinkage: u32,
    /// The median interval between purchases of all customers; none before it is measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub population_gap: Option<Span>,
    /// How long after a purchase a customer is on one of the upper levels of the pyramid.
    pub pyramid_period: Span,
    /// How those are split by spend.
    pub tiers: Tiers,
    /// What the split comes to in money; none before it is measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spend_boundaries: Option<SpendBoundaries>,
}

/// How many of the customers who bought within the period are on each level, in percent; the rest is on the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tiers {
    /// Those who spent most.
    pub top: Number,
    /// Those who spent most of the others.
    pub large: Number,
    /// Those who spent most of the others then.
    pub medium: Number,
}

/// What is wrong with rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RulesProblem {
    /// The first factor is not one.
    #[error("the first factor must be more than 0 and less than the second")]
    FirstFactor,
    /// The second factor is not one.
    #[error("the second factor must be at most 1000")]
    SecondFactor,
    /// The weight of the population is not one.
    #[error("the shrinkage must be at most 1000")]
    Shrinkage,
    /// The tiers are not parts of a hundred.
    #[error("each tier must be more than 0 percent, and all of them at most 100")]
    Tiers,
}

impl Rules {
    /// The interval that is taken for usual before any is measured: 60 days.
    const UNMEASURED_GAP: i64 = 60 * DAY;

    /// Whether the rules make sense. Those that do not still decide, but not as anybody means them.
    pub fn check(&self) -> Result<(), RulesProblem> {
        let most = Number::from(MOST);
        if self.first_factor <= Number::ZERO || self.first_factor >= self.second_factor {
            Err(RulesProblem::FirstFactor)
        } else if self.second_factor > most {
            Err(RulesProblem::SecondFactor)
        } else if self.shrinkage > MOST {
            Err(RulesProblem::Shrinkage)
        } else {
            self.tiers.check()
        }
    }

    /// The median interval between purchases of all customers in milliseconds, or the one that stands in for it.
    pub(super) fn population_gap_millis(&self) -> i64 {
        self.population_gap
            .map_or(Self::UNMEASURED_GAP, Span::millis)
    }
}

impl Default for Rules {
    fn default() -> Self {
        // Never the longest, as these are whole seconds within the limits of spans.
        let days = |days| Span::days(days).unwrap_or(Span::LONGEST);
        Self {
            new_customer_period: days(30),
            first_factor: number(1.5),
            second_factor: number(3.0),
            shrinkage: 3,
            population_gap: None,
            pyramid_period: days(365),
            tiers: Tiers::default(),
            spend_boundaries: None,
        }
    }
}

impl Tiers {
    fn check(&self) -> Result<(), RulesProblem> {
        let [_, _, all] = self.cumulated();
        let each = [self.top, self.large, self.medium];
        if each.iter().all(|tier| *tier > Number::ZERO) && all <= HUNDRED {
            Ok(())
        } else {
            Err(RulesProblem::Tiers)
        }
    }

    /// Each tier with those above it, in millionths of a percent.
    pub(super) fn cumulated(&self) -> [i64; 3] {
        let micros = |tier: Number| tier.micros().unwrap_or(i64::MAX);
        let top = micros(self.top);
        let large = top.saturating_add(micros(self.large));
        let medium = large.saturating_add(micros(self.medium));
        [top, large, medium]
    }
}

/// The customer pyramid as it is commonly drawn: 1, 4 and 15 percent.
impl Default for Tiers {
    fn default() -> Self {
        Self {
            top: number(1.0),
            large: number(4.0),
            medium: number(15.0),
        }
    }
}

/// A number that is written in this file, and so is finite.
fn number(number: f64) -> Number {
    Number::try_from(number).unwrap_or(Number::ZERO)
}
