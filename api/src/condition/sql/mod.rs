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
pub use summary::all_placed;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use lazo_domain::clock::Timestamp;
use lazo_domain::condition::Condition;
use lazo_domain::condition::check::MAX_REFERENCES;
use lazo_domain::money::Currency;
use lazo_domain::standing::ScoreModel;

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
    /// The score models that conditions may name, by their keys.
    pub scores: &'a BTreeMap<&'a str, &'a ScoreModel>,
    /// The names of computed traits, whose values are kept apart.
    pub computed: &'a BTreeSet<&'a str>,
    /// Whether all purchases that count were placed by then (see [`all_placed`]). So it is at every present instant, and summaries of
    /// purchases answer for it.
    pub all_placed: bool,
}

/// Why a condition cannot be asked of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// It compares the value of a score that fades.
    #[error("a score whose points fade can be asked for by its grade, and not by its value")]
    Fading,
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
        is_joined: true,
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
    /// Whether sets of profiles are joined with all of them. Others, of which some alternative or none is to be so, are kept in memory:
    /// PostgreSQL does that if it reckons with few enough rows, so each profile is to be in them once.
    is_joined: bool,
    leaves: &'a Cell<usize>,
}

impl Compiler<'_> {
    fn condition(self, condition: &Condition) -> Result<Part, CompileError> {
        let inner = Self {
            is_joined: false,
            ..self
        };
        let parts = |of: Self, parts: &[Condition]| {
            let parts = parts.iter().map(|part| of.condition(part));
            parts.collect::<Result<Vec<_>, _>>()
        };
        Ok(match condition {
            Condition::All(all) => Part::all(parts(self, all)?),
            Condition::Any(any) => Part::any(parts(inner, any)?),
            Condition::Not(part) => inner.condition(part)?.negated(),
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
            Condition::Touchpoint(test) => touchpoint::compile(test, scope, self.is_joined),
            Condition::Purchase(test) => purchase::compile(test, scope),
            Condition::Sequence(test) => sequence::compile(test, scope),
            Condition::Anniversary(test) => anniversary::compile(test, scope),
            Condition::Segment(test) => self.segment(test)?,
            Condition::Score(test) => score::compile(test, scope)?,
            Condition::Consent(test) => known::consent(test, scope),
            Condition::Stage(test) => known::stage(test, scope),
            Condition::Level(test) => known::level(test, scope),
            Condition::Identifier(test) => known::identifier(test),
            Condition::Seen(test) => known::seen(test, scope),
            Condition::All(_) | Condition::Any(_) | Condition::Not(_) => self.condition(leaf)?,
        })
    }
}
