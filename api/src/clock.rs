//! The one place that asks the machine what time it is.

use lazo_domain::clock::Timestamp;

/// Tells the time to everything that needs it, so that a test can move it.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;

    /// Moves the clock, if it can be moved, to so many milliseconds ahead of the machine's.
    #[cfg(feature = "test-door")]
    fn shift(&self, _offset_ms: i64) {}
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock everything else takes the time from"
    )]
    fn now(&self) -> Timestamp {
        chrono::Utc::now().into()
    }
}

/// The machine's clock, moved by an offset that can be set while the program runs.
#[cfg(feature = "test-door")]
#[derive(Debug, Default)]
pub struct MovableClock {
    offset: std::sync::atomic::AtomicI64,
}

#[cfg(feature = "test-door")]
impl MovableClock {
    /// Sets how far this clock is ahead of the machine's, in milliseconds.
    pub fn set_offset(&self, millis: i64) {
        self.offset
            .store(millis, std::sync::atomic::Ordering::SeqCst);
    }

    /// How far this clock is ahead of the machine's, in milliseconds.
    pub fn offset(&self) -> i64 {
        self.offset.load(std::sync::atomic::Ordering::SeqCst)
    }
}

#[cfg(feature = "test-door")]
impl Clock for MovableClock {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus_millis(self.offset())
    }

    fn shift(&self, offset_ms: i64) {
        self.set_offset(offset_ms);
    }
}

/// The clock of the process: the machine's, and in the program that the tests start one that can be moved.
pub fn usual() -> std::sync::Arc<dyn Clock> {
    #[cfg(feature = "test-door")]
    let clock = MovableClock::default();
    #[cfg(not(feature = "test-door"))]
    let clock = SystemClock;
    std::sync::Arc::new(clock)
}

/// A clock that stands still until a unit test moves it.
#[cfg(test)]
#[derive(Debug)]
pub(crate) struct ManualClock(std::sync::atomic::AtomicI64);

#[cfg(test)]
impl ManualClock {
    pub(crate) fn at(millis: i64) -> std::sync::Arc<Self> {
        std::sync::Arc::new(Self(std::sync::atomic::AtomicI64::new(millis)))
    }

    pub(crate) fn advance(&self, millis: i64) {
        self.0
            .fetch_add(millis, std::sync::atomic::Ordering::SeqCst);
    }
}

#[cfg(test)]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(std::sync::atomic::Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machines_clock_is_after_the_year_2025() {
        assert!(SystemClock.now() > Timestamp(1_735_689_600_000));
    }

    #[cfg(feature = "test-door")]
    #[test]
    fn a_moved_clock_is_ahead_by_its_offset() {
        let clock = MovableClock::default();
        clock.set_offset(86_400_000);
        let ahead = clock.now().0 - SystemClock.now().0;
        assert!((86_390_000..=86_400_000).contains(&ahead));
    }
}
