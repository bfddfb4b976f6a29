//! What a process remembers of checked credentials.

use std::sync::Arc;

use sea_orm::DatabaseConnection;

use super::Notice;
use crate::auth::service::Authenticator;
use crate::auth::source_keys::SourceKeys;

/// What a process remembers of checked credentials; cheap to clone.
#[derive(Clone)]
pub struct Memory {
    authenticator: Arc<Authenticator<DatabaseConnection>>,
    source_keys: Arc<SourceKeys<DatabaseConnection>>,
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
        }
    }

    /// Forgets everything. What is last known still holds while the database does not answer.
    pub fn forget_all(&self) {
        self.authenticator.forget_all();
        self.source_keys.forget_all();
    }
}
