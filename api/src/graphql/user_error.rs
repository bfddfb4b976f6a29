//! What the caller of a mutation can mend.

use async_graphql::{Enum, SimpleObject};

/// What kind of fault an error of a mutation tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum UserErrorCode {
    /// A value is not one that the field takes.
    Invalid,
    /// There is no such object, or the caller may not see it.
    NotFound,
    /// Another object has this value, which must be unique.
    Taken,
    /// The object has changed since the version that the caller expected.
    StaleVersion,
    /// The idempotency key was used before with another input.
    IdempotencyKeyReused,
    /// The change does not fit the present state.
    Conflict,
    /// No merge that still holds absorbed this profile.
    NotMerged,
    /// A person has parted these profiles, and nothing joins them again.
    CannotLink,
    /// The profiles have different values of a namespace of which a profile has one.
    UniqueConflict,
    /// There would be more of something than the limit allows.
    LimitExceeded,
    /// The source is archived and takes nothing more.
    Archived,
}

/// Something about the input of a mutation that the caller can mend. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
pub struct UserError {
    /// The path into the arguments, such as `["input", "id"]`. Null means the input as a whole.
    pub field: Option<Vec<String>>,
    /// What to mend, in a sentence for people. It never repeats a value, save names in a condition.
    pub message: String,
    /// What to mend, for programs.
    pub code: UserErrorCode,
}

impl UserError {
    /// An error about the field at this path below `input`; about the whole input if the path is empty.
    pub fn new(code: UserErrorCode, path: &[&str], message: impl Into<String>) -> Self {
        let field = (!path.is_empty()).then(|| {
            std::iter::once("input")
                .chain(path.iter().copied())
                .map(ToOwned::to_owned)
                .collect()
        });
        Self {
            field,
            message: message.into(),
            code,
        }
    }

    /// The error about an id at this path that leads to nothing.
    pub fn not_found(path: &[&str], what: &str) -> Self {
        Self::new(
            UserErrorCode::NotFound,
            path,
            format!("There is no such {what}."),
        )
    }
}
