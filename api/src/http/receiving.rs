//! The application as the door for touchpoints needs it.

use std::sync::Arc;
use std::time::Duration;

use axum::http::request::Parts;
use lazo_domain::clock::Timestamp;
use lazo_entity::source;
use uuid::Uuid;

use super::RateLimits;
use super::ingest::Ingest;
use super::limits::Stranger;
use crate::app::{App, budget_kib};
use crate::error::{ApiError, Error};
use crate::touchpoint::decoding::DecodingRules;
use crate::touchpoint::{Answer, Incoming};
use crate::writer::Share;

/// When to come back while keys cannot be checked.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The application, and the limits of those who send to it.
#[derive(Clone)]
pub(super) struct Receiving {
    app: App,
    rates: RateLimits,
}

impl Receiving {
    pub(super) fn new(app: &App, rates: &RateLimits) -> Self {
        Self {
            app: app.clone(),
            rates: rates.clone(),
        }
    }
}

impl Ingest for Receiving {
    type Share = Share;

    async fn source(&self, key: &str) -> Result<Option<Arc<source::Model>>, Error> {
        self.app
            .source_keys()
            .find(key)
            .await
            .map_err(|_| Error::Unavailable {
                retry_after: RETRY_AFTER,
            })
    }

    fn limit(&self, head: &Parts, stranger: Stranger) -> Result<(), ApiError> {
        self.rates.admit(&head.extensions, &head.headers, stranger)
    }

    fn memory(&self) -> usize {
        budget_kib(self.app.config()).saturating_mul(1024)
    }

    fn admit(&self, bytes: usize) -> Result<Share, Error> {
        self.app.writer().admit(bytes)
    }

    async fn record(&self, items: Vec<Incoming>) -> Result<Vec<Answer>, Error> {
        self.app.writer().record(items).await
    }

    fn now(&self) -> Timestamp {
        self.app.now()
    }

    fn next_id(&self) -> Uuid {
        self.app.ids().next(self.app.now())
    }

    fn rules(&self) -> Arc<DecodingRules> {
        self.app.rules()
    }
}
