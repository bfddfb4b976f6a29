//! How long touchpoints would wait for their transaction, and who is told to come back instead of waiting.
//!
//! A queue that is bounded by requests alone makes requests of many touchpoints wait for as long as there are connections to send
//! them. So what waits is counted in touchpoints and compared with how fast the writer has been storing them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What a touchpoint is taken to cost before one was stored, in nanoseconds.
const FIRST_GUESS: u64 = 200_000;

/// How much a new measurement counts against all that were before it.
const WEIGHT: u64 = 4;

/// The touchpoints of a request before one has come.
const FIRST_REQUEST: u64 = 1;

/// The touchpoints that wait, and the writer's pace.
#[derive(Debug)]
pub(super) struct Line {
    /// Touchpoints that were let in and not yet answered.
    waiting: AtomicU64,
    /// What a touchpoint costs, in nanoseconds.
    pace: AtomicU64,
    /// How many touchpoints requests had of late.
    usual: AtomicU64,
    longest: Duration,
}

/// A place in the line; given back when dropped.
#[derive(Debug)]
pub struct Place {
    line: Arc<Line>,
    touchpoints: u64,
}

impl Line {
    /// Nobody waits yet, and nobody shall wait longer than this.
    pub(super) fn new(longest: Duration) -> Arc<Self> {
        Arc::new(Self {
            waiting: AtomicU64::new(0),
            pace: AtomicU64::new(FIRST_GUESS),
            usual: AtomicU64::new(FIRST_REQUEST),
            longest,
        })
    }

    /// How long whoever comes now would wait for those before them.
    pub(super) fn wait(&self) -> Duration {
        let waiting = self.waiting.load(Ordering::Relaxed);
        Duration::from_nanos(waiting.saturating_mul(self.pace.load(Ordering::Relaxed)))
    }

    /// Whether whoever comes now would wait for too long.
    pub(super) fn is_long(&self) -> bool {
        self.wait() > self.longest
    }

    /// A place for a request that is still to be read; none where the wait would be too long. It counts as a usual one until
    /// [`Place::holds`] says how many touchpoints it has. How many they are does not matter, so that the largest request there may be
    /// gets a place, too.
    pub(super) fn join(self: &Arc<Self>) -> Option<Place> {
        if self.is_long() {
            return None;
        }
        let touchpoints = self.usual.load(Ordering::Relaxed);
        self.waiting.fetch_add(touchpoints, Ordering::Relaxed);
        Some(Place {
            line: Arc::clone(self),
            touchpoints,
        })
    }

    /// Notes how long a transaction of so many touchpoints took. `full` says that no more would have gone into it.
    ///
    /// A small transaction says little about how fast a long line moves, as most of its cost is the same for one touchpoint and for
    /// a hundred. So it counts only if it was faster than what was thought.
    pub(super) fn moved(&self, touchpoints: usize, took: Duration, full: bool) {
        let took = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        let each = took / count(touchpoints).max(1);
        // One task alone moves the line.
        let pace = self.pace.load(Ordering::Relaxed);
        if full || each < pace {
            let pace = (pace / WEIGHT).saturating_mul(WEIGHT - 1) + each / WEIGHT;
            self.pace.store(pace.max(1), Ordering::Relaxed);
        }
    }
}

impl Place {
    /// Says how many touchpoints it is for.
    pub(super) fn holds(&mut self, touchpoints: usize) {
        let touchpoints = count(touchpoints);
        let waiting = &self.line.waiting;
        waiting.fetch_add(touchpoints, Ordering::Relaxed);
        waiting.fetch_sub(self.touchpoints, Ordering::Relaxed);
        self.touchpoints = touchpoints;
        let usual = self.line.usual.load(Ordering::Relaxed);
        let usual = (usual.saturating_mul(WEIGHT - 1) + touchpoints) / WEIGHT;
        self.line.usual.store(usual.max(1), Ordering::Relaxed);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.line
            .waiting
            .fetch_sub(self.touchpoints, Ordering::Relaxed);
    }
}

fn count(touchpoints: usize) -> u64 {
    u64::try_from(touchpoints).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// A line whose writer stores a thousand touchpoints in this time.
    fn line(thousand: Duration) -> Arc<Line> {
        let line = Line::new(SECOND);
        for _ in 0..50 {
            line.moved(1_000, thousand, true);
        }
        line
    }

    fn joined(line: &Arc<Line>, touchpoints: usize) -> Option<Place> {
        let mut place = line.join()?;
        place.holds(touchpoints);
        Some(place)
    }

    #[test]
    fn requests_that_are_being_read_count_as_usual_ones() {
        let line = line(Duration::from_millis(100));
        for _ in 0..20 {
            drop(joined(&line, 50));
        }
        let places: Vec<_> = (0..1_000).map_while(|_| line.join()).collect();
        assert!((190..=220).contains(&places.len()), "{}", places.len());
    }

    #[test]
    fn a_line_lets_in_what_it_can_move_in_time() {
        let line = line(Duration::from_millis(100));
        let places: Vec<_> = (0..1_000).map_while(|_| joined(&line, 50)).collect();
        let touchpoints = places.len() * 50;
        assert!((9_500..=11_000).contains(&touchpoints), "{touchpoints}");
        drop(places);
        assert_eq!(line.wait(), Duration::ZERO);
        assert!(line.join().is_some());
    }

    #[test]
    fn the_largest_request_gets_a_place_where_nobody_waits() {
        let line = line(Duration::from_secs(5));
        let place = joined(&line, 10_000);
        assert!(place.is_some());
        assert!(line.join().is_none());
    }

    #[test]
    fn small_transactions_do_not_make_the_line_look_slow() {
        let line = line(Duration::from_millis(100));
        for _ in 0..1_000 {
            line.moved(1, Duration::from_millis(8), false);
        }
        let _place = joined(&line, 2_000);
        assert!(!line.is_long());
    }

    #[test]
    fn a_slow_database_shortens_the_line_and_a_fast_one_lengthens_it() {
        let slow = line(Duration::from_secs(10));
        let _place = joined(&slow, 200);
        assert!(slow.is_long());
        for _ in 0..50 {
            slow.moved(1_000, Duration::from_millis(50), true);
        }
        assert!(!slow.is_long());
    }
}
