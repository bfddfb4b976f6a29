//! A steady rate of reads, whatever becomes of them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use lazo_tests::bench::http::Connection;
use serde_json::Value;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

use super::{
    ledger::{Call, Ending, Ledger},
    load::Door,
};

/// Reads at a steady rate, however long the answers take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drive {
    /// Reads in a second.
    pub(super) rate: u32,
}

/// The connections that share the reads.
const CONNECTIONS: u32 = 64;

impl Drive {
    /// So many reads in a second.
    pub(super) fn at(rate: u32) -> Self {
        Self { rate }
    }

    /// Reads one customer through the doors in turn while the flag says so. How long a read takes counts from when it was due.
    pub(super) fn start(
        self,
        doors: &[Door],
        whose: usize,
        ledger: &Arc<Ledger>,
        goes_on: &Arc<AtomicBool>,
    ) -> JoinSet<()> {
        let start = Instant::now();
        let mut reading = JoinSet::new();
        for (number, door) in (0..CONNECTIONS).zip(doors.iter().cycle()) {
            let least = ledger.told(whose).1;
            let (ledger, goes_on) = (Arc::clone(ledger), Arc::clone(goes_on));
            let (address, request) = door.raw_read(whose, least);
            reading.spawn(async move {
                let mut connection = Connection::open(&address).await.expect("a connection");
                for turn in 0.. {
                    let place = number + turn * CONNECTIONS;
                    let due =
                        start + Duration::from_secs_f64(f64::from(place) / f64::from(self.rate));
                    sleep_until(due).await;
                    if !goes_on.load(Ordering::Relaxed) {
                        return;
                    }
                    let mut call = Call {
                        began: due,
                        ..Call::begin()
                    };
                    let status = connection.exchange(&request).await;
                    call.took = due.elapsed();
                    call.ending = status.map_or(Ending::Broken, Ending::Status);
                    ledger.read(call);
                    let body: Value = serde_json::from_slice(connection.body()).unwrap_or_default();
                    if body["data"]["profile"]["version"].as_i64() < Some(least) {
                        ledger.wrong(format!("a read is answered {body}"));
                    }
                }
            });
        }
        reading
    }
}
