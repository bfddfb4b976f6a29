//! Refusals: why an item does not become a touchpoint.

use std::fmt;

/// What becomes of an item that is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Disposition {
    /// It is kept, can be seen and mended, and comes again by a replay.
    Quarantined,
    /// It is not kept; only the answer tells of it.
    Rejected,
}

impl Disposition {
    /// The name in the schema and in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Quarantined => "QUARANTINED",
            Self::Rejected => "REJECTED",
        }
    }
}

macro_rules! refusal_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $disposition:ident, $reason:literal;)*) => {
        /// The reason for a refusal, as a stable code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum RefusalCode {
            $($(#[$doc])* $name,)*
        }

        impl RefusalCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code as clients see it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What becomes of an item refused for this reason.
            pub const fn disposition(self) -> Disposition {
                match self { $(Self::$name => Disposition::$disposition,)* }
            }

            /// The reason in one sentence, the same for every item.
            pub const fn reason(self) -> &'static str {
                match self { $(Self::$name => $reason,)* }
            }
        }
    };
}

refusal_codes! {
    /// The item is something else than a JSON object.
    NotAnObject = "NOT_AN_OBJECT", Rejected, "The item is not a JSON object.";
    /// The item is over [`MAX_ITEM_BYTES`](super::MAX_ITEM_BYTES).
    EventTooLarge = "EVENT_TOO_LARGE", Quarantined, "The item is larger than 32768 bytes.";
    /// The item is over [`MAX_VALUES`](super::MAX_VALUES).
    TooManyValues = "TOO_MANY_VALUES", Quarantined, "The item holds more than 10,000 values.";
    /// The item's JSON cannot be held: a number out of range, a lone surrogate, or over [`MAX_DEPTH`](super::MAX_DEPTH).
    Unreadable = "UNREADABLE", Quarantined,
        "The item's JSON cannot be read: a number is out of range, a text is no Unicode, or it nests too deep.";
    /// The message id is neither a text nor a number, or over [`MAX_MESSAGE_ID_CHARS`](super::MAX_MESSAGE_ID_CHARS).
    BadMessageId = "BAD_MESSAGE_ID", Quarantined,
        "The field messageId is neither a text nor a number, or is longer than 100 characters.";
    /// A well-known field has another type than the protocol gives it.
    WrongType = "WRONG_TYPE", Quarantined, "A field has the wrong type.";
    /// Neither the endpoint nor the item says which call it is.
    UnknownType = "UNKNOWN_TYPE", Quarantined,
        "The field type is none of identify, track, page, screen, group and alias.";
    /// A track without a name.
    MissingEvent = "MISSING_EVENT", Quarantined, "A track needs the field event.";
    /// A group without its id.
    MissingGroup = "MISSING_GROUP", Quarantined, "A group needs the field groupId.";
    /// An alias without the other id.
    MissingPreviousId = "MISSING_PREVIOUS_ID", Quarantined, "An alias needs the field previousId.";
    /// A name is over [`MAX_NAME_CHARS`](super::MAX_NAME_CHARS).
    NameTooLong = "NAME_TOO_LONG", Quarantined,
        "The name of the event, page, screen or a trait is longer than 200 characters.";
    /// An identify has more than [`MAX_TRAITS`](super::MAX_TRAITS).
    TooManyTraits = "TOO_MANY_TRAITS", Quarantined, "The item has more than 500 traits.";
    /// The item has more identifiers than [`MAX_IDENTIFIERS`](super::MAX_IDENTIFIERS).
    TooManyIdentifiers = "TOO_MANY_IDENTIFIERS", Quarantined, "The item has more than 20 identifiers.";
    /// Nothing in the item says whose it is.
    NoIdentifier = "NO_IDENTIFIER", Quarantined, "The item has no usable identifier.";
    /// It happened before the setting `earliest_event`.
    TooEarly = "TOO_EARLY", Quarantined, "The event is older than the setting earliest_event allows.";
    /// The bytes are not UTF-8.
    InvalidUtf8 = "INVALID_UTF8", Quarantined, "The item is not valid UTF-8.";
    /// The database refuses this item, and it alone.
    StorageRefused = "STORAGE_REFUSED", Quarantined, "The database refuses to store this item.";
}

impl fmt::Display for RefusalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why an item does not become a touchpoint, and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {reason}")]
pub struct Refusal {
    /// Whether the item is kept.
    pub disposition: Disposition,
    /// The reason as a stable code.
    pub code: RefusalCode,
    /// The reason in one sentence, with names of fields and never with values.
    pub reason: String,
    /// The client's own message id, if it could be read.
    pub message_id: Option<String>,
}

impl Refusal {
    /// The refusal that names the field of the wrong type and what it must be.
    pub(super) fn wrong_type(field: &str, expected: &str) -> Self {
        let reason = format!("The field {field} is not {expected}.");
        Self {
            reason,
            ..RefusalCode::WrongType.into()
        }
    }

    /// The same refusal, of the item with this message id.
    pub(super) fn of(self, message_id: Option<String>) -> Self {
        Self { message_id, ..self }
    }
}

impl From<RefusalCode> for Refusal {
    fn from(code: RefusalCode) -> Self {
        Self {
            disposition: code.disposition(),
            code,
            reason: code.reason().to_owned(),
            message_id: None,
        }
    }
}
