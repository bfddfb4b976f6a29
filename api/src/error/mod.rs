//! The one table of error codes, and the two error types.
//!
//! Services return [`Error`], which says what went wrong in the words of the service. Clients see
//! [`ApiError`], which says it in the words of the API and holds no internal text.
//!
//! **Resolvers return `Result<T, ApiError>`**, never `async_graphql::Result<T>`: the library
//! converts anything that is `Display` into an error of its own and sends its text to the client,
//! and [`Error`] is `Display`. `ApiError` is deliberately not, so `?` takes the one road
//! `Error` → `ApiError` → `async_graphql::Error`.
//!
//! A nullable field whose failure must leave its neighbours alone returns
//! `Option<Result<T, ApiError>>`: the library hands the error of a `Result<Option<T>, _>` on to the
//! parent.

mod api;
mod code;
mod database;

use std::time::Duration;

use sea_orm::DbErr;

pub use api::ApiError;
pub use code::Code;

/// One thing the caller can mend in an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The path into the input, as in `["input", "email"]`; empty for the whole of it.
    pub field: Vec<String>,
    /// The code in the list of the capability, as in `TOO_LONG`.
    pub code: &'static str,
    /// What to mend, in a sentence. It never repeats the value.
    pub message: String,
}

impl Violation {
    /// What is to be mended in one field.
    pub fn of(field: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            field: vec![field.to_owned()],
            code,
            message: message.into(),
        }
    }
}

/// A message that begins in the midst of one, as those of the domain do, as a sentence.
pub fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let mut sentence: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    sentence.push_str(letters.as_str());
    if !sentence.ends_with(['.', '?']) {
        sentence.push('.');
    }
    sentence
}

/// What a service returns when it cannot do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller has shown no valid token.
    #[error("not authenticated")]
    Unauthenticated,
    /// The caller lacks a scope, purpose or role.
    #[error("forbidden without {needs}")]
    Forbidden {
        /// The scope, purpose or role, as in `profiles:read`.
        needs: String,
    },
    /// It does not exist, or the caller may not see it.
    #[error("no such {what}")]
    NotFound {
        /// What was looked for, in the words of the glossary.
        what: &'static str,
    },
    /// The input breaks rules that the caller can mend.
    #[error("{} violations in the input", .0.len())]
    Invalid(Vec<Violation>),
    /// The input is good and does not fit the present state; the text goes to the client.
    #[error("conflict: {0}")]
    Conflict(String),
    /// More work waits than we take.
    #[error("overloaded")]
    Overloaded {
        /// When to come back.
        retry_after: Duration,
    },
    /// As much as we do at once of what was asked is being done.
    #[error("throttled")]
    Throttled {
        /// When to come back.
        retry_after: Duration,
    },
    /// Something that we need is away.
    #[error("unavailable")]
    Unavailable {
        /// When to come back.
        retry_after: Duration,
    },
    /// It took longer than the limit.
    #[error("timed out")]
    Timeout,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
    /// A fault of ours; the text goes to the log alone.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// The error that one field of the input is to be mended.
    pub fn violation(field: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Violation::of(field, code, message)])
    }

    /// The refusal of an idempotency key that stands for another call.
    pub fn key_reused() -> Self {
        let message = "The key was used before, with another input.";
        Self::violation("idempotencyKey", "IDEMPOTENCY_KEY_REUSED", message)
    }

    /// The refusal of a change of what has changed since the version that the caller saw.
    pub fn stale(what: &str, version: i64) -> Self {
        let message = format!("The {what} has changed; it is at version {version}.");
        Self::violation("expectedVersion", "STALE_VERSION", message)
    }

    /// What a log may tell of it: never a driver's text, which may quote a person's values.
    pub fn for_the_log(&self) -> String {
        match self {
            Self::Database(error) => database::describe(error),
            other => other.to_string(),
        }
    }

    /// Whether doing the same again can succeed. What is not passing is permanent.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Overloaded { .. }
            | Self::Throttled { .. }
            | Self::Unavailable { .. }
            | Self::Timeout => true,
            Self::Database(error) => database::is_passing(error),
            Self::Unauthenticated
            | Self::Forbidden { .. }
            | Self::NotFound { .. }
            | Self::Invalid(_)
            | Self::Conflict(_)
            | Self::Internal(_) => false,
        }
    }
}
