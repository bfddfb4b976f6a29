//! The report of a check while it is being written.

use super::near::near;
use super::{Checked, Known, MAX_FINDINGS, PathPart, Problem, ProblemCode, Warning, WarningCode};

/// What has been found, and where the check is.
pub(crate) struct Report<'k> {
    /// What a condition may refer to.
    pub(crate) known: &'k Known,
    path: Vec<PathPart>,
    problems: Vec<Problem>,
    warnings: Vec<Warning>,
}

impl<'k> Report<'k> {
    pub(crate) fn new(known: &'k Known) -> Self {
        Self {
            known,
            path: Vec::new(),
            problems: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Goes to a part of the condition.
    pub(crate) fn enter(&mut self, path: Vec<PathPart>) {
        self.path = path;
    }

    /// Where the check is.
    pub(crate) fn path(&self) -> &[PathPart] {
        &self.path
    }

    /// Looks into a member or an element.
    pub(crate) fn at(&mut self, part: impl Into<PathPart>, look: impl FnOnce(&mut Self)) {
        self.path.push(part.into());
        look(self);
        self.path.pop();
    }

    pub(crate) fn problem(&mut self, code: ProblemCode, message: impl Into<String>) {
        if self.problems.len() >= MAX_FINDINGS {
            return;
        }
        self.problems.push(Problem {
            path: self.path.clone(),
            code,
            message: message.into(),
        });
    }

    /// Says that nothing of this name is there.
    pub(crate) fn unknown<'n>(
        &mut self,
        code: ProblemCode,
        what: &str,
        name: &str,
        names: impl IntoIterator<Item = &'n String>,
    ) {
        if self.problems.len() >= MAX_FINDINGS {
            return;
        }
        let message = unknown(what, name, &near(name, names));
        self.problem(code, message);
    }

    /// Says that nothing of this name has been seen.
    pub(crate) fn unseen<'n>(
        &mut self,
        code: WarningCode,
        what: &str,
        name: &str,
        names: impl IntoIterator<Item = &'n String>,
    ) {
        if self.warnings.len() >= MAX_FINDINGS {
            return;
        }
        let near = near(name, names);
        self.warnings.push(Warning {
            path: self.path.clone(),
            code,
            message: unknown(what, name, &near),
            near,
        });
    }

    pub(crate) fn finish(self) -> Result<Checked, Vec<Problem>> {
        if self.problems.is_empty() {
            Ok(Checked {
                warnings: self.warnings,
            })
        } else {
            Err(self.problems)
        }
    }
}

fn unknown(what: &str, name: &str, near: &[String]) -> String {
    match near.first() {
        Some(near) => format!("there is no {what} “{name}”; did you mean “{near}”?"),
        None => format!("there is no {what} “{name}”"),
    }
}
