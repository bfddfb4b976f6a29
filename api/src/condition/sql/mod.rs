//! Conditions as SQL: one predicate over the row `p` of a profile, with the meaning of `lazo_domain::condition::decide`.
//!
//! Each leaf is a set of profiles, found by one pass over what it asks about. What a profile without any touchpoint or purchase passes is
//! asked by the complement: those of whom it is not so.

mod anniversary;
mod compare;
mod exact;
mod known;
mod purchase;
mod query;
mod score;
mod segment;
mod sequence;
mod summary;
#[cfg(test)]
mod tests;
mod touchpoint;
mod traits;
mod value;

pub use query::Query;
pub use segment::{Definition, Segments};

use std::cell::Cell;
use std::collections::BTreeSet;

use chrono_tz::Tz;
use lazo_domain::clock::Timestamp;
use lazo_domain::condition::Condition;
use lazo_domain::condition::check::MAX_REFERENCES;
use lazo_domain::money::Currency;

use crate::db::{Engine, Part};

/// The most leaves, those of segments that it names included: each is a pass over what it asks about.
const MAX_LEAVES: usize = 1_000;

/// The most parameters of a statement that both engines take (<https://www.sqlite.org/limits.html>: 32,766).
const MAX_PARAMETERS: usize = 30_000;

/// What conditions are compiled for.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The engine that is asked.
    pub engine: Engine,
    /// The instant at which conditions are to hold.
    pub now: Timestamp,
    /// The deployment's currency.
    pub currency: Currency,
    /// The time zone of profiles that name none.
    pub time_zone: Tz,
    /// The segments that conditions may name.
    pub segments: &'a dyn Segments,
    /// The names of computed traits, whose values are kept apart.
    pub computed: &'a BTreeSet<&'a str>,
}

/// Why a condition cannot be asked of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// It names a score.
    #[error("scores cannot be asked of the database yet")]
    Score,
    /// Segments name segments too many times over, or in a circle.
    #[error("more than {MAX_REFERENCES} segments name one another in a row")]
    TooDeep,
    /// It is too large with the segments that it names.
    #[error("the condition is too large with the segments that it names")]
    TooLarge,
}

/// Compiles a condition, which must have passed its check.
pub fn compile(condition: &Condition, scope: &Scope<'_>) -> Result<Query, CompileError> {
    let compiler = Compiler {
        scope,
        references: 0,
        leaves: &Cell::new(0),
    };
    let predicate = compiler.condition(condition)?;
    if predicate.parameters() > MAX_PARAMETERS {
        return Err(CompileError::TooLarge);
    }
    Ok(Query::new(scope.engine, predicate))
}

/// Compiles the parts of one condition.
#[derive(Clone, Copy)]
struct Compiler<'a> {
    scope: &'a Scope<'a>,
    /// How many segments led here.
    references: usize,
    leaves: &'a Cell<usize>,
}

impl Compiler<'_> {
    fn condition(self, condition: &Condition) -> Result<Part, CompileError> {
        let parts = |parts: &[Condition]| {
            let parts = parts.iter().map(|part| self.condition(part));
            parts.collect::<Result<Vec<_>, _>>()
        };
        Ok(match condition {
            Condition::All(all) => Part::all(parts(all)?),
            Condition::Any(any) => Part::any(parts(any)?),
            Condition::Not(part) => self.condition(part)?.negated(),
            leaf => {
                self.leaves.set(self.leaves.get() + 1);
                if self.leaves.get() > MAX_LEAVES {
                    return Err(CompileError::TooLarge);
                }
                self.leaf(leaf)?
            }
        })
    }

    fn leaf(self, leaf: &Condition) -> Result<Part, CompileError> {
        let scope = self.scope;
        Ok(match leaf {
            Condition::Trait(test) => traits::compile(test, scope),
            Condition::Touchpoint(test) => touchpoint::compile(test, scope),
            Condition::Purchase(test) => purchase::compile(test, scope),
            Condition::Sequence(test) => sequence::compile(test, scope),
            Condition::Anniversary(test) => anniversary::compile(test, scope),
            Condition::Segment(test) => self.segment(test)?,
            Condition::Score(test) => score::compile(test, scope)?,
            Condition::Consent(test) => known::consent(test),
            Condition::Stage(test) => known::stage(test, scope),
            Condition::Level(test) => known::level(test, scope),
            Condition::Identifier(test) => known::identifier(test),
            Condition::Seen(test) => known::seen(test, scope),
            Condition::All(_) | Condition::Any(_) | Condition::Not(_) => self.condition(leaf)?,
        })
    }
}
