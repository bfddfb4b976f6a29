//! The check of conditions: only what passed it may be stored, compiled or decided.
//!
//! # Depth
//!
//! The check walks with a list of its own and never calls itself, so a condition of any depth is answered with an error. What is
//! built from [`Box`] is also compared, copied and dropped step into step, and that is not the check's to prevent: the guard stands
//! where conditions come from. `serde_json` reads at most 128 levels, the [text form](super::text) at most
//! [`MAX_DEPTH`] pairs of parentheses, and GraphQL documents and their variables have limits of their own. No caller can send a
//! deeper one.

mod known;
pub(crate) mod leaf;
mod limits;
pub(super) mod near;
mod problem;
mod references;
pub(crate) mod report;
pub(crate) mod value;

#[cfg(test)]
mod tests;

pub use known::Known;
pub use limits::{
    MAX_DAYS, MAX_DEPTH, MAX_FINDINGS, MAX_LEAVES, MAX_NAME_CHARS, MAX_NAME_PARTS, MAX_NODES,
    MAX_REFERENCES, MAX_TEXT_CHARS, MAX_VALUES,
};
pub use problem::{Checked, PathPart, Problem, ProblemCode, Warning, WarningCode};
pub use references::{Reference, ReferenceError, check_references, references};

pub use value::is_key;

use self::report::Report;
use super::Condition;

/// Checks a condition: its size, its names, its lists, its bounds, and that what it refers to is there.
///
/// # Errors
///
/// What is wrong, in the order of the condition: the first [`MAX_FINDINGS`], and of a condition that is too large what was found until
/// then. Names of traits, touchpoints and sources that nobody has sent yet are no error but a [warning](Checked::warnings).
pub fn check(condition: &Condition, known: &Known) -> Result<Checked, Vec<Problem>> {
    let mut report = Report::new(known);
    let mut open = vec![(condition, Vec::new(), 1)];
    let (mut nodes, mut leaves) = (1_usize, 0_usize);
    while let Some((condition, path, depth)) = open.pop() {
        report.enter(path);
        let (name, children) = match condition {
            Condition::All(all) => ("all", all.as_slice()),
            Condition::Any(any) => ("any", any.as_slice()),
            Condition::Not(not) => ("not", std::slice::from_ref(not.as_ref())),
            leaf => {
                leaves += 1;
                if leaves > MAX_LEAVES {
                    report.problem(
                        ProblemCode::TooManyLeaves,
                        format!("a condition has at most {MAX_LEAVES} tests"),
                    );
                    break;
                }
                leaf::check(&mut report, leaf);
                continue;
            }
        };
        nodes = nodes.saturating_add(children.len());
        if nodes > MAX_NODES {
            report.problem(
                ProblemCode::TooManyNodes,
                format!("a condition has at most {MAX_NODES} parts"),
            );
            break;
        }
        report.at(name, |report| {
            if children.is_empty() {
                report.problem(
                    ProblemCode::NoConditions,
                    format!("`{name}` needs at least one condition"),
                );
            } else if depth >= MAX_DEPTH {
                report.problem(
                    ProblemCode::TooDeep,
                    format!("conditions are nested at most {MAX_DEPTH} deep"),
                );
            } else {
                let inside = children.iter().enumerate().rev().map(|(position, child)| {
                    let part = match condition {
                        Condition::Not(_) => None,
                        _ => Some(PathPart::Position(position)),
                    };
                    let path = report.path().iter().copied().chain(part).collect();
                    (child, path, depth + 1)
                });
                open.extend(inside);
            }
        });
    }
    report.finish()
}
