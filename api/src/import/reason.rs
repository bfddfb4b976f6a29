//! What can be wrong with a row of an imported file, told by column and never by value: values are personal data.

/// Why a row cannot be imported.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Nothing in the row says whose it is.
    #[error("nothing says whose it is: no identifier has a value")]
    NoIdentifier,
    /// A value that must be there is empty.
    #[error("no value for {0}")]
    Empty(&'static str),
    /// The text of a date is none.
    #[error(
        "column {0}: not a date; write YYYY-MM-DD or an RFC 3339 instant, or say --date-format"
    )]
    Date(String),
    /// An amount of money that is not a plain decimal number.
    #[error("column {0}: not an amount; write digits, at most four of them after the decimal sign")]
    Amount(String),
    /// Not a decimal number.
    #[error("column {0}: not a number")]
    Number(String),
    /// Neither true nor false.
    #[error("column {0}: neither true nor false")]
    Boolean(String),
    /// A number of units that is not a whole number.
    #[error("column {0}: not a whole number of units, from 1")]
    Quantity(String),
    /// A currency that is not a code of three letters, as in ISO 4217.
    #[error("column {0}: not a currency code of three letters")]
    Currency(String),
    /// Text that should be JSON and is none.
    #[error("column {0}: not JSON")]
    Json(String),
    /// A list or an object where one value must be.
    #[error("column {0}: a list or an object where one value must be")]
    Nested(String),
    /// What happened to an order is none of the four things that can.
    #[error("column {0}: not an order event; write completed, updated, refunded or cancelled")]
    OrderEvent(String),
    /// Two members of an object mean the same.
    #[error("column {0}: another column means the same; leave one out with --map COLUMN=ignore")]
    Twice(String),
    /// Bytes that are not UTF-8.
    #[error("column {0}: the text is not UTF-8")]
    Utf8(String),
    /// A line that is not UTF-8.
    #[error("the line is not UTF-8")]
    LineUtf8,
    /// A line that is no JSON object.
    #[error("the line is no JSON object")]
    NotAnObject,
    /// An item of another kind than the import takes.
    #[error("an item of type {found} is no {wanted}; import it as touchpoints")]
    OtherKind {
        /// The item's type.
        found: &'static str,
        /// What rows of this import are.
        wanted: &'static str,
    },
    /// The row has another number of columns than the header.
    #[error("{found} columns where the header has {expected}")]
    Width {
        /// Columns of the header.
        expected: usize,
        /// Columns of this row.
        found: usize,
    },
    /// The row is over the limit; most often a quotation mark that is never closed.
    #[error("the row is longer than 1 MiB; is a quotation mark left open? It is not kept")]
    TooLong,
    /// It cannot be used as it is decoded, as over HTTP.
    #[error("{code}: {reason}")]
    Refused {
        /// The stable code.
        code: &'static str,
        /// The reason in one sentence.
        reason: String,
    },
}
