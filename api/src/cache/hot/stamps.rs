//! What tells a load that something was put out while it ran.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use lazo_domain::id::ProfileId;

/// Profiles share this many stamps. Two that share one cost each other a fill now and then, and never a wrong value.
const SLOTS: usize = 4096;

/// One stamp for each of many groups of profiles, and the epoch of the process: both only ever grow.
pub(super) struct Stamps {
    slots: Box<[AtomicU64]>,
    epoch: AtomicU64,
    hasher: RandomState,
}

/// What a load notes before it reads anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    stamp: u64,
    /// The epoch of the process.
    pub(super) epoch: u64,
}

impl Stamps {
    pub(super) fn new() -> Self {
        Self {
            slots: (0..SLOTS).map(|_| AtomicU64::new(0)).collect(),
            epoch: AtomicU64::new(0),
            hasher: RandomState::new(),
        }
    }

    /// The ticket of a load that begins now.
    pub(super) fn ticket(&self, id: ProfileId) -> Ticket {
        Ticket {
            stamp: self.slot(id).load(Ordering::SeqCst),
            epoch: self.epoch(),
        }
    }

    /// Whether nothing was put out since.
    pub(super) fn holds(&self, id: ProfileId, ticket: Ticket) -> bool {
        self.ticket(id) == ticket
    }

    /// A profile changed: loads of it under way know too little.
    pub(super) fn bump(&self, id: ProfileId) {
        self.slot(id).fetch_add(1, Ordering::SeqCst);
    }

    /// The present epoch: what was kept in another one is not used.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::SeqCst)
    }

    /// Any profile may have changed.
    pub(super) fn new_epoch(&self) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
    }

    fn slot(&self, id: ProfileId) -> &AtomicU64 {
        let [.., high, low] = self.hasher.hash_one(id).to_be_bytes();
        let slot = usize::from(u16::from_be_bytes([high, low])) % SLOTS;
        &self.slots[slot]
    }
}
