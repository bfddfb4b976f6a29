//! Leaves a server alone that does not answer.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// After so many failures in a row it is left alone.
const FAILURES: u32 = 5;
/// For so long; then one attempt is made.
const REST: Duration = Duration::from_secs(10);

/// A circuit breaker.
#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    rests_until: Option<Instant>,
}

impl Breaker {
    /// Whether an attempt may be made now. After a rest one caller is told so, and the others rest on until it succeeded.
    pub(super) fn allows(&self, now: Instant) -> bool {
        let mut state = self.state();
        match state.rests_until {
            Some(until) if now < until => false,
            Some(_) => {
                // An attempt that is given up half-way says nothing, and another one follows after as long a rest.
                state.rests_until = Some(now + REST);
                true
            }
            None => true,
        }
    }

    /// An attempt succeeded.
    pub(super) fn succeeded(&self) {
        *self.state() = State::default();
    }

    /// An attempt failed. Says whether it is now that the server begins to be left alone.
    pub(super) fn failed(&self, now: Instant) -> bool {
        let mut state = self.state();
        state.failures = state.failures.saturating_add(1);
        if state.failures < FAILURES {
            return false;
        }
        let rested = state.rests_until.is_some();
        state.rests_until = Some(now + REST);
        !rested
    }

    /// What is behind the lock is whole at every instant, so a panic elsewhere does not spoil it.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_five_failures_in_a_row_nothing_is_tried_for_ten_seconds() {
        let (breaker, mut now) = (Breaker::default(), Instant::now());
        for _ in 0..4 {
            assert!(breaker.allows(now) && !breaker.failed(now));
        }
        breaker.succeeded();
        for failure in 1..=5 {
            assert!(breaker.allows(now));
            assert_eq!(breaker.failed(now), failure == 5);
        }
        now += Duration::from_millis(9_999);
        assert!(!breaker.allows(now));
    }

    #[test]
    fn after_the_rest_one_attempt_decides() {
        let (breaker, mut now) = (Breaker::default(), Instant::now());
        for _ in 0..5 {
            breaker.failed(now);
        }
        now += REST;
        assert!(
            breaker.allows(now) && !breaker.allows(now),
            "one attempt alone"
        );
        assert!(!breaker.failed(now), "it was left alone already");
        assert!(!breaker.allows(now));

        now += REST;
        assert!(breaker.allows(now));
        breaker.succeeded();
        assert!(breaker.allows(now) && breaker.allows(now));
    }

    #[test]
    fn an_attempt_that_is_given_up_does_not_leave_the_server_alone_for_ever() {
        let (breaker, mut now) = (Breaker::default(), Instant::now());
        for _ in 0..5 {
            breaker.failed(now);
        }
        now += REST;
        assert!(breaker.allows(now));
        now += REST;
        assert!(breaker.allows(now));
    }
}
