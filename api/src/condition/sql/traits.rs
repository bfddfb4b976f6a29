//! Tests of traits.

use lazo_domain::condition::TraitTest;

use super::{Scope, value};
use crate::db::{Part, Scalar};

/// The relation with the typed rows of a trait: of a computed one what was computed, whatever was sent under its name.
pub(super) fn table(name: &str, scope: &Scope<'_>) -> &'static str {
    if scope.computed.contains(name) {
        "computed_value"
    } else {
        "profile_trait"
    }
}

pub(super) fn compile(test: &TraitTest, scope: &Scope<'_>) -> Part {
    let table = table(&test.name, scope);
    value::compile(&test.test, scope, |predicate| {
        let holds = predicate(&Scalar::of_row("v"));
        Part::fill(
            &format!(
                "p.id IN (SELECT v.profile_id FROM {table} AS v WHERE v.name = {{}} AND {{}})"
            ),
            [Part::value(test.name.as_str()), holds],
        )
    })
}
