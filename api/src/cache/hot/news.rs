//! What a process learns of commits, told on to whoever listens.

use std::sync::Arc;

use lazo_domain::id::ProfileId;
use tokio::sync::broadcast;

/// How many pieces of news wait for a listener; who falls further behind has missed some.
const KEPT: usize = 256;

/// What was learnt of commits.
#[derive(Clone, Debug)]
pub enum News {
    /// A commit is in force, and these profiles stand for something else than before.
    Changed(Arc<[ProfileId]>),
    /// Commits may have gone by unheard.
    Missed,
}

/// Where news is told.
#[derive(Debug)]
pub(super) struct Teller(broadcast::Sender<News>);

impl Default for Teller {
    fn default() -> Self {
        Self(broadcast::Sender::new(KEPT))
    }
}

impl Teller {
    pub(super) fn listen(&self) -> broadcast::Receiver<News> {
        self.0.subscribe()
    }

    pub(super) fn changed(&self, profiles: &[(ProfileId, i64)]) {
        if self.0.receiver_count() > 0 {
            let profiles = profiles.iter().map(|(profile, _)| *profile).collect();
            self.tell(News::Changed(profiles));
        }
    }

    pub(super) fn missed(&self) {
        self.tell(News::Missed);
    }

    fn tell(&self, news: News) {
        // That nobody listens is no error.
        let _ = self.0.send(news);
    }
}
