//! What the writer counts.

use std::array;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use lazo_domain::identity::LinkKind;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use tokio::sync::{Semaphore, mpsc};

use super::{Meters, Series, counters_by};
use crate::touchpoint::{Answer, Status};

const STATUSES: [&str; 4] = ["accepted", "duplicate", "quarantined", "rejected"];
const LINKS: [&str; 8] = [
    "linked", "merged", "verified", "refused", "limited", "shared", "released", "unmerged",
];

/// What the writer counts; cheap to clone.
#[derive(Clone, Debug)]
pub struct WriterMeters(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    touchpoints: [Counter; STATUSES.len()],
    links: [Counter; LINKS.len()],
    /// What the transaction under way has written to the identity log: it counts once it is committed.
    uncommitted: [AtomicU64; LINKS.len()],
    items: Histogram,
    seconds: Histogram,
    failed: Counter,
}

impl WriterMeters {
    pub(super) fn registered(registry: &mut Registry) -> Self {
        let parts = Parts {
            touchpoints: counters_by(
                registry,
                "touchpoints",
                "Items that were answered, by what became of them",
                "outcome",
                STATUSES,
            ),
            links: counters_by(
                registry,
                "identity_links",
                "Entries of the identity log, by their kind",
                "kind",
                LINKS,
            ),
            uncommitted: array::from_fn(|_| AtomicU64::new(0)),
            items: Histogram::new(exponential_buckets(1.0, 4.0, 8)),
            seconds: Histogram::new(exponential_buckets(0.0005, 2.0, 15)),
            failed: Counter::default(),
        };
        registry.register(
            "writer_transaction_items",
            "Items in one transaction of the writer",
            parts.items.clone(),
        );
        registry.register_with_unit(
            "writer_transaction_duration",
            "From the begin of a transaction of the writer to its commit",
            Unit::Seconds,
            parts.seconds.clone(),
        );
        registry.register(
            "writer_failed_transactions",
            "Transactions of the writer that were rolled back; most are tried again",
            parts.failed.clone(),
        );
        Self(Arc::new(parts))
    }

    /// A transaction begins.
    pub fn begin(&self) -> Transaction<'_> {
        for number in &self.0.uncommitted {
            number.store(0, Ordering::Relaxed);
        }
        Transaction {
            meters: self,
            began: Instant::now(),
            committed: false,
        }
    }

    /// A transaction that is committed has written these to the identity log.
    pub fn linked(&self, kinds: impl IntoIterator<Item = LinkKind>) {
        for kind in kinds {
            self.0.links[place_of(kind)].inc();
        }
    }

    /// The transaction under way has written these to the identity log.
    pub fn note_links(&self, kinds: impl IntoIterator<Item = LinkKind>) {
        for kind in kinds {
            self.0.uncommitted[place_of(kind)].fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A transaction under way. One that is dropped before it is committed has failed.
#[derive(Debug)]
pub struct Transaction<'a> {
    meters: &'a WriterMeters,
    began: Instant,
    committed: bool,
}

impl Transaction<'_> {
    /// It is committed, and gave these answers.
    pub fn committed(mut self, answers: &[Answer]) {
        self.committed = true;
        let parts = &self.meters.0;
        parts.seconds.observe(self.began.elapsed().as_secs_f64());
        let items = u32::try_from(answers.len()).unwrap_or(u32::MAX);
        parts.items.observe(f64::from(items));
        for answer in answers {
            let place = match answer.status {
                Status::Accepted => 0,
                Status::Duplicate => 1,
                Status::Quarantined => 2,
                Status::Rejected => 3,
            };
            parts.touchpoints[place].inc();
        }
        for (counter, number) in parts.links.iter().zip(&parts.uncommitted) {
            counter.inc_by(number.swap(0, Ordering::Relaxed));
        }
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if !self.committed {
            self.meters.0.failed.inc();
        }
    }
}

impl Meters {
    /// Shows how long touchpoints wait for those before them.
    pub fn watch_line(&self, wait: impl Fn() -> Duration + Send + Sync + 'static) {
        self.gauges(
            "writer_wait_milliseconds",
            "How long a touchpoint that comes now waits for those before it",
            vec![Series::of(&[], move || {
                u64::try_from(wait().as_millis()).unwrap_or(u64::MAX)
            })],
        );
    }

    /// Shows how full a queue is, and how much of the memory for requests is taken.
    pub fn watch_queue<T: Send + 'static>(
        &self,
        queue: mpsc::WeakSender<T>,
        budget: &Arc<Semaphore>,
        budget_kib: usize,
    ) {
        let number = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let (length, most) = (queue.clone(), queue);
        self.gauges(
            "writer_queue_requests",
            "Requests that wait for the writer",
            vec![Series::maybe(&[], move || {
                let queue = length.upgrade()?;
                Some(number(queue.max_capacity() - queue.capacity()))
            })],
        );
        self.gauges(
            "writer_queue_max_requests",
            "How many requests may wait for the writer",
            vec![Series::maybe(&[], move || {
                Some(number(most.upgrade()?.max_capacity()))
            })],
        );
        let budget = Arc::clone(budget);
        let taken = move || number(budget_kib.saturating_sub(budget.available_permits()));
        self.gauges(
            "request_memory_bytes",
            "Memory promised to requests that are not yet answered",
            vec![Series::of(&[], move || taken().saturating_mul(1024))],
        );
        self.gauges(
            "request_memory_max_bytes",
            "How much memory may be promised to requests",
            vec![Series::of(&[], move || {
                number(budget_kib).saturating_mul(1024)
            })],
        );
    }
}

fn place_of(kind: LinkKind) -> usize {
    match kind {
        LinkKind::Linked => 0,
        LinkKind::Merged => 1,
        LinkKind::Verified => 2,
        LinkKind::Refused => 3,
        LinkKind::Limited => 4,
        LinkKind::Shared => 5,
        LinkKind::Released => 6,
        LinkKind::Unmerged => 7,
    }
}
