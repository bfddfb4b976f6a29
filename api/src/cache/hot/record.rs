//! What stands under a key in Redis: a head of fixed length, and with it a value, a tombstone or a lease.

use std::sync::atomic::{AtomicU64, Ordering};

/// The length of a head: version, kind, cache epoch, mark.
pub(super) const HEAD: usize = 8 + 1 + 8 + 16;

/// A head as it stands in Redis. No two writes ever have the same, so whoever finds it unchanged knows that nothing happened
/// to its key meanwhile, not even that it was lost and written again.
pub(super) type Head = [u8; HEAD];

/// What follows, or stands for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A reader found nothing and is loading the value.
    Lease,
    /// The value is at least of this version, and to be loaded.
    Tombstone,
    /// A value.
    Value,
}

/// A head, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Meaning {
    /// The version; the least there is for a lease.
    pub(super) version: i64,
    /// What follows.
    pub(super) kind: Kind,
    /// The cache epoch in which a value was read.
    pub(super) epoch: i64,
}

/// Tells apart the heads that one process writes from each other, and from those of all others.
pub(super) struct Marks {
    process: [u8; 8],
    next: AtomicU64,
}

impl Marks {
    /// The marks of this process; none where the machine has no random numbers.
    pub(super) fn new() -> Option<Self> {
        let mut process = [0; 8];
        aws_lc_rs::rand::fill(&mut process).ok()?;
        Some(Self {
            process,
            next: AtomicU64::new(0),
        })
    }

    /// A head that was never written.
    pub(super) fn head(&self, meaning: Meaning) -> Head {
        let kind = match meaning.kind {
            Kind::Lease => 0,
            Kind::Tombstone => 1,
            Kind::Value => 2,
        };
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        let mut head = [0; HEAD];
        head[..8].copy_from_slice(&ordered(meaning.version));
        head[8] = kind;
        head[9..17].copy_from_slice(&meaning.epoch.to_be_bytes());
        head[17..25].copy_from_slice(&self.process);
        head[25..].copy_from_slice(&next.to_be_bytes());
        head
    }
}

/// Takes apart what stands under a key; none where it is of no form that is known.
pub(super) fn read(record: &[u8]) -> Option<(Head, Meaning, &[u8])> {
    let (head, rest) = record.split_first_chunk::<HEAD>()?;
    let (version, tail) = head.split_first_chunk::<8>()?;
    let (kind, tail) = tail.split_first()?;
    let (epoch, _) = tail.split_first_chunk::<8>()?;
    let meaning = Meaning {
        version: unordered(*version),
        kind: match kind {
            0 => Kind::Lease,
            1 => Kind::Tombstone,
            2 => Kind::Value,
            _ => return None,
        },
        epoch: i64::from_be_bytes(*epoch),
    };
    Some((*head, meaning, rest))
}

/// The sign turned over, so that bytes compare as the numbers do.
const SIGN: u64 = 1 << 63;

fn ordered(version: i64) -> [u8; 8] {
    (u64::from_be_bytes(version.to_be_bytes()) ^ SIGN).to_be_bytes()
}

fn unordered(bytes: [u8; 8]) -> i64 {
    i64::from_be_bytes((u64::from_be_bytes(bytes) ^ SIGN).to_be_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn versions_compare_as_their_bytes_do(a: i64, b: i64) {
            prop_assert_eq!(ordered(a).cmp(&ordered(b)), a.cmp(&b));
            prop_assert_eq!(unordered(ordered(a)), a);
        }

        #[test]
        fn a_head_is_read_as_it_was_written(version: i64, epoch: i64, payload: Vec<u8>) {
            let marks = Marks::new().unwrap();
            for kind in [Kind::Lease, Kind::Tombstone, Kind::Value] {
                let meaning = Meaning { version, kind, epoch };
                let head = marks.head(meaning);
                let record = [head.as_slice(), &payload].concat();
                prop_assert_eq!(read(&record), Some((head, meaning, payload.as_slice())));
                prop_assert_ne!(marks.head(meaning), head);
            }
        }

        #[test]
        fn other_bytes_are_of_no_form(record in proptest::collection::vec(any::<u8>(), 0..HEAD)) {
            prop_assert_eq!(read(&record), None);
        }
    }
}
