//! Where the words of a command go, and how it fails.

use std::fmt::{self, Display};
use std::io::{self, Write};

use crate::error::{Error, Violation};

/// Two ways out: data, which a script reads, and notes, which a person reads.
pub(super) struct Output<'a> {
    data: &'a mut dyn Write,
    notes: &'a mut dyn Write,
}

impl<'a> Output<'a> {
    pub(super) fn new(data: &'a mut dyn Write, notes: &'a mut dyn Write) -> Self {
        Self { data, notes }
    }

    /// Writes a line of data.
    pub(super) fn data(&mut self, line: impl Display) -> io::Result<()> {
        writeln!(self.data, "{line}")
    }

    /// Writes data as it is.
    pub(super) fn text(&mut self, text: &str) -> io::Result<()> {
        self.data.write_all(text.as_bytes())
    }

    /// Writes a line for people.
    pub(super) fn note(&mut self, line: impl Display) -> io::Result<()> {
        writeln!(self.notes, "{line}")
    }
}

/// Why a command failed, in one sentence.
#[derive(Debug)]
pub(super) struct Failure(String);

impl Failure {
    pub(super) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(match error {
            Error::Invalid(violations) => violations
                .iter()
                .map(sentence)
                .collect::<Vec<_>>()
                .join(" "),
            other => other.to_string(),
        })
    }
}

fn sentence(violation: &Violation) -> String {
    match violation.field.as_slice() {
        [] => violation.message.clone(),
        field => format!("{}: {}", field.join("."), violation.message),
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

macro_rules! failures {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self(error.to_string())
            }
        }
    )+};
}

failures!(
    crate::app::StartError,
    crate::auth::AuthError,
    crate::config::ConfigError,
    crate::db::ConnectError,
    crate::serve::ServeError,
);
