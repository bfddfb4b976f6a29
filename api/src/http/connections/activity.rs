//! What a connection is at, and for how long it may be.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::Version;
use tokio::time::sleep;

/// How often a connection is looked at.
const LOOK: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Debug)]
enum Phase {
    /// It waits for the head of a request, of which some may have arrived.
    Head(Instant),
    /// So many requests are under way.
    Busy(usize),
    /// It waits for another request.
    Idle(Instant),
}

#[derive(Debug)]
struct State {
    phase: Phase,
    version: Version,
    /// Since when each answer that is on its way has not moved.
    answers: HashMap<u64, Instant>,
    requests: u64,
}

/// What a connection is at.
#[derive(Debug)]
pub(super) struct Activity {
    head: Duration,
    idle: Duration,
    state: Mutex<State>,
}

impl Activity {
    /// That of a new connection: how long a head may take, and how long it may be idle between requests.
    pub(super) fn new(head: Duration, idle: Duration) -> Arc<Self> {
        Arc::new(Self {
            head,
            idle,
            state: Mutex::new(State {
                phase: Phase::Head(Instant::now()),
                version: Version::HTTP_11,
                answers: HashMap::new(),
                requests: 0,
            }),
        })
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Bytes have arrived. On an idle connection they begin a request's head; those of HTTP/2 may be of anything.
    pub(super) fn received(&self) {
        self.with(|state| {
            if matches!(state.phase, Phase::Idle(_)) && state.version < Version::HTTP_2 {
                state.phase = Phase::Head(Instant::now());
            }
        });
    }

    /// A request has arrived. It is under way until what is handed back is dropped.
    pub(super) fn busy(self: &Arc<Self>, request: Version) -> Busy {
        let number = self.with(|state| {
            state.version = request;
            state.phase = match state.phase {
                Phase::Busy(requests) => Phase::Busy(requests + 1),
                Phase::Head(_) | Phase::Idle(_) => Phase::Busy(1),
            };
            state.requests = state.requests.wrapping_add(1);
            state.requests
        });
        Busy {
            activity: Arc::clone(self),
            number,
        }
    }

    /// Waits until the connection has waited for too long: for a request, or for the other end to take of each answer within `stall`.
    ///
    /// Each answer counts for itself: that other requests come and go, or that the other end shows that it is there, moves none.
    pub(super) async fn overdue(&self, stall: Duration) {
        loop {
            let left = self.with(|state| match state.phase {
                Phase::Head(since) => self.head.saturating_sub(since.elapsed()),
                Phase::Idle(since) => self.idle.saturating_sub(since.elapsed()),
                Phase::Busy(_) => {
                    let oldest = state.answers.values().min();
                    oldest.map_or(LOOK, |since| stall.saturating_sub(since.elapsed()))
                }
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
pub(super) struct Busy {
    activity: Arc<Activity>,
    number: u64,
}

impl Busy {
    /// The answer is there, or more of it is asked for since what there was has gone out.
    pub(super) fn moved(&self) {
        self.activity.with(|state| {
            state.answers.insert(self.number, Instant::now());
        });
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.activity.with(|state| {
            state.answers.remove(&self.number);
            state.phase = match state.phase {
                Phase::Busy(requests) if requests > 1 => Phase::Busy(requests - 1),
                _ => Phase::Idle(Instant::now()),
            };
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: Duration = Duration::from_millis(40);
    const IDLE: Duration = Duration::from_millis(400);
    const STALL: Duration = Duration::from_millis(200);

    async fn closes_after(activity: &Activity) -> Duration {
        let began = Instant::now();
        activity.overdue(STALL).await;
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
        let waited = tokio::time::timeout(IDLE * 2, activity.overdue(STALL)).await;
        assert!(waited.is_err());
        drop(one);
        activity.received();
        assert!(closes_after(&activity).await >= IDLE);
    }

    #[tokio::test]
    async fn an_answer_that_nobody_takes_is_overdue_whatever_else_goes_on() {
        let activity = Activity::new(HEAD, IDLE);
        let answered = activity.busy(Version::HTTP_2);
        answered.moved();
        let others = async {
            loop {
                activity.received();
                activity.busy(Version::HTTP_2).moved();
                sleep(HEAD).await;
            }
        };
        tokio::select! {
            () = others => {}
            took = closes_after(&activity) => assert!((STALL..IDLE).contains(&took), "{took:?}"),
        }
    }

    #[tokio::test]
    async fn an_answer_that_moves_slowly_is_not_overdue() {
        let activity = Activity::new(HEAD, IDLE);
        let answered = activity.busy(Version::HTTP_2);
        let moves = async {
            for _ in 0..20 {
                answered.moved();
                sleep(STALL / 4).await;
            }
        };
        tokio::select! {
            () = moves => {}
            () = activity.overdue(STALL) => panic!("it is closed"),
        }
    }
}
