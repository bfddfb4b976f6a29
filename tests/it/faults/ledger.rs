//! What the clients of a load were told, kept apart from the program: which touchpoints were acknowledged, and how each call went.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ending {
    /// With an answer of this HTTP status.
    Status(u16),
    /// With no connection.
    NotConnected,
    /// The connection broke before the answer.
    Broken,
    /// The client gave up.
    Overdue,
}

impl Ending {
    pub(super) fn of(error: &reqwest::Error) -> Self {
        if error.is_connect() {
            Self::NotConnected
        } else if error.is_timeout() {
            Self::Overdue
        } else {
            Self::Broken
        }
    }

    pub(super) fn is_good(self) -> bool {
        self == Self::Status(200)
    }
}

/// One request and how it went.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub(super) began: Instant,
    pub(super) took: Duration,
    pub(super) ending: Ending,
    /// The seconds that the answer's `Retry-After` names.
    pub(super) retry_after: Option<u64>,
    /// The touchpoints that it acknowledged for the first time.
    pub(super) acknowledged: usize,
}

impl Call {
    /// A call that begins now.
    pub(super) fn begin() -> Self {
        Self {
            began: Instant::now(),
            took: Duration::ZERO,
            ending: Ending::Broken,
            retry_after: None,
            acknowledged: 0,
        }
    }

    pub(super) fn ended(&self) -> Instant {
        self.began + self.took
    }
}

/// What was acknowledged of one customer.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    pub(super) messages: BTreeSet<String>,
    pub(super) version: i64,
    /// Versions by the time at which they were told.
    pub(super) versions: Vec<(Instant, i64)>,
}

#[derive(Debug, Default)]
struct Inner {
    customers: BTreeMap<usize, Told>,
    acknowledged: BTreeSet<String>,
    writes: Vec<Call>,
    reads: Vec<Call>,
    wrong: Vec<String>,
}

/// The ledger that all clients share.
#[derive(Debug, Default)]
pub(super) struct Ledger(Mutex<Inner>);

impl Ledger {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes an acknowledgement; whether it is the first of this touchpoint.
    pub(super) fn acknowledge(&self, customer: usize, message: &str, version: Option<i64>) -> bool {
        let mut inner = self.inner();
        let told = inner.customers.entry(customer).or_default();
        told.messages.insert(message.to_owned());
        if let Some(version) = version {
            told.version = told.version.max(version);
            told.versions.push((Instant::now(), version));
        }
        inner.acknowledged.insert(message.to_owned())
    }

    pub(super) fn wrote(&self, call: Call) {
        self.inner().writes.push(call);
    }

    pub(super) fn read(&self, call: Call) {
        self.inner().reads.push(call);
    }

    /// Notes that a promise was broken.
    pub(super) fn wrong(&self, what: String) {
        self.inner().wrong.push(what);
    }

    /// What was acknowledged of a customer until now: the number of touchpoints and the version.
    pub(super) fn told(&self, customer: usize) -> (usize, i64) {
        self.inner()
            .customers
            .get(&customer)
            .map_or((0, 0), |told| (told.messages.len(), told.version))
    }

    /// The messages of a customer that were acknowledged until now.
    pub(super) fn messages(&self, customer: usize) -> BTreeSet<String> {
        self.inner()
            .customers
            .get(&customer)
            .map_or_else(BTreeSet::new, |told| told.messages.clone())
    }

    /// The version of a customer that had been told so long ago.
    pub(super) fn version_before(&self, customer: usize, ago: Duration) -> i64 {
        let Some(moment) = Instant::now().checked_sub(ago) else {
            return 0;
        };
        self.inner().customers.get(&customer).map_or(0, |told| {
            let before = told.versions.iter().filter(|(at, _)| *at <= moment);
            before.map(|(_, version)| *version).max().unwrap_or(0)
        })
    }

    pub(super) fn acknowledged(&self) -> BTreeSet<String> {
        self.inner().acknowledged.clone()
    }

    pub(super) fn count(&self) -> usize {
        self.inner().acknowledged.len()
    }

    pub(super) fn writes(&self) -> Calls {
        Calls(self.inner().writes.clone())
    }

    pub(super) fn reads(&self) -> Calls {
        Calls(self.inner().reads.clone())
    }

    /// Holds all reads of the load to what is promised: nothing that was acknowledged before they began is missing.
    #[track_caller]
    pub(super) fn was_told_the_truth(&self) {
        let inner = self.inner();
        assert!(
            inner.wrong.is_empty(),
            "{} promises were broken, the first: {:#?}",
            inner.wrong.len(),
            inner.wrong.iter().take(3).collect::<Vec<_>>()
        );
    }
}

/// Some calls, in the order of their ends.
#[derive(Clone, Debug)]
pub(super) struct Calls(pub(super) Vec<Call>);

impl Calls {
    pub(super) fn select(&self, which: impl Fn(&Call) -> bool) -> Self {
        Self(self.0.iter().filter(|call| which(call)).copied().collect())
    }

    /// Those that began and ended between two moments.
    pub(super) fn between(&self, from: Instant, to: Instant) -> Self {
        self.select(|call| call.began >= from && call.ended() <= to)
    }

    pub(super) fn good(&self) -> Self {
        self.select(|call| call.ending.is_good())
    }

    pub(super) fn failed(&self) -> Self {
        self.select(|call| !call.ending.is_good())
    }

    pub(super) fn endings(&self) -> BTreeMap<Ending, usize> {
        let mut endings = BTreeMap::new();
        for call in &self.0 {
            *endings.entry(call.ending).or_default() += 1;
        }
        endings
    }

    /// The time within which that many percent of the calls ended.
    pub(super) fn percentile(&self, percent: usize) -> Duration {
        let mut times: Vec<Duration> = self.0.iter().map(|call| call.took).collect();
        times.sort_unstable();
        let last = times.len().saturating_sub(1);
        times.get(last * percent / 100).copied().unwrap_or_default()
    }

    pub(super) fn longest(&self) -> Duration {
        self.percentile(100)
    }

    /// Touchpoints acknowledged in a second, between two moments.
    pub(super) fn rate(&self, from: Instant, to: Instant) -> f64 {
        let ended = self.select(|call| (from..to).contains(&call.ended()));
        let count: usize = ended.0.iter().map(|call| call.acknowledged).sum();
        f64::from(u32::try_from(count).expect("a count")) / (to - from).as_secs_f64()
    }

    /// The share of them that ended well.
    pub(super) fn share_good(&self) -> f64 {
        let count = |calls: &Self| f64::from(u32::try_from(calls.0.len()).expect("a count"));
        count(&self.good()) / count(self).max(1.0)
    }

    /// How long after a moment calls first ended well and none that was made since failed.
    pub(super) fn recovery(&self, since: Instant) -> Duration {
        let first_good = self
            .good()
            .0
            .iter()
            .map(Call::ended)
            .filter(|at| *at >= since)
            .min();
        let last_failed = self.failed().0.iter().map(Call::ended).max();
        let first_good = first_good.expect("calls end well again");
        first_good.max(last_failed.unwrap_or(since)) - since
    }

    /// Holds refusals to what clients can live with: 503 or 429, each with the time to come back.
    #[track_caller]
    pub(super) fn are_asked_to_come_back(&self) {
        for call in &self.0 {
            assert!(
                matches!(call.ending, Ending::Status(503 | 429)) && call.retry_after.is_some(),
                "{call:?} in {:?}",
                self.endings()
            );
        }
    }
}
