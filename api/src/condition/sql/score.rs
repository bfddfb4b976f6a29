//! Tests of scores.

use lazo_domain::condition::ScoreTest;

use super::{CompileError, Scope};
use crate::db::Part;

/// No score is kept yet. An error is better than an answer as if there were none.
pub(super) fn compile(_test: &ScoreTest, _scope: &Scope<'_>) -> Result<Part, CompileError> {
    Err(CompileError::Score)
}
