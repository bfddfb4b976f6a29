//! Makes ids: `UUIDv7` (RFC 9562, section 5.7) from our clock, in rising order within the process.

use std::sync::{Mutex, PoisonError};

use lazo_domain::clock::Timestamp;
use uuid::Uuid;

/// The 74 bits of a `UUIDv7` that are neither time, version nor variant.
const TAIL_MASK: u128 = (1 << 74) - 1;
/// The low part of the tail, after the variant.
const LOW_MASK: u128 = (1 << 62) - 1;
/// The largest time a `UUIDv7` holds, in milliseconds.
const MILLIS_MASK: u128 = (1 << 48) - 1;

/// The source of all ids.
///
/// Each id is greater than the one before, even where the clock stands still or runs back: within a millisecond the random
/// part rises by a random step (RFC 9562, section 6.2, method 2), so that ids stay unguessable and index pages fill in order.
#[derive(Debug, Default)]
pub struct IdSource {
    /// Time and tail of the last id, as one number: that number only rises.
    last: Mutex<u128>,
}

impl IdSource {
    /// A new source.
    pub fn new() -> Self {
        Self::default()
    }

    /// A new id of the kind asked for.
    pub fn next<T: From<Uuid>>(&self, now: Timestamp) -> T {
        let millis = u128::try_from(now.0).unwrap_or(0).min(MILLIS_MASK);
        let random = random_bits();
        let drawn = (millis << 74) | (random & TAIL_MASK);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let next = if drawn >> 74 > *last >> 74 {
            drawn
        } else {
            // A step of at most 2^32: a millisecond has room for 2^42 of them before the time itself is carried into.
            *last + 1 + (random & u128::from(u32::MAX))
        };
        *last = next;
        drop(last);
        T::from(shape(next))
    }
}

/// Puts version and variant between the bits of time and tail.
fn shape(bits: u128) -> Uuid {
    let millis = bits >> 74;
    let tail = bits & TAIL_MASK;
    Uuid::from_u128(
        (millis << 80) | (7 << 76) | ((tail >> 62) << 64) | (0b10 << 62) | (tail & LOW_MASK),
    )
}

/// 128 random bits. The library's generator does not fail once the process has started; were it to, the ids would still rise.
fn random_bits() -> u128 {
    let mut bytes = [0; 16];
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    u128::from_be_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_123);

    fn ids(source: &IdSource, times: impl IntoIterator<Item = i64>) -> Vec<Uuid> {
        times
            .into_iter()
            .map(|millis| source.next(Timestamp(millis)))
            .collect()
    }

    #[test]
    fn an_id_carries_our_time_and_is_a_version_7() {
        let id: Uuid = IdSource::new().next(NOW);
        assert_eq!(id.get_version_num(), 7);
        assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
        assert_eq!(id.as_u128() >> 80, 1_800_000_000_123);
    }

    #[test]
    fn ids_rise_while_the_clock_stands_still_or_runs_back() {
        let source = IdSource::new();
        let made = ids(&source, (0..2_000).map(|step| NOW.0 - step / 100));
        assert!(made.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn two_sources_do_not_make_the_same_ids() {
        let (one, other): (Uuid, Uuid) = (IdSource::new().next(NOW), IdSource::new().next(NOW));
        assert_ne!(one, other);
    }

    #[test]
    fn times_outside_the_range_still_give_an_id() {
        let made = ids(&IdSource::new(), [i64::MIN, -1, 0, i64::MAX]);
        assert!(made.is_sorted_by(|a, b| a < b));
    }
}
