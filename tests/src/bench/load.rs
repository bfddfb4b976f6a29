//! Load from many connections: as fast as the server answers, or at a steady rate.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::{sync::Semaphore, task::JoinSet};

use super::{histogram::Histogram, http::Connection, number};

/// How often requests become due at a steady rate. It is what the sleep of a thread keeps to at little cost.
const TICK: Duration = Duration::from_micros(250);

/// Requests that are ready to be sent.
#[derive(Debug)]
pub struct Supply {
    requests: Vec<Vec<u8>>,
    next: AtomicUsize,
    repeats: bool,
}

impl Supply {
    /// Requests of which each is sent once.
    pub fn once(requests: Vec<Vec<u8>>) -> Arc<Self> {
        Arc::new(Self {
            requests,
            next: AtomicUsize::new(0),
            repeats: false,
        })
    }

    /// Requests that are sent again and again, evenly.
    pub fn again(requests: Vec<Vec<u8>>) -> Arc<Self> {
        assert!(!requests.is_empty(), "there is a request to repeat");
        Arc::new(Self {
            requests,
            next: AtomicUsize::new(0),
            repeats: true,
        })
    }

    /// The requests, in their order.
    pub fn all(&self) -> &[Vec<u8>] {
        &self.requests
    }

    fn take(&self) -> Option<&[u8]> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let place = if self.repeats {
            number % self.requests.len()
        } else {
            number
        };
        self.requests.get(place).map(Vec::as_slice)
    }
}

/// What came of a load.
#[derive(Clone, Debug, Default)]
pub struct Load {
    /// Answered requests.
    pub requests: u64,
    /// From the first request to the last answer.
    pub elapsed: Duration,
    /// How long the answers took.
    pub latencies: Histogram,
}

impl Load {
    /// Answered requests in a second.
    pub fn per_second(&self) -> f64 {
        number(self.requests) / self.elapsed.as_secs_f64()
    }

    /// The latency that half of the requests did not exceed, in milliseconds.
    pub fn p50(&self) -> f64 {
        self.latencies.per_mille(500).as_secs_f64() * 1e3
    }

    /// The latency that 99 of 100 requests did not exceed, in milliseconds.
    pub fn p99(&self) -> f64 {
        self.latencies.per_mille(990).as_secs_f64() * 1e3
    }
}

async fn send(connection: &mut Connection, request: &[u8]) {
    let status = connection.exchange(request).await.expect("an answer");
    let body = || String::from_utf8_lossy(connection.body()).into_owned();
    assert_eq!(status, 200, "{}", body());
}

async fn connect(address: &str, connections: usize) -> Vec<Connection> {
    let mut open = Vec::with_capacity(connections);
    for _ in 0..connections {
        open.push(Connection::open(address).await.expect("a connection"));
    }
    open
}

async fn joined(started: Instant, mut workers: JoinSet<Histogram>) -> Load {
    let mut load = Load::default();
    while let Some(latencies) = workers.join_next().await {
        load.latencies.join(&latencies.expect("the load goes on"));
    }
    load.elapsed = started.elapsed();
    load.requests = load.latencies.total();
    load
}

/// Each connection sends its next request when the last is answered, until the time is over or nothing is left.
pub async fn closed(
    address: &str,
    connections: usize,
    supply: &Arc<Supply>,
    length: Option<Duration>,
) -> Load {
    let connections = connect(address, connections).await;
    let started = Instant::now();
    let mut workers = JoinSet::new();
    for mut connection in connections {
        let supply = Arc::clone(supply);
        workers.spawn(async move {
            let mut latencies = Histogram::default();
            let mut now = Instant::now();
            while length.is_none_or(|length| now - started < length) {
                let Some(request) = supply.take() else { break };
                send(&mut connection, request).await;
                let after = Instant::now();
                latencies.record(after - now);
                now = after;
            }
            latencies
        });
    }
    joined(started, workers).await
}

/// Requests become due at a steady rate whatever the server does, and a latency counts from when the request was due.
pub async fn open(
    address: &str,
    connections: usize,
    supply: &Arc<Supply>,
    per_second: f64,
    length: Duration,
) -> Load {
    let connections = connect(address, connections).await;
    let due = Arc::new(Due {
        times: Mutex::default(),
        count: Semaphore::new(0),
    });
    let started = Instant::now();
    let pacer = {
        let due = Arc::clone(&due);
        thread::spawn(move || due.pace(started, per_second, length))
    };
    let mut workers = JoinSet::new();
    for mut connection in connections {
        let (supply, due) = (Arc::clone(supply), Arc::clone(&due));
        workers.spawn(async move {
            let mut latencies = Histogram::default();
            while let Some(time) = due.next().await {
                let Some(request) = supply.take() else { break };
                send(&mut connection, request).await;
                latencies.record(time.elapsed());
            }
            latencies
        });
    }
    let load = joined(started, workers).await;
    pacer.join().expect("the rate was kept");
    load
}

/// Requests that are due and wait for a connection.
struct Due {
    times: Mutex<VecDeque<Instant>>,
    count: Semaphore,
}

impl Due {
    async fn next(&self) -> Option<Instant> {
        self.count.acquire().await.ok()?.forget();
        self.lock().pop_front()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Instant>> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pace(&self, started: Instant, per_second: f64, length: Duration) {
        let interval = Duration::from_secs_f64(1.0 / per_second);
        let (mut next, mut tick) = (Duration::ZERO, Duration::ZERO);
        while tick < length {
            tick += TICK;
            thread::sleep((started + tick).saturating_duration_since(Instant::now()));
            let mut due = 0;
            while next < tick {
                // What falls into a tick is due at its end, when it can be sent at the earliest.
                self.lock().push_back(started + tick);
                next += interval;
                due += 1;
            }
            self.count.add_permits(due);
        }
        // Whoever waits now waits for nothing; what is due still is sent, as its permits are taken first.
        self.finish();
    }

    fn finish(&self) {
        while self.count.available_permits() > 0 {
            thread::sleep(TICK);
        }
        self.count.close();
    }
}
