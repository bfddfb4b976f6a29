//! How many profiles are decided in one transaction: as many as take so long that whoever waits for the writer does not notice.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How long a transaction of them may take: what comes meanwhile waits for it.
const AIM: Duration = Duration::from_millis(40);
/// How long it may take while those whose time it is have waited for long: touchpoints in a crowd take turns with them, and an instant
/// has to be kept.
const AIM_WHEN_LATE: Duration = Duration::from_millis(120);
/// From when on they have waited for long, in milliseconds.
const LATE: i64 = 3_000;

/// How many they are before one was measured.
const FIRST: usize = 200;
/// How many they are however slow the machine is: most of what fewer would cost is the same for many, and they would be late.
const LEAST: usize = 100;
const MOST: usize = 2_000;

/// How many profiles are decided at a time.
#[derive(Debug)]
pub(crate) struct Pace(AtomicUsize);

impl Default for Pace {
    fn default() -> Self {
        Self(AtomicUsize::new(FIRST))
    }
}

impl Pace {
    /// How many are to be decided next.
    pub(crate) fn size(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Notes how long so many took, of whom the first had waited for so many milliseconds. Few that were quick say little, as most of
    /// what they cost is the same for many.
    pub(crate) fn took(&self, profiles: usize, time: Duration, waited: i64) {
        let size = self.size();
        let aim = if waited > LATE { AIM_WHEN_LATE } else { AIM };
        if profiles < size && time < aim {
            return;
        }
        let all = aim.as_micros().saturating_mul(to_u128(profiles));
        let fitting = all / time.as_micros().max(1);
        let fitting = usize::try_from(fitting).unwrap_or(MOST);
        // One that was slow or quick by chance does not change much at once.
        let next = fitting.clamp(size / 2, size.saturating_mul(3) / 2 + 1);
        self.0.store(next.clamp(LEAST, MOST), Ordering::Relaxed);
    }
}

fn to_u128(count: usize) -> u128 {
    u128::try_from(count).unwrap_or(u128::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The size that is settled on where a transaction costs 5 ms and each profile so much.
    fn settled(pace: &Pace, each: Duration, waited: i64) -> usize {
        for _ in 0..50 {
            let size = pace.size();
            let profiles = u32::try_from(size).unwrap();
            let took = Duration::from_millis(5) + each * profiles;
            pace.took(size, took, waited);
        }
        pace.size()
    }

    #[test]
    fn as_many_are_decided_as_take_forty_milliseconds() {
        let pace = Pace::default();
        let quick = settled(&pace, Duration::from_micros(100), 0);
        assert!((330..=360).contains(&quick), "{quick}");
        let slow = settled(&pace, Duration::from_micros(200), LATE);
        assert!((165..=180).contains(&slow), "{slow}");
        assert_eq!(settled(&pace, Duration::from_millis(200), 0), LEAST);
        assert_eq!(settled(&pace, Duration::from_micros(1), 0), MOST);
    }

    #[test]
    fn more_are_decided_at_a_time_while_they_are_late() {
        let pace = Pace::default();
        let late = settled(&pace, Duration::from_micros(100), LATE + 1);
        assert!((1_100..=1_180).contains(&late), "{late}");
        let again = settled(&pace, Duration::from_micros(100), 0);
        assert!((330..=360).contains(&again), "{again}");
    }

    #[test]
    fn few_that_are_quick_say_nothing_and_few_that_are_slow_do() {
        let pace = Pace::default();
        pace.took(1, Duration::from_millis(5), 0);
        assert_eq!(pace.size(), FIRST);
        pace.took(50, Duration::from_millis(80), 0);
        assert_eq!(pace.size(), FIRST.div_ceil(2));
    }
}
