//! A condition as a caller gives it: as a tree or as text.

use async_graphql::{Enum, OneofObject, SimpleObject};
use lazo_domain::condition::Condition;
use lazo_domain::condition::check::{Warning, WarningCode};
use lazo_domain::condition::text::{TextError, parse};

use super::ConditionInput;
use super::path::{path_in_input, violation_of};
use super::reading::{Readable, Reading};
use crate::app::App;
use crate::condition::service;
use crate::error::{Error, Violation, sentence};

/// A condition: exactly one of these.
#[derive(Clone, OneofObject)]
pub enum ConditionSource {
    /// As text in the language for people, such as `orders.count >= 2 AND country = 'ES'`; at most 20,000 characters.
    Text(String),
    /// As a tree.
    Condition(ConditionInput),
}

/// Where and why a text cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
pub struct ConditionTextError {
    /// The line, from 1.
    line: usize,
    /// The character in the line, from 1.
    column: usize,
    /// What could have been there; empty where the message says it all.
    expected: Vec<String>,
    /// A word of the language that is written almost like what is there. Null means that there is none.
    suggestion: Option<String>,
    /// The whole for people.
    message: String,
}

impl From<&TextError> for ConditionTextError {
    fn from(error: &TextError) -> Self {
        Self {
            line: error.line,
            column: error.column,
            expected: error.expected.iter().map(|&word| word.to_owned()).collect(),
            suggestion: error.suggestion.clone(),
            message: sentence(&error.message),
        }
    }
}

/// What kind of mistake a warning suspects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "WarningCode")]
pub enum ConditionWarningCode {
    /// No profile has had this trait yet.
    UnknownTrait,
    /// No touchpoint of this name has come yet.
    UnknownEvent,
    /// There is no source of this name.
    UnknownSource,
}

/// What may be a mistake in a condition. The condition can be used all the same.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
pub struct ConditionWarning {
    /// The way to the part in question, in the condition as a tree: `["all", "2", "touchpoint", "filter", "names", "0"]`.
    path: Vec<String>,
    /// What kind of mistake it may be.
    code: ConditionWarningCode,
    /// The same for people.
    message: String,
    /// Known names that are written almost alike, the nearest first.
    near: Vec<String>,
}

impl From<Warning> for ConditionWarning {
    fn from(warning: Warning) -> Self {
        Self::at(path_in_input(&warning.path), warning)
    }
}

impl ConditionWarning {
    /// A warning about a part of an input at this path.
    pub(crate) fn at(path: Vec<String>, warning: Warning) -> Self {
        Self {
            path,
            code: warning.code.into(),
            message: sentence(&warning.message),
            near: warning.near,
        }
    }
}

/// A condition inside an input that is read as a whole.
impl Readable for ConditionSource {
    type Value = Condition;

    fn read(self, reading: &mut Reading) -> Option<Condition> {
        match self {
            Self::Text(text) => reading.part("text", Text(text)),
            Self::Condition(input) => reading.part("condition", input),
        }
    }
}

/// A condition as text.
struct Text(String);

impl Readable for Text {
    type Value = Condition;

    fn read(self, reading: &mut Reading) -> Option<Condition> {
        match parse(&self.0) {
            Ok(condition) => Some(condition),
            Err(error) => reading.refuse(&place(&error)),
        }
    }
}

/// What came of a condition that a caller gave.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The condition, checked; none where it cannot be used.
    pub condition: Option<Condition>,
    /// What may be a mistake in it.
    pub warnings: Vec<ConditionWarning>,
    /// Why its text cannot be read.
    pub text_error: Option<ConditionTextError>,
    /// What the caller has to mend, with paths inside the source.
    pub violations: Vec<Violation>,
}

/// How a condition was given, and so how it is told what is wrong with a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// As text.
    Text,
    /// As a tree.
    Condition,
}

impl Given {
    /// How this one is given.
    pub fn of(source: &ConditionSource) -> Self {
        match source {
            ConditionSource::Text(_) => Self::Text,
            ConditionSource::Condition(_) => Self::Condition,
        }
    }

    /// What is wrong with a part of the condition, with its path inside the source.
    pub fn place(self, violation: Violation) -> Violation {
        match self {
            Self::Text => in_text(violation),
            Self::Condition => below("condition")(violation),
        }
    }
}

/// Reads and checks a condition against what is known now.
pub async fn read(app: &App, source: ConditionSource) -> Result<Outcome, Error> {
    let given = Given::of(&source);
    let condition = match source {
        ConditionSource::Condition(input) => match input.condition() {
            Ok(condition) => condition,
            Err(violations) => return Ok(refused(violations, below("condition"))),
        },
        ConditionSource::Text(text) => match parse(&text) {
            Ok(condition) => condition,
            Err(error) => return Ok(unreadable(&error)),
        },
    };
    let problems = match service::check(app, &condition).await? {
        Ok(checked) => {
            return Ok(Outcome {
                condition: Some(condition),
                warnings: checked.warnings.into_iter().map(Into::into).collect(),
                ..Outcome::default()
            });
        }
        Err(problems) => problems.iter().map(violation_of).collect(),
    };
    Ok(refused(problems, |violation| given.place(violation)))
}

/// The same for an input that needs a condition: what is wrong with it is an error at this path of the input.
pub async fn accept(
    app: &App,
    source: ConditionSource,
    at: &[&str],
) -> Result<(Condition, Vec<ConditionWarning>), Error> {
    let outcome = read(app, source).await?;
    let Some(condition) = outcome.condition else {
        let below = |mut violation: Violation| {
            let path = at.iter().map(|&part| part.to_owned());
            violation.field = path.chain(violation.field).collect();
            violation
        };
        let violations = outcome.violations.into_iter().map(below);
        return Err(Error::Invalid(violations.collect()));
    };
    Ok((condition, outcome.warnings))
}

fn refused(violations: Vec<Violation>, place: impl Fn(Violation) -> Violation) -> Outcome {
    Outcome {
        violations: violations.into_iter().map(place).collect(),
        ..Outcome::default()
    }
}

fn below(member: &'static str) -> impl Fn(Violation) -> Violation {
    move |mut violation| {
        violation.field.insert(0, member.to_owned());
        violation
    }
}

/// A text has no parts with paths: the message says where in its tree it is.
fn in_text(mut violation: Violation) -> Violation {
    if !violation.field.is_empty() {
        let place = violation.field.join(".");
        violation.message = format!("{} It is about `{place}`.", violation.message);
    }
    violation.field = vec!["text".to_owned()];
    violation
}

/// Why a text cannot be read, and where.
fn place(error: &TextError) -> String {
    let (line, column) = (error.line, error.column);
    let message = sentence(&error.message);
    format!("Line {line}, column {column}: {message}")
}

fn unreadable(error: &TextError) -> Outcome {
    Outcome {
        violations: vec![Violation {
            field: vec!["text".to_owned()],
            code: "INVALID",
            message: place(error),
        }],
        text_error: Some(error.into()),
        ..Outcome::default()
    }
}
