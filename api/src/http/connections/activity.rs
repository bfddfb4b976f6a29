//! What a connection is at, and for how long it may be.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::Version;
use tokio::time::sleep;

/// How often a connection is looked at.
const LOOK: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Debug)]
enum State {
    /// It waits for the head of a request, of which some may have arrived.
    Head(Instant),
    /// So many requests are under way.
    Busy(usize),
    /// It waits for another request.
    Idle(Instant),
}

/// What a connection is at.
#[derive(Debug)]
pub(super) struct Activity {
    head: Duration,
    idle: Duration,
    state: Mutex<(State, Version)>,
}

impl Activity {
    /// That of a new connection: how long a head may take, and how long it may be idle between requests.
    pub(super) fn new(head: Duration, idle: Duration) -> Arc<Self> {
        Arc::new(Self {
            head,
            idle,
            state: Mutex::new((State::Head(Instant::now()), Version::HTTP_11)),
        })
    }

    fn with<T>(&self, change: impl FnOnce(&mut (State, Version)) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Bytes have arrived. On an idle connection they begin a request's head; those of HTTP/2 may be of anything.
    pub(super) fn received(&self) {
        self.with(|(state, version)| {
            if matches!(state, State::Idle(_)) && *version < Version::HTTP_2 {
                *state = State::Head(Instant::now());
            }
        });
    }

    /// A request has arrived. It is under way until what is handed back is dropped.
    pub(super) fn busy(self: &Arc<Self>, request: Version) -> Busy {
        self.with(|(state, version)| {
            *version = request;
            *state = match *state {
                State::Busy(requests) => State::Busy(requests + 1),
                State::Head(_) | State::Idle(_) => State::Busy(1),
            };
        });
        Busy(Arc::clone(self))
    }

    /// Waits until the connection has waited for too long.
    pub(super) async fn overdue(&self) {
        loop {
            let left = self.with(|(state, _)| match *state {
                State::Head(since) => self.head.saturating_sub(since.elapsed()),
                State::Idle(since) => self.idle.saturating_sub(since.elapsed()),
                State::Busy(_) => LOOK,
            });
            if left.is_zero() {
                return;
            }
            sleep(left.min(LOOK)).await;
        }
    }
}

/// A request that is under way.
#[derive(Debug)]
pub(super) struct Busy(Arc<Activity>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.with(|(state, _)| {
            *state = match *state {
                State::Busy(requests) if requests > 1 => State::Busy(requests - 1),
                _ => State::Idle(Instant::now()),
            };
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: Duration = Duration::from_millis(40);
    const IDLE: Duration = Duration::from_millis(400);

    async fn closes_after(activity: &Activity) -> Duration {
        let began = Instant::now();
        activity.overdue().await;
        began.elapsed()
    }

    #[tokio::test]
    async fn a_head_has_its_time_and_an_idle_connection_a_longer_one() {
        let activity = Activity::new(HEAD, IDLE);
        activity.received();
        assert!((HEAD..IDLE).contains(&closes_after(&activity).await));
        drop(activity.busy(Version::HTTP_11));
        assert!(closes_after(&activity).await >= IDLE);
        drop(activity.busy(Version::HTTP_11));
        activity.received();
        assert!((HEAD..IDLE).contains(&closes_after(&activity).await));
    }

    #[tokio::test]
    async fn a_connection_with_a_request_under_way_stays() {
        let activity = Activity::new(HEAD, IDLE);
        let one = activity.busy(Version::HTTP_2);
        drop(activity.busy(Version::HTTP_2));
        let waited = tokio::time::timeout(IDLE * 2, activity.overdue()).await;
        assert!(waited.is_err());
        drop(one);
        activity.received();
        assert!(closes_after(&activity).await >= IDLE);
    }
}
