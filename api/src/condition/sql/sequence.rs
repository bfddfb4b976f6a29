//! Tests of the order of touchpoints.

use lazo_domain::condition::{SequenceTest, Window};

use super::touchpoint::{TOUCHPOINTS, passes};
use super::{Scope, compare};
use crate::db::Part;

/// Each touchpoint that is one of the two is looked at once, with the next one after it that may follow.
pub(super) fn compile(test: &SequenceTest, scope: &Scope<'_>) -> Part {
    let instant = Part::new("t.occurred_at");
    // What follows the first touchpoint of a window is not before the window either.
    let after = match test.window {
        Window::Last(span) => Some(scope.now.plus_millis(-span.millis())),
        Window::Between { after, .. } => Some(after),
        Window::Ever | Window::Before(_) => None,
    };
    let looked_at = Part::all(
        after
            .map(|after| compare::at("{} > {}", &instant, after))
            .into_iter()
            .chain([compare::at("{} <= {}", &instant, scope.now)])
            .chain(either_name(test, scope)),
    );
    let either = Part::fill(
        &format!(
            "SELECT f.profile_id, t.occurred_at AS at, {{}} AS is_first, {{}} AS is_then FROM {TOUCHPOINTS} WHERE {{}}"
        ),
        [
            passes(&test.first, scope),
            passes(&test.then, scope),
            looked_at,
        ],
    );
    let pairs = Part::fill(
        "SELECT e.profile_id, e.at, e.is_first, min(CASE WHEN e.is_then THEN e.at END) OVER (PARTITION BY e.profile_id \
         ORDER BY e.at DESC RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS then_at \
         FROM ({}) AS e WHERE e.is_first OR e.is_then",
        [either],
    );
    let within = || Part::value(test.within.millis());
    let passes = if test.follows {
        Part::fill("w.then_at <= w.at + {}", [within()])
    } else {
        Part::fill(
            "(w.at + {} <= {} AND (w.then_at IS NULL OR w.then_at > w.at + {}))",
            [within(), Part::value(scope.now.0), within()],
        )
    };
    Part::fill(
        "p.id IN (SELECT w.profile_id FROM ({}) AS w WHERE w.is_first AND {} AND {})",
        [
            pairs,
            compare::is_in(&Part::new("w.at"), test.window, scope.now),
            passes,
        ],
    )
}

/// Whether the touchpoint `t` has a name of one of the two, where both name some. An index finds these at once.
fn either_name(test: &SequenceTest, scope: &Scope<'_>) -> Option<Part> {
    let (first, then) = (&test.first.names, &test.then.names);
    let names = [first.as_slice(), then.as_slice()].concat();
    let both = !first.is_empty() && !then.is_empty();
    both.then(|| scope.engine.is_text_of(Part::new("t.name"), &names))
}
