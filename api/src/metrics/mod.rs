//! What the operator measures: counters and times of this process, as Prometheus reads them.
//!
//! Whoever counts holds its own meters, resolved once at the start; counting is then an addition. What a part counts by itself
//! (a pool, a cache) is read by a function when somebody scrapes. No label comes from a client: labels are names of ours, so
//! their number is bounded and none holds personal data.

mod auth;
mod graphql;
mod http;
mod process;
mod sampled;
#[cfg(test)]
mod tests;
mod text;
mod writer;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use lazo_domain::clock::Timestamp;
use prometheus_client::encoding::text::{encode_eof, encode_registry};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::db::Db;

pub use auth::TokenMeters;
pub use graphql::{GraphqlMeters, GraphqlOutcome};
pub use http::HttpMeters;
pub use sampled::Series;
pub use text::Format;
pub use writer::{Transaction, WriterMeters};

use sampled::{Kind, Sampled};

/// Labels of ours: names and values that are known when the program is built.
type Labels = Vec<(&'static str, &'static str)>;

/// While nobody knows how many items wait in quarantine.
const UNKNOWN: u64 = u64::MAX;

/// All meters of the process; cheap to clone.
#[derive(Clone, Debug)]
pub struct Meters(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    /// What is of ours; every name begins with `lazo_`.
    own: Mutex<Registry>,
    /// What the operating system knows of the process, under the names that all programs use.
    process: Registry,
    writer: WriterMeters,
    http: HttpMeters,
    tokens: TokenMeters,
    quarantine_waiting: Arc<AtomicU64>,
}

impl Meters {
    /// The meters of a process that started at this instant.
    pub fn new(started_at: Timestamp) -> Self {
        let mut own = Registry::with_prefix("lazo");
        let build = Family::<Labels, Gauge>::default();
        build
            .get_or_create(&vec![("version", env!("CARGO_PKG_VERSION"))])
            .set(1);
        own.register("build_info", "The program; always 1", build);
        let mut process = Registry::default();
        process.register_collector(Box::new(process::Process::new(started_at)));
        let parts = Parts {
            writer: WriterMeters::registered(&mut own),
            http: HttpMeters::registered(&mut own),
            tokens: TokenMeters::registered(&mut own),
            quarantine_waiting: Arc::new(AtomicU64::new(UNKNOWN)),
            own: Mutex::new(own),
            process,
        };
        let meters = Self(Arc::new(parts));
        let waiting = Arc::clone(&meters.0.quarantine_waiting);
        let series = Series::maybe(&[], move || {
            Some(waiting.load(Ordering::Relaxed)).filter(|number| *number != UNKNOWN)
        });
        meters.gauges(
            "quarantine_waiting_items",
            "Items that wait in quarantine, counted up to 100000",
            vec![series],
        );
        meters
    }

    /// What the writer counts.
    pub fn writer(&self) -> &WriterMeters {
        &self.0.writer
    }

    /// What HTTP requests are measured by.
    pub fn http(&self) -> &HttpMeters {
        &self.0.http
    }

    /// How credentials were judged.
    pub fn tokens(&self) -> &TokenMeters {
        &self.0.tokens
    }

    /// What the operations of one schema are measured by; to be called once for each.
    pub fn graphql<const N: usize>(&self, schemas: [&'static str; N]) -> [GraphqlMeters; N] {
        self.register(|registry| GraphqlMeters::registered(registry, schemas))
    }

    /// A counter of its own, for a part that holds it. The library puts `_total` behind the name.
    pub fn counter(&self, name: &'static str, help: &'static str) -> Counter {
        let counter = Counter::default();
        self.register(|registry| registry.register(name, help, counter.clone()));
        counter
    }

    /// Counters by one label of which all values are known, in their order.
    pub fn counters_by<const N: usize>(
        &self,
        name: &'static str,
        help: &'static str,
        label: &'static str,
        values: [&'static str; N],
    ) -> [Counter; N] {
        self.register(|registry| counters_by(registry, name, help, label, values))
    }

    /// Counters that their owner counts, read at each scrape: the place for a cache's hits and misses. Each name once.
    pub fn counters(&self, name: &'static str, help: &'static str, series: Vec<Series>) {
        self.sample(Kind::Counter, name, help, series);
    }

    /// Numbers that go up and down, read at each scrape. Each name once.
    pub fn gauges(&self, name: &'static str, help: &'static str, series: Vec<Series>) {
        self.sample(Kind::Gauge, name, help, series);
    }

    /// Shows the sizes of a database's pools.
    pub fn watch_pools(&self, db: &Db) {
        let number = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let series = |read: fn(crate::db::PoolSize) -> usize| {
            ["read", "write"]
                .into_iter()
                .enumerate()
                .map(|(place, pool)| {
                    let db = db.clone();
                    Series::of(&[("pool", pool)], move || number(read(db.pools()[place])))
                })
                .collect()
        };
        self.gauges(
            "database_pool_connections",
            "Open connections to the database",
            series(|size| size.open),
        );
        self.gauges(
            "database_pool_idle_connections",
            "Open connections to the database that nobody uses",
            series(|size| size.idle),
        );
        self.gauges(
            "database_pool_max_connections",
            "How many connections to the database there may be",
            series(|size| size.most),
        );
    }

    /// Notes how many items wait in quarantine; none where that is not known.
    pub fn quarantine_waits(&self, items: Option<u64>) {
        self.0
            .quarantine_waiting
            .store(items.unwrap_or(UNKNOWN), Ordering::Relaxed);
    }

    /// Everything, as text.
    pub fn render(&self, format: Format) -> String {
        let mut text = String::new();
        let own = self.0.own.lock().unwrap_or_else(PoisonError::into_inner);
        let written = encode_registry(&mut text, &own)
            .and_then(|()| encode_registry(&mut text, &self.0.process))
            .and_then(|()| encode_eof(&mut text));
        // Writing to a text fails only where a meter refuses, and none of ours does.
        if written.is_err() {
            tracing::error!("the meters cannot be written down");
        }
        match format {
            Format::OpenMetrics => text,
            Format::Prometheus => text::to_prometheus(&text),
        }
    }

    fn sample(&self, kind: Kind, name: &'static str, help: &'static str, series: Vec<Series>) {
        let sampled = Sampled::new(kind, name, help, series);
        self.register(|registry| registry.register_collector(Box::new(sampled)));
    }

    fn register<T>(&self, register: impl FnOnce(&mut Registry) -> T) -> T {
        register(&mut self.0.own.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Counters by one label of which all values are known, in their order.
fn counters_by<const N: usize>(
    registry: &mut Registry,
    name: &'static str,
    help: &'static str,
    label: &'static str,
    values: [&'static str; N],
) -> [Counter; N] {
    let family = Family::<Labels, Counter>::default();
    registry.register(name, help, family.clone());
    values.map(|value| family.get_or_create_owned(&vec![(label, value)]))
}
