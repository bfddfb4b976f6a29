//! The application as the door for touchpoints needs it.

use std::sync::Arc;
use std::time::Duration;

use axum::http::request::Parts;
use lazo_domain::clock::Timestamp;
use lazo_entity::source;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::RateLimits;
use super::ingest::Ingest;
use super::limits::Stranger;
use crate::app::App;
use crate::error::{ApiError, Error};
use crate::touchpoint::decoding::DecodingRules;
use crate::touchpoint::{Answer, Incoming};
use crate::writer::{Holder, Place, Share};

/// When to come back while keys cannot be checked.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// How long a key that may be a guess waits for its turn to be looked up.
const TURN: Duration = Duration::from_secs(1);

const UNAVAILABLE: Error = Error::Unavailable {
    retry_after: RETRY_AFTER,
};

/// The application, and the limits of those who send to it.
#[derive(Clone)]
pub(super) struct Receiving {
    app: App,
    rates: RateLimits,
    /// Held by the one key that is looked up for an address that has guessed too often.
    turn: Arc<Semaphore>,
}

impl Receiving {
    pub(super) fn new(app: &App, rates: &RateLimits) -> Self {
        Self {
            app: app.clone(),
            rates: rates.clone(),
            turn: Arc::new(Semaphore::new(1)),
        }
    }
}

impl Ingest for Receiving {
    type Share = Share;
    type Place = Place;

    async fn source(&self, key: &str, head: &Parts) -> Result<Option<Arc<source::Model>>, Error> {
        let keys = self.app.source_keys();
        // A right key passes from wherever it comes, and so each is looked up; those of who guesses one after the other.
        let guessed = self.rates.is_guessing(&head.extensions, &head.headers);
        let _turn = if guessed && !keys.remembers(key) {
            let turn = tokio::time::timeout(TURN, self.turn.acquire()).await;
            Some(turn.map_err(|_| UNAVAILABLE)?)
        } else {
            None
        };
        keys.find(key).await.map_err(|_| UNAVAILABLE)
    }

    fn limit(&self, head: &Parts, stranger: Stranger) -> Result<(), ApiError> {
        self.rates.admit(&head.extensions, &head.headers, stranger)
    }

    fn holder(&self, head: &Parts, source: Option<&source::Model>) -> Holder {
        match source {
            Some(source) if source.trusted => Holder::Trusted,
            _ => Holder::Stranger(self.rates.address(&head.extensions, &head.headers)),
        }
    }

    fn memory(&self, holder: Holder) -> usize {
        self.app.writer().most_memory(holder)
    }

    fn admit(&self, bytes: usize, holder: Holder) -> Result<Share, Error> {
        self.app.writer().admit(bytes, holder)
    }

    fn enter(&self) -> Result<Place, Error> {
        self.app.writer().enter()
    }

    async fn record(&self, place: Place, items: Vec<Incoming>) -> Result<Vec<Answer>, Error> {
        self.app.writer().record_at(place, items).await
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

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use axum::extract::ConnectInfo;
    use axum::http::Request;

    use super::*;
    use crate::auth::opaque::{OpaqueKind, OpaqueToken};
    use crate::testing::TestApp;

    fn key() -> OpaqueToken {
        OpaqueToken::generate(OpaqueKind::Source).unwrap()
    }

    fn head() -> Parts {
        let peer = SocketAddr::from(([192, 0, 2, 1], 4711));
        let mut request = Request::new(());
        request.extensions_mut().insert(ConnectInfo(peer));
        request.into_parts().0
    }

    #[tokio::test]
    async fn keys_of_who_guesses_are_looked_up_one_after_the_other_and_a_right_one_passes() {
        let app = TestApp::start().await;
        let (right, wrong) = (key(), key());
        let source = app.source("right", true).await;
        let hash = right.hash(app.app.secret());
        let change = format!(
            "UPDATE source SET key_hash = '{hash}' WHERE name = '{}'",
            source.name
        );
        app.execute(&change).await.unwrap();
        let (right, wrong) = (right.expose().to_owned(), wrong.expose().to_owned());
        let rates = RateLimits::new(app.app.config(), app.app.meters());
        let receiving = Receiving::new(&app.app, &rates);
        let turn = Arc::clone(&receiving.turn);
        let head = head();

        let held = turn.acquire().await.unwrap();
        assert!(
            receiving.source(&wrong, &head).await.unwrap().is_none(),
            "nobody has guessed"
        );
        for key in [&wrong, &right] {
            while receiving.limit(&head, Stranger::Wrong).is_ok() {}
            let waited = receiving.source(key, &head).await;
            assert!(matches!(waited, Err(Error::Unavailable { .. })));
        }
        drop(held);
        while receiving.limit(&head, Stranger::Wrong).is_ok() {}
        assert!(receiving.source(&right, &head).await.unwrap().is_some());
        let _held = turn.acquire().await.unwrap();
        assert!(
            receiving.source(&right, &head).await.unwrap().is_some(),
            "it is known now"
        );
    }
}
