//! Latencies in buckets of less than one per cent, at a cost of nanoseconds.

use std::time::Duration;

/// Buckets for each doubling of the value.
const STEPS: u64 = 128;
/// Doublings that are kept apart: nanoseconds up to many hours.
const DOUBLINGS: usize = 44;

/// How often which latency was seen.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            counts: vec![0; bucket(1 << DOUBLINGS) + 1],
            total: 0,
        }
    }
}

impl Histogram {
    /// Counts a latency.
    pub fn record(&mut self, latency: Duration) {
        let nanoseconds = u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX);
        let last = self.counts.len() - 1;
        self.counts[bucket(nanoseconds).min(last)] += 1;
        self.total += 1;
    }

    /// Adds what another has counted.
    pub fn join(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.total += other.total;
    }

    /// How many latencies were counted.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The latency that this many of a thousand did not exceed.
    pub fn per_mille(&self, part: u64) -> Duration {
        let wanted = (self.total * part).div_ceil(1000).max(1);
        let mut seen = 0;
        let found = self.counts.iter().position(|count| {
            seen += count;
            seen >= wanted
        });
        Duration::from_nanos(found.map_or(0, lower_bound))
    }
}

fn bucket(value: u64) -> usize {
    let place = match u64::BITS - (value / STEPS).leading_zeros() {
        0 => value,
        doublings => u64::from(doublings - 1) * STEPS + (value >> (doublings - 1)),
    };
    usize::try_from(place).unwrap_or(usize::MAX)
}

fn lower_bound(bucket: usize) -> u64 {
    let place = u64::try_from(bucket).unwrap_or(u64::MAX);
    match place / STEPS {
        0 => place,
        doublings => (STEPS + place % STEPS) << (doublings - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_falls_into_a_bucket_of_less_than_one_per_cent() {
        let mut before = 0;
        for value in (0..5_000).chain((4..14).map(|digits| 10_u64.pow(digits))) {
            let place = bucket(value);
            let lower = lower_bound(place);
            assert!(place >= before && lower <= value && value - lower <= value / 127);
            before = place;
        }
    }

    #[test]
    fn the_median_and_the_tail_are_told_apart() {
        let mut latencies = Histogram::default();
        for milliseconds in 1..=100 {
            latencies.record(Duration::from_millis(milliseconds));
        }
        let near = |found: Duration, wanted: u64| {
            let found = u64::try_from(found.as_micros()).unwrap();
            found <= wanted * 1000 && found >= wanted * 990
        };
        assert!(near(latencies.per_mille(500), 50));
        assert!(near(latencies.per_mille(990), 99));
    }
}
