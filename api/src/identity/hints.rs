//! Where an identifier led when the database was last asked: a place to look first, and nothing to rely on.

use std::sync::Arc;

use lazo_domain::id::ProfileId;
use lazo_domain::identity::Namespace;
use moka::future::Cache;

/// Hints that are remembered.
const CAPACITY: u64 = 50_000;
/// The longest value, in bytes, for which there is a hint.
const LONGEST: usize = 256;

/// Where identifiers led when the database was last asked. That an identifier leads nowhere is not remembered.
pub struct Hints(Cache<String, Arc<Hint>>);

/// Where an identifier led.
pub struct Hint {
    /// Its namespace.
    pub namespace: Namespace,
    /// Its value as it is stored.
    pub value: String,
    /// The profile. It holds only if this profile has the identifier now.
    pub profile: ProfileId,
}

impl Default for Hints {
    fn default() -> Self {
        Self(Cache::new(CAPACITY))
    }
}

impl Hints {
    /// Where an identifier led, by its value as it was written.
    pub async fn get(&self, namespace: &str, value: &str) -> Option<Arc<Hint>> {
        self.0.get(&key(namespace, value)).await
    }

    /// Remembers where an identifier leads, by its value as it was written.
    pub async fn remember(&self, namespace: &str, value: &str, hint: Hint) {
        if value.len() <= LONGEST {
            self.0.insert(key(namespace, value), Arc::new(hint)).await;
        }
    }
}

fn key(namespace: &str, value: &str) -> String {
    // No namespace holds this sign.
    format!("{namespace}:{value}")
}
