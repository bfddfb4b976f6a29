//! Notes: what the answer to an accepted item tells its sender.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::purchase::OrderProblem;

/// Something about an accepted item that was changed or could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Note {
    /// U+0000 in a text or a field name became U+FFFD.
    TextCleaned,
    /// A time could not be read and counts as absent; it stays in the payload.
    UnreadableTime,
    /// The sender's clock was off by more than a minute, and the time of the event was corrected by that.
    ClockCorrected,
    /// The event said it happens in the future; it counts as happening when it was received.
    FutureTimeCut,
    /// An identifier was worthless or malformed and was left out; it stays in the payload.
    IdentifierDropped,
    /// An identifier beside those of the visitor token ties nobody together; it stays in the payload.
    IdentifierIgnored,
    /// An order event has an amount, a price or a currency that could not be read, and changes no purchase.
    AmountUnreadable,
    /// The profile has as many traits as it may; those that are new stay in the payload.
    TraitsOverLimit,
    /// An order event has no usable order id or products that could not be read, and changes no purchase.
    OrderUnreadable,
}

impl Note {
    /// The stable code of the note.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TextCleaned => "TEXT_CLEANED",
            Self::UnreadableTime => "UNREADABLE_TIME",
            Self::ClockCorrected => "CLOCK_CORRECTED",
            Self::FutureTimeCut => "FUTURE_TIME_CUT",
            Self::IdentifierDropped => "IDENTIFIER_DROPPED",
            Self::IdentifierIgnored => "IDENTIFIER_IGNORED",
            Self::AmountUnreadable => "AMOUNT_UNREADABLE",
            Self::TraitsOverLimit => "TRAITS_OVER_LIMIT",
            Self::OrderUnreadable => "ORDER_UNREADABLE",
        }
    }
}

impl Note {
    /// The note in one sentence for people.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::TextCleaned => "U+0000 in a text became U+FFFD.",
            Self::UnreadableTime => "A time could not be read and counts as absent.",
            Self::ClockCorrected => {
                "The sender's clock was off by more than a minute; the time was corrected by that."
            }
            Self::FutureTimeCut => "The time was in the future; the time of receipt counts.",
            Self::IdentifierDropped => "An identifier was worthless or malformed and was left out.",
            Self::IdentifierIgnored => {
                "An identifier that the visitor token does not name ties nobody; it stays in the touchpoint."
            }
            Self::AmountUnreadable => {
                "An amount or a currency of the order could not be read; it changes no purchase."
            }
            Self::TraitsOverLimit => {
                "The profile has as many traits as it may have; new ones stay in the touchpoint."
            }
            Self::OrderUnreadable => {
                "The order id or the products could not be read; it changes no purchase."
            }
        }
    }
}

impl From<OrderProblem> for Note {
    fn from(problem: OrderProblem) -> Self {
        match problem {
            OrderProblem::Amount | OrderProblem::Price | OrderProblem::Currency => {
                Self::AmountUnreadable
            }
            OrderProblem::MissingOrderId
            | OrderProblem::OrderIdTooLong
            | OrderProblem::Products
            | OrderProblem::TooManyLines
            | OrderProblem::Quantity => Self::OrderUnreadable,
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
