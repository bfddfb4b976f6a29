//! What was heard of commits since those who wait were woken last.

use std::collections::HashSet;

use lazo_domain::id::ProfileId;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use crate::cache::hot::News;

/// What was heard.
#[derive(Debug, Default)]
pub(super) struct Heard {
    changed: HashSet<ProfileId>,
    missed: bool,
}

impl Heard {
    /// Waits for news and takes all there are; none once no more can come.
    pub(super) async fn from(news: &mut Receiver<News>) -> Option<Self> {
        let mut heard = Self::default();
        match news.recv().await {
            Ok(news) => heard.add(&news),
            Err(RecvError::Lagged(_)) => heard.missed = true,
            Err(RecvError::Closed) => return None,
        }
        loop {
            match news.try_recv() {
                Ok(news) => heard.add(&news),
                Err(TryRecvError::Lagged(_)) => heard.missed = true,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return Some(heard),
            }
        }
    }

    pub(super) fn add(&mut self, news: &News) {
        match news {
            News::Changed(profiles) => self.changed.extend(profiles.iter()),
            News::Missed => self.missed = true,
        }
    }

    /// Whether there may be more than was heard.
    pub(super) fn is_missing(&self) -> bool {
        self.missed
    }

    /// Whether a profile changed, as far as was heard.
    pub(super) fn has(&self, profile: ProfileId) -> bool {
        self.changed.contains(&profile)
    }

    /// More was to be heard than could be looked at.
    pub(super) fn missed() -> Self {
        Self {
            missed: true,
            ..Self::default()
        }
    }
}
