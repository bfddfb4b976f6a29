//! What a process remembers and can be told to forget: checked credentials and hot values.

use std::sync::Arc;

use futures::future::BoxFuture;
use sea_orm::DatabaseConnection;

use super::Notice;
use super::notice::PutOut;
use crate::auth::service::Authenticator;
use crate::auth::source_keys::SourceKeys;

/// A cache that heeds what other processes have put out.
pub trait Heeds: Send + Sync {
    /// Forgets what another process's commit changed.
    fn heed<'a>(&'a self, told: &'a PutOut) -> BoxFuture<'a, ()>;

    /// Forgets everything.
    fn forget_all(&self);
}

/// What a process remembers and can be told to forget; cheap to clone.
#[derive(Clone)]
pub struct Memory {
    authenticator: Arc<Authenticator<DatabaseConnection>>,
    source_keys: Arc<SourceKeys<DatabaseConnection>>,
    hot: Option<Arc<dyn Heeds>>,
}

impl Memory {
    /// What these two remember.
    pub fn new(
        authenticator: Arc<Authenticator<DatabaseConnection>>,
        source_keys: Arc<SourceKeys<DatabaseConnection>>,
    ) -> Self {
        Self {
            authenticator,
            source_keys,
            hot: None,
        }
    }

    /// And this cache.
    #[must_use]
    pub fn with_hot(self, hot: Arc<dyn Heeds>) -> Self {
        Self {
            hot: Some(hot),
            ..self
        }
    }

    /// Forgets one thing, so that its next use asks the database.
    pub async fn forget(&self, notice: &Notice) {
        match notice {
            Notice::Token { token, hash } => {
                self.authenticator
                    .forget_token(*token, hash.as_deref())
                    .await;
            }
            Notice::Source { source } => self.source_keys.forget_hashes(source).await,
            Notice::Keys { .. } => self.authenticator.forget_keys().await,
            Notice::Hot { hot: told } => {
                if let Some(hot) = &self.hot {
                    hot.heed(told).await;
                }
            }
        }
    }

    /// Forgets everything. What is last known still holds while the database does not answer.
    pub fn forget_all(&self) {
        self.authenticator.forget_all();
        self.source_keys.forget_all();
        if let Some(hot) = &self.hot {
            hot.forget_all();
        }
    }
}
