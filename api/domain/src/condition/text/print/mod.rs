//! The printed text of a condition.

mod leaf;
mod value;

use crate::condition::Condition;

/// The text of a condition, on one line.
///
/// Every condition that passes its [check](crate::condition::check::check) is read back as its [`canonical`](super::canonical()) form
/// (as far as the text has room: see [`MAX_CHARS`](super::MAX_CHARS)); of others the text is a help to see what is wrong. It follows
/// the condition into its depth.
#[must_use]
pub fn print(condition: &Condition) -> String {
    written(&super::canonical(condition))
}

fn written(condition: &Condition) -> String {
    match condition {
        Condition::All(all) => joined(all, " AND "),
        Condition::Any(any) => joined(any, " OR "),
        Condition::Not(not) => format!("NOT {}", inside(not)),
        leaf => leaf::leaf(leaf),
    }
}

fn joined(conditions: &[Condition], with: &str) -> String {
    let conditions: Vec<_> = conditions.iter().map(inside).collect();
    conditions.join(with)
}

/// A condition that something else is joined to: in brackets if it is joined itself, so that nobody needs to know what binds tighter.
fn inside(condition: &Condition) -> String {
    let text = written(condition);
    match condition {
        Condition::All(_) | Condition::Any(_) => format!("({text})"),
        _ => text,
    }
}
