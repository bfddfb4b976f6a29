//! What is wrong with a text.

use std::fmt;

/// Why and where a text cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct TextError {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// What is there, cut if it is long; none at the end of the text.
    pub found: Option<String>,
    /// What could have been there; empty if the message says it all.
    pub expected: Vec<&'static str>,
    /// A word of the language that is written almost like what is there.
    pub suggestion: Option<String>,
    /// The whole for people, in English, without the place.
    pub message: String,
}

impl TextError {
    /// An error at a byte of a text.
    pub(super) fn at(text: &str, byte: usize, message: String) -> Self {
        let before = text.get(..byte).unwrap_or(text);
        let line = before.rsplit('\n').next().unwrap_or_default();
        Self {
            line: before.matches('\n').count() + 1,
            column: line.chars().count() + 1,
            found: None,
            expected: Vec::new(),
            suggestion: None,
            message,
        }
    }
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = (self.line, self.column);
        write!(f, "line {line}, column {column}: {}", self.message)
    }
}
