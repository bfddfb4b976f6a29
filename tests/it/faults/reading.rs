//! Readers of a few hot customers, who hold what they read to what they know: what was acknowledged, and what they have read before.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::task::JoinSet;

use super::{
    Random,
    ledger::Ledger,
    load::{Door, client, customer, read_version},
    pick,
};

/// How a reader reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// From one process, and content with what that has: no older than the bound, and never older than before.
    Patient {
        /// How old an answer may be.
        bound: Duration,
    },
    /// From any process, and content with what that has: no older than the bound. Another process than the one that was asked
    /// before may be behind it.
    Roaming {
        /// How old an answer may be.
        bound: Duration,
    },
    /// From any process, with the version that it knows of: never older than that.
    Exact,
}

/// Starts a reader that goes on while the flag says so.
pub(super) fn start(
    tasks: &mut JoinSet<()>,
    doors: &[Door],
    ledger: &Arc<Ledger>,
    goes_on: &Arc<AtomicBool>,
    reader: Reader,
) {
    let (doors, ledger, goes_on) = (doors.to_vec(), Arc::clone(ledger), Arc::clone(goes_on));
    tasks.spawn(async move { reader.run(&doors, &ledger, &goes_on).await });
}

/// Starts so many readers of the same customers as the load writes: half of them exact, a quarter patient, a quarter roaming.
pub(super) fn start_each_manner(
    tasks: &mut JoinSet<()>,
    doors: &[Door],
    ledger: &Arc<Ledger>,
    goes_on: &Arc<AtomicBool>,
    (readers, customers, seed): (usize, usize, u64),
) {
    let bound = pick(Duration::from_secs(3), Duration::from_secs(1));
    for number in 0..readers {
        // Of those who are patient, each process gets some.
        let manner = match number % 8 {
            2 | 3 => Manner::Patient { bound },
            6 | 7 => Manner::Roaming { bound },
            _ => Manner::Exact,
        };
        let reader = Reader {
            number,
            manner,
            first: 0,
            customers,
            seed,
        };
        start(tasks, doors, ledger, goes_on, reader);
    }
}

/// A reader.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader {
    pub(super) number: usize,
    pub(super) manner: Manner,
    /// The first of the customers that it reads.
    pub(super) first: usize,
    pub(super) customers: usize,
    pub(super) seed: u64,
}

impl Reader {
    async fn run(self, doors: &[Door], ledger: &Ledger, goes_on: &AtomicBool) {
        let http = client();
        let mut random = Random(self.seed ^ (u64::try_from(self.number).expect("64 bits") << 40));
        let mut seen: BTreeMap<usize, i64> = BTreeMap::new();
        while goes_on.load(Ordering::Relaxed) {
            let whose = self.first + random.below(self.customers);
            let place = match self.manner {
                Manner::Patient { .. } => self.number,
                Manner::Roaming { .. } | Manner::Exact => random.below(doors.len()),
            };
            let door = &doors[place % doors.len()];
            let before = seen.get(&whose).copied().unwrap_or(0);
            let (least, asked) = match self.manner {
                Manner::Patient { bound } => {
                    (ledger.version_before(whose, bound).max(before), None)
                }
                Manner::Roaming { bound } => (ledger.version_before(whose, bound), None),
                Manner::Exact => {
                    let least = ledger.told(whose).1.max(before);
                    (least, (least > 0).then_some(least))
                }
            };
            let (call, version) = read_version(&http, door, whose, asked).await;
            ledger.read(call);
            if let Some(version) = version {
                if version < least {
                    let who = customer(whose);
                    ledger.wrong(format!(
                        "{self:?} read version {version} of {who}, and {least} was due"
                    ));
                }
                seen.insert(whose, version.max(before));
            }
        }
    }
}
