//! How large an answer may become.
//!
//! The cost of an operation counts what it asks for, not how long that is: a text can be asked for under many names. So what is
//! long, texts and JSON that somebody sent, is counted while it is resolved.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_graphql::parser::types::Field;
use async_graphql::{ContextBase, ContextSelectionSet, Error, Positioned, ServerError};

use crate::error::{ApiError, Code};

/// The most bytes of sent texts and JSON in one answer.
pub(super) const MOST_BYTES: usize = 16 << 20;

/// What an answer holds so far; one stands in the data of each request that is limited. Clones count the same answer.
#[derive(Clone, Debug, Default)]
pub struct AnswerSize(Arc<AtomicUsize>);

impl AnswerSize {
    /// Another answer begins, as with each event of a subscription.
    pub fn begin_anew(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// Counts bytes of the answer, or says that it would become too large.
pub fn take<T>(ctx: &ContextBase<'_, T>, bytes: usize) -> Result<(), ApiError> {
    let Some(AnswerSize(size)) = ctx.data_opt::<AnswerSize>() else {
        return Ok(());
    };
    let before = size.fetch_add(bytes, Ordering::Relaxed);
    if before.saturating_add(bytes) <= MOST_BYTES {
        return Ok(());
    }
    let most = MOST_BYTES >> 20;
    let message = format!("The answer would hold more than {most} MiB; ask for less at once.");
    Err(ApiError::new(Code::QueryTooComplex, message))
}

/// An error of a value, at the place of its field.
pub(super) fn located(
    ctx: &ContextSelectionSet<'_>,
    field: &Positioned<Field>,
    error: ApiError,
) -> ServerError {
    ctx.set_error_path(Error::from(error).into_server_error(field.pos))
}
