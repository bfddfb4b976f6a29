//! Tests of scores, as they are stored.
//!
//! A stored score says until when it is what it says, and what time changed since then is shown to nobody. So its grade can be asked of
//! the database, and its value too where the model lets none fade: what fades is not the same number on every machine.

use lazo_domain::condition::ScoreTest;

use super::{CompileError, Scope, compare};
use crate::db::Part;

/// Nobody has a score by a model that is not there.
pub(super) fn compile(test: &ScoreTest, scope: &Scope<'_>) -> Result<Part, CompileError> {
    let Some(model) = scope.scores.get(test.key.as_str()) else {
        return Ok(Part::truth(false));
    };
    let valid = Part::fill(
        "(s.valid_until IS NULL OR s.valid_until > {})",
        [Part::value(scope.now.0)],
    );
    let mut all = vec![valid];
    let graded = |grades: &[String]| scope.engine.is_text_of(Part::new("s.grade"), grades);
    if !test.grades.is_empty() {
        all.push(graded(&test.grades));
    }
    match &test.value {
        Some(_) if model.model.fades() => return Err(CompileError::Fading),
        Some(value) => {
            // An index has the grades.
            if let Some(grades) = model.model.grades_of(value) {
                all.push(graded(&grades));
            }
            let stored = scope
                .engine
                .number_within("s.scored", ["value", "constant"]);
            all.push(compare::passes_number(&stored, value, scope));
        }
        None if test.grades.is_empty() => {
            all.push(Part::new("s.scored ->> 'value' IS NOT NULL"));
        }
        None => {}
    }
    Ok(Part::fill(
        "p.id IN (SELECT s.profile_id FROM score AS s WHERE s.model_id = {} AND {})",
        [Part::value(model.id.0), Part::all(all)],
    ))
}
