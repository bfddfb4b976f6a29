//! A failure as the client sees it, and what becomes of a service's error.

use std::{borrow::Cow, time::Duration};

use async_graphql::ErrorExtensionValues;

use super::{
    Code, Error, Violation,
    database::{describe as describe_database, is_passing},
};

/// What a client reads in place of an internal text.
const INTERNAL_MESSAGE: &str = "Something went wrong on our side.";

/// When to come back after a passing failure of the database.
const DATABASE_RETRY_AFTER: Duration = Duration::from_secs(1);

/// A failure as the client sees it. Deliberately without `Display`: see the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    code: Code,
    message: Cow<'static, str>,
    retry_after: Option<Duration>,
}

impl ApiError {
    /// An error whose text the client may read.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
            retry_after: None,
        }
    }

    /// The caller sends more than its share, and may come back after `retry_after`.
    pub fn throttled(retry_after: Duration) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(Code::Throttled, "Too many requests. Try again later.")
        }
    }

    /// We cannot serve this now; the client may come back after `retry_after`.
    pub fn unavailable(retry_after: Duration) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(Code::Unavailable, "We cannot do this now. Try again later.")
        }
    }

    /// A fault of ours, whose own text is in the log.
    pub fn internal() -> Self {
        Self::new(Code::InternalServerError, INTERNAL_MESSAGE)
    }

    /// Its row in the table of codes.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The text for the client.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// When to come back, in whole seconds and at least one.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        let wait = self.retry_after?;
        Some((wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1))
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match error {
            Error::Unauthenticated => Self::new(Code::Unauthenticated, "Send a valid token."),
            Error::Forbidden { needs } => {
                Self::new(Code::Forbidden, format!("This needs `{needs}`."))
            }
            Error::NotFound { what } => {
                Self::new(Code::NotFound, format!("There is no such {what}."))
            }
            Error::Invalid(violations) => Self::new(Code::BadUserInput, describe(&violations)),
            Error::Conflict(message) => Self::new(Code::Conflict, message),
            Error::Overloaded { retry_after } | Error::Unavailable { retry_after } => {
                Self::unavailable(retry_after)
            }
            Error::Throttled { retry_after } => Self::throttled(retry_after),
            Error::Timeout => Self::new(Code::Timeout, "The answer took too long."),
            Error::Database(error) if is_passing(&error) => {
                tracing::error!(error = describe_database(&error), "the database is away");
                Self::unavailable(DATABASE_RETRY_AFTER)
            }
            Error::Database(error) => {
                tracing::error!(
                    error = describe_database(&error),
                    "the database refused a statement"
                );
                Self::internal()
            }
            Error::Internal(error) => {
                tracing::error!(%error, "internal error");
                Self::internal()
            }
        }
    }
}

fn describe(violations: &[Violation]) -> String {
    let sentences: Vec<_> = violations
        .iter()
        .map(|violation| match violation.field.as_slice() {
            [] => violation.message.clone(),
            field => format!("{}: {}", field.join("."), violation.message),
        })
        .collect();
    sentences.join(" ")
}

impl From<ApiError> for async_graphql::Error {
    fn from(error: ApiError) -> Self {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", error.code.as_str());
        if let Some(seconds) = error.retry_after_seconds() {
            extensions.set("retryAfter", seconds);
        }
        Self {
            message: error.message.into_owned(),
            source: None,
            extensions: Some(extensions),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{io, sync::Arc};

    use rstest::rstest;
    use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, SqlxError};

    use super::*;

    fn sqlx(error: SqlxError) -> DbErr {
        DbErr::Query(RuntimeErr::SqlxError(Arc::new(error)))
    }

    #[rstest]
    #[case(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))]
    #[case(DbErr::Conn(RuntimeErr::Internal("refused".into())))]
    #[case(sqlx(SqlxError::Io(io::ErrorKind::ConnectionReset.into())))]
    #[case(sqlx(SqlxError::PoolTimedOut))]
    fn a_lost_connection_asks_the_client_to_come_back(#[case] error: DbErr) {
        let error = Error::from(error);
        assert!(error.is_passing());
        let shown = ApiError::from(error);
        assert_eq!(shown.code(), Code::Unavailable);
        assert_eq!(shown.retry_after_seconds(), Some(1));
    }

    #[rstest]
    #[case(Error::Internal("postgres://app:s3cret@db".into()), Code::InternalServerError)]
    #[case(Error::Unauthenticated, Code::Unauthenticated)]
    #[case(Error::Forbidden { needs: "profiles:read".into() }, Code::Forbidden)]
    #[case(Error::NotFound { what: "segment" }, Code::NotFound)]
    #[case(Error::Conflict("The key was used before.".into()), Code::Conflict)]
    #[case(Error::Invalid(vec![]), Code::BadUserInput)]
    fn what_cannot_succeed_by_retrying_has_its_code_and_leaks_nothing(
        #[case] error: Error,
        #[case] code: Code,
    ) {
        assert!(!error.is_passing());
        let shown = ApiError::from(error);
        assert_eq!(shown.code(), code);
        assert!(!shown.message().contains("s3cret"));
        assert_eq!(shown.retry_after_seconds(), None);
    }

    #[test]
    fn violations_are_told_with_their_fields() {
        let violation = Violation {
            field: vec!["input".into(), "email".into()],
            code: "TOO_LONG",
            message: "At most 254 characters.".into(),
        };
        let shown = ApiError::from(Error::Invalid(vec![violation]));
        assert_eq!(shown.message(), "input.email: At most 254 characters.");
    }

    #[test]
    fn a_wait_is_told_in_whole_seconds_rounded_up() {
        let error: async_graphql::Error = ApiError::throttled(Duration::from_millis(1500)).into();
        let extensions = error.extensions.unwrap();
        assert_eq!(extensions.get("code"), Some(&"THROTTLED".into()));
        assert_eq!(extensions.get("retryAfter"), Some(&2.into()));
        assert_eq!(
            ApiError::throttled(Duration::ZERO).retry_after_seconds(),
            Some(1)
        );
    }
}
