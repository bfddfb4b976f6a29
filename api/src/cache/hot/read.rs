//! How a value is found.

use std::sync::Arc;

use lazo_domain::id::ProfileId;

use super::flight::{Flight, Landed, Seat, Want};
use super::redis::Seen;
use super::stamps::Ticket;
use super::store::Store;
use super::{Counters, Hot, Versioned};

impl<V: Versioned, E: Clone + Send + Sync + 'static> Hot<V, E> {
    /// The value of a profile, of at least `min_version` where that is given and the database has it; none where there is no such
    /// profile, which is not remembered.
    ///
    /// `load` reads the database. It is called once or never, and runs for all who ask for the same profile meanwhile.
    pub async fn get<F, L>(
        &self,
        id: ProfileId,
        min_version: Option<i64>,
        load: F,
    ) -> Result<Option<Arc<V>>, E>
    where
        F: FnOnce() -> L + Send,
        L: Future<Output = Result<Option<V>, E>> + Send,
    {
        if let Some(value) = self.process.get(id).await
            && min_version.is_none_or(|min| value.version() >= min)
        {
            self.counters.process_hits.up();
            return Ok(Some(value));
        }
        self.counters.misses.up();
        // Boxed, so that the many hits do not carry the room that the few misses need.
        Box::pin(self.find(id, min_version, load)).await
    }

    async fn find<F, L>(
        &self,
        id: ProfileId,
        min_version: Option<i64>,
        load: F,
    ) -> Result<Option<Arc<V>>, E>
    where
        F: FnOnce() -> L + Send,
        L: Future<Output = Result<Option<V>, E>> + Send,
    {
        let arrived = self.flights.last();
        let mut want = Want::Any;
        loop {
            let holds = |ticket| self.process.holds(id, ticket);
            let joined = match self.flights.board_one(id, want, holds) {
                Seat::Lead(flight) => return self.lead(flight, id, min_version, want, load).await,
                Seat::Join(joined) => joined,
            };
            let floor = min_version.max(self.process.floor(id).await);
            let Some(landed) = joined.landed().await else {
                continue;
            };
            let result = landed.result?;
            if version(result.as_deref()) >= floor
                || landed.knows_since.is_some_and(|number| number > arrived)
            {
                return Ok(result);
            }
            // Another who waited for too old a value may have loaded a newer one by now.
            if let Some(value) = self.process.get(id).await
                && Some(value.version()) >= floor
            {
                return Ok(Some(value));
            }
            want = Want::Strict(arrived);
        }
    }

    /// Loads a value, and tells all who wait.
    async fn lead<F, L>(
        &self,
        flight: Flight<'_, V, E>,
        id: ProfileId,
        min_version: Option<i64>,
        want: Want,
        load: F,
    ) -> Result<Option<Arc<V>>, E>
    where
        F: FnOnce() -> L,
        L: Future<Output = Result<Option<V>, E>>,
    {
        let mut seen = None;
        if let (Want::Any, Some(shared)) = (want, &self.shared) {
            let ticket = self.process.ticket(id);
            flight.begins(ticket);
            let found = Store::<V>::look_up(shared.as_ref(), id).await;
            seen = found.ticket;
            if let Some(value) = found.value
                && Some(value.version()) >= min_version.max(self.process.floor(id).await)
            {
                self.counters.redis_hits.up();
                self.keep_here(id, &value, ticket).await;
                let result = Ok(Some(value));
                flight.land(Landed {
                    result: result.clone(),
                    knows_since: None,
                });
                return result;
            }
        }
        // The semaphore is never closed; were it, loading without a permit would be right.
        let _permit = self.loads.acquire().await;
        // The database is read from here on, and whatever was put out until now it knows.
        let ticket = self.process.ticket(id);
        flight.begins(ticket);
        self.counters.loads.up();
        let result = load().await.map(|value| value.map(Arc::new));
        if let Ok(Some(value)) = &result {
            self.keep_here(id, value, ticket).await;
        }
        flight.land(Landed {
            result: result.clone(),
            knows_since: Some(flight.number()),
        });
        if let (Ok(Some(value)), Some(seen)) = (&result, seen) {
            self.share(id, Arc::clone(value), seen);
        }
        result
    }

    pub(super) async fn keep_here(&self, id: ProfileId, value: &Arc<V>, ticket: Ticket) {
        fill(&self.process, id, value, ticket, &self.counters).await;
    }

    /// Puts a value in Redis, in a task of its own: no reader waits for that.
    fn share(&self, id: ProfileId, value: Arc<V>, seen: Seen) {
        let Some(shared) = self.shared.clone() else {
            return;
        };
        let Ok(permit) = Arc::clone(&self.fills).try_acquire_owned() else {
            return;
        };
        let counters = Arc::clone(&self.counters);
        tokio::spawn(async move {
            fill(shared.as_ref(), id, &value, seen, &counters).await;
            drop(permit);
        });
    }
}

/// Offers a store what was loaded, and counts where it is refused.
async fn fill<V, S: Store<V>>(
    store: &S,
    id: ProfileId,
    value: &Arc<V>,
    ticket: S::Ticket,
    counters: &Counters,
) {
    if !store.fill(id, value, ticket).await {
        counters.refused_fills.up();
    }
}

/// The version of what was found; below all versions where nothing was.
fn version<V: Versioned>(value: Option<&V>) -> Option<i64> {
    value.map(Versioned::version)
}
