//! What the process's own cache and the one that processes share have in common.

use std::sync::Arc;

use lazo_domain::id::ProfileId;

/// A cache of values by profile. A value enters it only with a ticket that was taken before the value was read, and only if
/// nothing was put out since.
pub(super) trait Store<V>: Send + Sync {
    /// What a load notes before it reads the database: the right to put in what it reads.
    type Ticket: Send;
    /// Why it could not put something out.
    type Error;

    /// The value, if there is one in use, and the ticket of a load that begins now.
    fn look_up(&self, id: ProfileId) -> impl Future<Output = Found<V, Self::Ticket>> + Send;

    /// Takes what a load has read. Says whether it did; what is not kept was overtaken, or is not to be kept here.
    fn fill(
        &self,
        id: ProfileId,
        value: &Arc<V>,
        ticket: Self::Ticket,
    ) -> impl Future<Output = bool> + Send;

    /// Puts out what a commit changed, each profile with its new version: whoever looks from now on finds no older one.
    fn put_out(
        &self,
        commit: i64,
        changed: &[(ProfileId, i64)],
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// What was found in a store.
pub(super) struct Found<V, T> {
    /// The value, if there was one in use.
    pub(super) value: Option<Arc<V>>,
    /// The right to put in another one; none where the store takes none.
    pub(super) ticket: Option<T>,
}

impl<V, T> Found<V, T> {
    /// What is found in a store that cannot be asked.
    pub(super) const NOTHING: Self = Self {
        value: None,
        ticket: None,
    };
}
