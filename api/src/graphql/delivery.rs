//! What a stream of events and the door that sends them tell each other.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

/// The delivery of one stream; cheap to clone. It stands in the data of the request.
#[derive(Clone, Debug, Default)]
pub struct Delivery(Arc<Parts>);

#[derive(Debug, Default)]
struct Parts {
    /// The cursor that the client had taken last when its connection broke.
    resumed: Option<String>,
    at: watch::Sender<At>,
}

#[derive(Clone, Debug, Default)]
struct At {
    /// After what the stream begins.
    began: Option<String>,
    /// The place of the event under way; none before the first.
    cursor: Option<String>,
    /// Since when the event under way is resolved; none while the next one is waited for.
    resolving: Option<Instant>,
}

impl Delivery {
    /// A delivery to a client that goes on after a cursor, or starts afresh.
    pub fn resuming(after: Option<String>) -> Self {
        Self(Arc::new(Parts {
            resumed: after,
            at: watch::Sender::default(),
        }))
    }

    /// After what the stream begins. What the client has taken since it first asked counts more than what it asked for then.
    pub fn after(&self, asked: Option<String>) -> Option<String> {
        self.0.resumed.clone().or(asked)
    }

    /// The stream begins after this place.
    pub fn begins(&self, cursor: String) {
        self.0.at.send_modify(|at| at.began = Some(cursor));
    }

    /// The event of this place is under way.
    pub fn brings(&self, cursor: String) {
        self.0.at.send_modify(|at| {
            at.cursor = Some(cursor);
            at.resolving = Some(Instant::now());
        });
    }

    /// The event under way is resolved.
    pub fn brought(&self) {
        self.0.at.send_modify(|at| at.resolving = None);
    }

    /// Waits until the stream begins.
    pub async fn begun(&self) {
        let mut at = self.0.at.subscribe();
        // The sender is there as long as this is.
        let _ = at.wait_for(|at| at.began.is_some()).await;
    }

    /// After what the stream begins; none before it is settled.
    pub fn began(&self) -> Option<String> {
        self.0.at.borrow().began.clone()
    }

    /// The place of the event under way; none before the first.
    pub fn cursor(&self) -> Option<String> {
        self.0.at.borrow().cursor.clone()
    }

    /// For how long the event under way has been resolved.
    pub fn resolving(&self) -> Option<Duration> {
        self.0.at.borrow().resolving.map(|since| since.elapsed())
    }
}
