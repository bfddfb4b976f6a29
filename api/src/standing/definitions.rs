//! What is defined, kept in memory for as long as it is what the database says.

use std::sync::{Arc, Mutex, PoisonError};

use lazo_domain::standing::{Defined, Definitions};
use sea_orm::{ConnectionTrait, DbErr};

use super::store;
use crate::{computed, lifecycle, purpose, score, segment};

/// The definitions of the deployment, as this process read them last.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<Arc<Definitions>>);

impl Kept {
    /// The definitions as they are for this connection: within a transaction of the writer nobody changes them.
    pub(crate) async fn current(
        &self,
        connection: &impl ConnectionTrait,
    ) -> Result<Arc<Definitions>, DbErr> {
        let version = store::definitions_version(connection).await?;
        let kept = Arc::clone(&self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if kept.version() == version && version > 0 {
            return Ok(kept);
        }
        let segments = segment::store::decided(connection).await?;
        let scores = score::store::decided(connection).await?;
        let segments = segments.into_iter().map(Defined::Segment);
        let defined = segments.chain(scores.into_iter().map(Defined::Score));
        let read = Definitions::new(
            version,
            computed::store::decided(connection).await?,
            lifecycle::store::rules(connection).await?,
            defined.collect(),
        );
        let purposes = purpose::store::decided(connection).await?;
        let read = Arc::new(read.with_purposes(purposes));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&read);
        Ok(read)
    }
}

/// A definition as it was read; none of one that does not read, which is told in the log. It is left out, as people have to go on being
/// served while nobody has mended it, and the message of the reader is too, as it may quote what the definition asks for.
pub(crate) fn readable<T>(
    what: &'static str,
    id: impl std::fmt::Display,
    read: Result<T, DbErr>,
) -> Option<T> {
    if read.is_err() {
        tracing::error!(%id, "a stored {what} does not read and is left out of all decisions");
    }
    read.ok()
}
