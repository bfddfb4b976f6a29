//! Who may read a field.
//!
//! A refusal by the library's guards falls on the parent of the field, even where the field may be null. So a field that may
//! be null is resolved within [`allowed`], whose refusal leaves its neighbours alone, and the guard [`needs`] is for fields
//! that are never null.

use async_graphql::{Context, Guard};
use lazo_domain::access::{Scope, Scopes};

use super::ContextExt;
use crate::auth::caller::Caller;
use crate::error::{ApiError, Error};

/// The caller, who must hold the scope.
pub fn check<'a>(ctx: &'a Context<'_>, scope: Scope) -> Result<&'a Caller, ApiError> {
    let caller = ctx.caller().ok_or(Error::Unauthenticated)?;
    if caller.has(scope) {
        Ok(caller)
    } else {
        Err(Error::Forbidden {
            needs: scope.as_str().to_owned(),
        }
        .into())
    }
}

/// Refuses a caller who does not hold all of these scopes.
pub fn check_all(ctx: &Context<'_>, scopes: Scopes) -> Result<(), ApiError> {
    let mut scopes = scopes.iter();
    scopes.try_for_each(|scope| check(ctx, scope).map(|_| ()))
}

/// Does the work for a field that may be null, if the caller holds all of these scopes.
pub async fn allowed_all<T>(
    ctx: &Context<'_>,
    scopes: Scopes,
    work: impl Future<Output = Result<Option<T>, ApiError>>,
) -> Option<Result<T, ApiError>> {
    match check_all(ctx, scopes) {
        Ok(()) => work.await.transpose(),
        Err(refusal) => Some(Err(refusal)),
    }
}

/// Does the work for a field that may be null, if the caller holds the scope.
pub async fn allowed<T>(
    ctx: &Context<'_>,
    scope: Scope,
    work: impl Future<Output = Result<Option<T>, ApiError>>,
) -> Option<Result<T, ApiError>> {
    match check(ctx, scope) {
        Ok(_) => work.await.transpose(),
        Err(refusal) => Some(Err(refusal)),
    }
}

/// A guard for a field that is never null.
pub fn needs(scope: Scope) -> impl Guard {
    move |ctx: &Context<'_>| check(ctx, scope).map(|_| ()).map_err(Into::into)
}
