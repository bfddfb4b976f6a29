//! From what a service answers to the payload of a mutation.

use std::str::FromStr;

use async_graphql::{ID, InputType};

use super::{UserError, UserErrorCode};
use crate::auth::caller::Caller;
use crate::error::{ApiError, Error, Violation};
use crate::idempotency::input_digest;
use crate::writer::Once;

/// The most characters in an idempotency key.
const LONGEST_KEY: usize = 200;

/// Parts what the caller can mend, which belongs into the payload, from every other failure.
pub fn settled<T>(outcome: Result<T, Error>) -> Result<(Option<T>, Vec<UserError>), ApiError> {
    match outcome {
        Ok(done) => Ok((Some(done), Vec::new())),
        Err(Error::Invalid(violations)) => {
            Ok((None, violations.into_iter().map(UserError::from).collect()))
        }
        Err(other) => Err(other.into()),
    }
}

/// The typed id in an input; `what` is the kind of object it must name.
pub fn read_id<T: FromStr>(id: &ID, what: &str) -> Result<T, Error> {
    id.parse()
        .map_err(|_| Error::violation("id", "NOT_FOUND", format!("There is no such {what}.")))
}

/// What makes a repeat of this call harmless, where the caller gave a key.
pub fn once(
    caller: &Caller,
    key: Option<&str>,
    input: &impl InputType,
) -> Result<Option<Once>, Error> {
    let Some(key) = key else { return Ok(None) };
    if !(1..=LONGEST_KEY).contains(&key.chars().count()) {
        let message = "An idempotency key has 1 to 200 characters.";
        return Err(Error::violation("idempotencyKey", "INVALID", message));
    }
    let input = input.to_value().into_json();
    let input = input.map_err(|error| Error::Internal(error.to_string()))?;
    Ok(Some(Once {
        caller: caller.actor(),
        key: key.to_owned(),
        input: input_digest(&input),
    }))
}

impl From<Violation> for UserError {
    fn from(violation: Violation) -> Self {
        let path: Vec<_> = violation.field.iter().map(String::as_str).collect();
        let code = match violation.code {
            "NOT_FOUND" => UserErrorCode::NotFound,
            "TAKEN" => UserErrorCode::Taken,
            "STALE_VERSION" => UserErrorCode::StaleVersion,
            "IDEMPOTENCY_KEY_REUSED" => UserErrorCode::IdempotencyKeyReused,
            "CONFLICT" => UserErrorCode::Conflict,
            "NOT_MERGED" => UserErrorCode::NotMerged,
            "CANNOT_LINK" => UserErrorCode::CannotLink,
            "UNIQUE_CONFLICT" => UserErrorCode::UniqueConflict,
            "LIMIT_EXCEEDED" => UserErrorCode::LimitExceeded,
            "ARCHIVED" => UserErrorCode::Archived,
            _ => UserErrorCode::Invalid,
        };
        Self::new(code, &path, violation.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_mended_is_told_in_the_payload_with_its_field() {
        let stale = Error::violation("expectedVersion", "STALE_VERSION", "It has changed.");
        let (done, errors) = settled::<()>(Err(stale)).unwrap();
        let field = Some(vec!["input".to_owned(), "expectedVersion".to_owned()]);
        assert_eq!(done, None);
        assert_eq!(
            (errors[0].code, &errors[0].field),
            (UserErrorCode::StaleVersion, &field)
        );
        assert!(settled::<()>(Err(Error::Timeout)).is_err());
    }
}
