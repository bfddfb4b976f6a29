//! What people change of the rules.

use lazo_domain::condition::{Number, Span};
use lazo_domain::lifecycle::{Rules, RulesProblem, Tiers};

use crate::error::Error;

/// Changes of the rules; what is none stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Update {
    /// How long after the first purchase a customer is new.
    pub new_customer_period: Option<Span>,
    /// From how many cycles without a purchase on a customer loses interest.
    pub first_factor: Option<Number>,
    /// From how many cycles without a purchase on a customer is lost.
    pub second_factor: Option<Number>,
    /// As how many intervals of a customer's own the interval of the population counts in their cycle.
    pub shrinkage: Option<u32>,
    /// How long after a purchase a customer is on one of the upper levels of the pyramid.
    pub pyramid_period: Option<Span>,
    /// How those are split by spend.
    pub tiers: Option<Tiers>,
}

impl Update {
    /// The rules with the changes.
    pub(super) fn of(&self, rules: &Rules) -> Result<Rules, Error> {
        let changed = Rules {
            new_customer_period: self
                .new_customer_period
                .unwrap_or(rules.new_customer_period),
            first_factor: self.first_factor.unwrap_or(rules.first_factor),
            second_factor: self.second_factor.unwrap_or(rules.second_factor),
            shrinkage: self.shrinkage.unwrap_or(rules.shrinkage),
            pyramid_period: self.pyramid_period.unwrap_or(rules.pyramid_period),
            tiers: self.tiers.unwrap_or(rules.tiers),
            ..*rules
        };
        changed.check().map_err(refused)?;
        Ok(changed)
    }
}

fn refused(problem: RulesProblem) -> Error {
    let field = match problem {
        RulesProblem::FirstFactor => "firstFactor",
        RulesProblem::SecondFactor => "secondFactor",
        RulesProblem::Shrinkage => "shrinkage",
        RulesProblem::Tiers => "tiers",
    };
    Error::violation(field, "INVALID", sentence(&problem.to_string()))
}

/// A clause as a sentence.
fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}
