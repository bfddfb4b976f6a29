//! The findings of a check while it is made.

use std::collections::BTreeSet;

use super::{Checked, Problem, ProblemCode};
use crate::condition::Condition;
use crate::condition::check::{
    self, Known, MAX_FINDINGS, MAX_NAME_CHARS, PathPart, Warning, is_key,
};

/// What has been found, and where the check is.
pub(super) struct Findings<'k> {
    known: &'k Known,
    path: Vec<PathPart>,
    problems: Vec<Problem>,
    warnings: Vec<Warning>,
}

impl<'k> Findings<'k> {
    pub(super) fn new(known: &'k Known) -> Self {
        Self {
            known,
            path: Vec::new(),
            problems: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// Looks into a member or an element.
    pub(super) fn at(&mut self, part: impl Into<PathPart>, look: impl FnOnce(&mut Self)) {
        self.path.push(part.into());
        look(self);
        self.path.pop();
    }

    pub(super) fn problem(&mut self, code: ProblemCode, message: impl Into<String>) {
        self.found(self.path.clone(), code, message.into());
    }

    fn found(&mut self, path: Vec<PathPart>, code: ProblemCode, message: String) {
        if self.problems.len() < MAX_FINDINGS {
            self.problems.push(Problem {
                path,
                code,
                message,
            });
        }
    }

    /// Checks that a list is not too long, and each of its elements if so.
    pub(super) fn list<T>(
        &mut self,
        name: &'static str,
        all: &[T],
        most: usize,
        each: impl Fn(&mut Self, &T),
    ) {
        self.at(name, |findings| {
            if all.len() > most {
                let message = format!("there are at most {most}");
                findings.problem(ProblemCode::TooMany, message);
                return;
            }
            for (position, one) in all.iter().enumerate() {
                findings.at(position, |findings| each(findings, one));
            }
        });
    }

    /// Checks that names are there once each.
    pub(super) fn once<'n>(
        &mut self,
        list: &'static str,
        member: &'static str,
        names: impl Iterator<Item = &'n str>,
    ) {
        let mut seen = BTreeSet::new();
        for (position, name) in names.enumerate() {
            if !seen.insert(name) {
                let path = vec![list.into(), position.into(), member.into()];
                let message = format!("“{name}” is there twice");
                self.found(path, ProblemCode::Repeated, message);
            }
        }
    }

    /// Checks a key.
    pub(super) fn key(&mut self, key: &str) {
        if !is_key(key) {
            self.at("key", |findings| {
                findings.problem(
                    ProblemCode::InvalidKey,
                    "a key is 1 to 64 characters of a to z, 0 to 9, _ and -, and begins with a letter or a digit",
                );
            });
        }
    }

    /// Checks a text for people.
    pub(super) fn text(&mut self, name: &'static str, text: &str) {
        let fits = !text.trim().is_empty() && text.chars().nth(MAX_NAME_CHARS).is_none();
        if !fits || text.contains('\0') {
            let message = format!("it has 1 to {MAX_NAME_CHARS} characters, none of them U+0000");
            self.at(name, |findings| {
                findings.problem(ProblemCode::InvalidText, message);
            });
        }
    }

    /// Checks a number against what it must be.
    pub(super) fn number(&mut self, name: &'static str, is: bool, must: &str) {
        if !is {
            self.at(name, |findings| {
                findings.problem(ProblemCode::OutOfRange, format!("it must be {must}"));
            });
        }
    }

    /// Checks a condition as conditions are; so many steps of its path are not in the model.
    pub(super) fn condition(&mut self, condition: &Condition, hidden: usize) {
        let place = |path: &[PathPart]| {
            let inside = path.iter().skip(hidden);
            self.path.iter().chain(inside).copied().collect()
        };
        match check::check(condition, self.known) {
            Ok(checked) => {
                for warning in checked.warnings {
                    let path = place(&warning.path);
                    if self.warnings.len() < MAX_FINDINGS {
                        self.warnings.push(Warning { path, ..warning });
                    }
                }
            }
            Err(problems) => {
                for problem in problems {
                    let path = place(&problem.path);
                    let code = ProblemCode::Condition(problem.code);
                    if self.problems.len() < MAX_FINDINGS {
                        self.problems.push(Problem {
                            path,
                            code,
                            message: problem.message,
                        });
                    }
                }
            }
        }
    }

    pub(super) fn finish(self) -> Result<Checked, Vec<Problem>> {
        if self.problems.is_empty() {
            Ok(Checked {
                warnings: self.warnings,
            })
        } else {
            Err(self.problems)
        }
    }
}
