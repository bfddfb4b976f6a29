//! The application as the door for touchpoints needs it.

use std::sync::Arc;
use std::time::Duration;

use lazo_domain::clock::Timestamp;
use lazo_entity::source;
use uuid::Uuid;

use super::ingest::Ingest;
use crate::app::{App, budget_kib};
use crate::error::Error;
use crate::touchpoint::decoding::DecodingRules;
use crate::touchpoint::{Answer, Incoming};
use crate::writer::Share;

/// When to come back while keys cannot be checked.
const RETRY_AFTER: Duration = Duration::from_secs(1);

impl Ingest for App {
    type Share = Share;

    async fn source(&self, key: &str) -> Result<Option<Arc<source::Model>>, Error> {
        self.source_keys()
            .find(key)
            .await
            .map_err(|_| Error::Unavailable {
                retry_after: RETRY_AFTER,
            })
    }

    fn memory(&self) -> usize {
        budget_kib(self.config()).saturating_mul(1024)
    }

    fn admit(&self, bytes: usize) -> Result<Share, Error> {
        self.writer().admit(bytes)
    }

    async fn record(&self, items: Vec<Incoming>) -> Result<Vec<Answer>, Error> {
        self.writer().record(items).await
    }

    fn now(&self) -> Timestamp {
        App::now(self)
    }

    fn next_id(&self) -> Uuid {
        self.ids().next(App::now(self))
    }

    fn rules(&self) -> Arc<DecodingRules> {
        App::rules(self)
    }
}
