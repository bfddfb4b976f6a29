//! Finds the source a key belongs to.

use std::sync::Arc;

use lazo_entity::source;
use sea_orm::ConnectionTrait;

use super::confirmed::Confirmed;
use super::opaque::{OpaqueKind, OpaqueToken};
use super::secret::DeploymentSecret;
use super::{AuthError, store};
use crate::clock::Clock;

/// The keys of sources, remembered for a few seconds and through a short outage of the database.
pub struct SourceKeys<C> {
    db: C,
    clock: Arc<dyn Clock>,
    secret: Arc<DeploymentSecret>,
    sources: Confirmed<source::Model>,
}

impl<C: ConnectionTrait> SourceKeys<C> {
    /// A look-up over this database.
    pub fn new(db: C, clock: Arc<dyn Clock>, secret: Arc<DeploymentSecret>) -> Self {
        Self {
            db,
            clock,
            secret,
            sources: Confirmed::default(),
        }
    }

    /// The source a key belongs to, archived or not; `None` for a key that is none.
    pub async fn find(&self, key: &str) -> Result<Option<Arc<source::Model>>, AuthError> {
        let Some(token) =
            OpaqueToken::parse(key).filter(|token| token.kind() == OpaqueKind::Source)
        else {
            return Ok(None);
        };
        let hash = token.hash(&self.secret);
        let load = || store::source_by_key_hash(&self.db, &hash);
        self.sources.get(&hash, self.clock.now(), load).await
    }

    /// Whether this was the key of a source when it was last looked up, some time ago.
    pub fn remembers(&self, key: &str) -> bool {
        OpaqueToken::parse(key)
            .is_some_and(|token| self.sources.remembers(&token.hash(&self.secret)))
    }

    /// Forgets the keys of a source that this process has changed.
    pub async fn forget(&self, source: &source::Model) {
        let hashes = [
            Some(source.key_hash.clone()),
            source.second_key_hash.clone(),
        ];
        self.forget_hashes(&hashes.into_iter().flatten().collect::<Vec<_>>())
            .await;
    }

    /// Forgets keys by their keyed hashes, so that their next use asks the database.
    pub async fn forget_hashes(&self, hashes: &[String]) {
        for hash in hashes {
            self.sources.forget(hash).await;
        }
    }

    /// Forgets all keys, as changes of them may have been missed.
    pub fn forget_all(&self) {
        self.sources.forget_all();
    }
}
