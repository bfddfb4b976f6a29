//! More than can be written: requests go out at a steady rate, and what is refused is offered again.
//!
//! It shares its machine with the server, so it spends as little as it can: bytes are made ready once for all times that they are
//! offered, and go over connections that stay open.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use lazo_tests::{
    bench::http::Connection,
    segment::{Item, track},
};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};

use super::{
    ledger::{Call, Ending, Ledger},
    load::{Door, PATIENCE, customer, noted},
};

/// Customers that the touchpoints are of.
const CUSTOMERS: usize = 200;

/// What is offered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flood {
    /// What its message ids begin with.
    pub(super) name: &'static str,
    /// Touchpoints in a request.
    pub(super) batch: usize,
    /// The time from one request to the next; none where each connection sends again as soon as it is answered.
    pub(super) between: Duration,
    /// The connections that share the requests; one that waits for its answer sends none.
    pub(super) connections: usize,
    pub(super) lasts: Duration,
}

/// A flood that is under way.
pub(super) struct Rising {
    /// Ends when all requests are answered.
    pub(super) sending: JoinSet<()>,
    pub(super) ends: Instant,
    offered: Arc<AtomicUsize>,
}

impl Rising {
    /// The requests that were sent until now.
    pub(super) fn offered(&self) -> usize {
        self.offered.load(Ordering::Relaxed)
    }
}

impl Flood {
    /// Begins it.
    pub(super) fn start(self, door: &Door, ledger: &Arc<Ledger>) -> Rising {
        let start = Instant::now();
        let ends = start + self.lasts;
        let offered = Arc::new(AtomicUsize::new(0));
        let turns = Arc::new(AtomicUsize::new(0));
        let mut sending = JoinSet::new();
        for number in 0..self.connections {
            let (door, ledger) = (door.clone(), Arc::clone(ledger));
            let (turns, offered) = (Arc::clone(&turns), Arc::clone(&offered));
            sending.spawn(async move {
                let mut client = Client::new(door, ledger, (self, number));
                loop {
                    let turn = turns.fetch_add(1, Ordering::Relaxed);
                    let turn = u32::try_from(turn).expect("a count");
                    let due = start + self.between * turn;
                    if due >= ends {
                        return;
                    }
                    sleep_until(due).await;
                    if Instant::now() >= ends {
                        return;
                    }
                    offered.fetch_add(1, Ordering::Relaxed);
                    client.offer().await;
                }
            });
        }
        Rising {
            sending,
            ends,
            offered,
        }
    }
}

/// A client that offers the same request until it is taken, then the next.
struct Client {
    door: Door,
    ledger: Arc<Ledger>,
    flood: Flood,
    number: usize,
    /// The touchpoints that it has made ready.
    made: usize,
    connection: Option<Connection>,
    items: Vec<(usize, Item)>,
    request: Vec<u8>,
}

impl Client {
    fn new(door: Door, ledger: Arc<Ledger>, (flood, number): (Flood, usize)) -> Self {
        let mut client = Self {
            door,
            ledger,
            flood,
            number,
            made: 0,
            connection: None,
            items: vec![],
            request: vec![],
        };
        client.make_ready();
        client
    }

    fn make_ready(&mut self) {
        let range = self.made..self.made + self.flood.batch;
        self.made = range.end;
        let item = |place: usize| {
            let whose = (self.number + place) % CUSTOMERS;
            let message = format!("{}-{}-{place}", self.flood.name, self.number);
            (
                whose,
                track("Opened").user(&customer(whose)).message(&message),
            )
        };
        self.items = range.map(item).collect();
        self.request = self.door.raw_batch(&self.items);
    }

    async fn offer(&mut self) {
        let mut call = Call::begin();
        call.ending = match timeout(PATIENCE, self.exchange()).await {
            Ok(ending) => ending,
            Err(_) => Ending::Overdue,
        };
        call.took = call.began.elapsed();
        let mut taken = false;
        match (call.ending, &self.connection) {
            (Ending::Status(200), Some(connection)) => {
                let body = serde_json::from_slice(connection.body()).unwrap_or_default();
                call.acknowledged = noted(&self.ledger, &self.items, body);
                taken = true;
            }
            (Ending::Status(_), Some(connection)) => {
                let after = connection.header("retry-after");
                call.retry_after = after.and_then(|after| after.parse().ok());
            }
            _ => self.connection = None,
        }
        self.ledger.wrote(call);
        if taken {
            self.make_ready();
        }
    }

    async fn exchange(&mut self) -> Ending {
        if self.connection.is_none() {
            self.connection = Connection::open(self.door.address()).await.ok();
        }
        let Some(connection) = &mut self.connection else {
            return Ending::NotConnected;
        };
        let status = connection.exchange(&self.request).await;
        status.map_or(Ending::Broken, Ending::Status)
    }
}
