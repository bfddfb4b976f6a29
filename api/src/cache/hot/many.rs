//! Several values at once, and those that are at hand.

use std::collections::HashMap;
use std::sync::Arc;

use lazo_domain::id::ProfileId;

use super::{Hot, Versioned};

impl<V: Versioned, E: Clone + Send + Sync + 'static> Hot<V, E> {
    /// The value of a profile, if this process has it.
    pub async fn at_hand(&self, id: ProfileId) -> Option<Arc<V>> {
        let value = self.process.get(id).await?;
        self.counters.process_hits.up();
        Some(value)
    }

    /// The values of profiles; those that do not exist are left out. `load` reads those that are not at hand
    /// together, from the database: no other process is asked, nor is anybody else's load waited for.
    pub async fn get_many<F, L>(
        &self,
        ids: &[ProfileId],
        load: F,
    ) -> Result<HashMap<ProfileId, Arc<V>>, E>
    where
        F: FnOnce(Vec<ProfileId>) -> L + Send,
        L: Future<Output = Result<HashMap<ProfileId, V>, E>> + Send,
    {
        let (mut found, mut missing) = (HashMap::new(), Vec::new());
        for id in ids {
            if let Some(value) = self.at_hand(*id).await {
                found.insert(*id, value);
            } else {
                self.counters.misses.up();
                missing.push(*id);
            }
        }
        if missing.is_empty() {
            return Ok(found);
        }
        let _permit = self.loads.acquire().await;
        let tickets: Vec<_> = missing.iter().map(|id| self.process.ticket(*id)).collect();
        self.counters.loads.up();
        let mut loaded = load(missing.clone()).await?;
        for (id, ticket) in missing.into_iter().zip(tickets) {
            if let Some(value) = loaded.remove(&id).map(Arc::new) {
                self.keep_here(id, &value, ticket).await;
                found.insert(id, value);
            }
        }
        Ok(found)
    }
}
