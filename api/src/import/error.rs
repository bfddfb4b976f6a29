//! What can be wrong with a row of an imported file, told by line and column and never by value: values are personal data.

use std::io;

/// A row that cannot be imported, with the place where it is wrong.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct RowError {
    /// Line of the file where the row begins; the header is line 1.
    pub line: u64,
    /// What is wrong, with the column where it has one.
    pub reason: Reason,
}

/// Why a row cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    /// The header lacks a column that a purchase needs; it names the spellings that would do.
    #[error("the header has no column for {0}")]
    MissingColumn(&'static str),
    /// Two columns of the header mean the same.
    #[error("the header has two columns for {0}")]
    RepeatedColumn(&'static str),
    /// A value that must be there is empty.
    #[error("column {0}: the value is empty")]
    Empty(&'static str),
    /// A date that is neither `YYYY-MM-DD` nor an RFC 3339 instant.
    #[error("column {0}: not a date; write YYYY-MM-DD or an RFC 3339 instant")]
    Date(&'static str),
    /// An amount of money that is not a plain decimal number.
    #[error("column {0}: not an amount; write digits, at most four of them after a point")]
    Amount(&'static str),
    /// A number of units that is not a whole number.
    #[error("column {0}: not a whole number")]
    Quantity(&'static str),
    /// A currency that is not a code of three letters, as in ISO 4217.
    #[error("column {0}: not a currency code of three letters")]
    Currency(&'static str),
    /// Bytes that are not UTF-8.
    #[error("column {0}: the text is not UTF-8")]
    Utf8(&'static str),
    /// The row has another number of columns than the header.
    #[error("{found} columns where the header has {expected}")]
    Width {
        /// Columns of the header.
        expected: u64,
        /// Columns of this row.
        found: u64,
    },
    /// The row is longer than any row of a purchase log; most often a quotation mark that is never closed. Nothing after it is read.
    #[error("the row is too long; is a quotation mark left open?")]
    TooLong,
    /// The file cannot be read any further. Nothing after it is read.
    #[error("the file cannot be read: {0}")]
    Unreadable(io::ErrorKind),
}
