//! While the database fails or is silent: requests are told in time to come back, and the writer goes on with what it has begun.
//!
//! A transaction is never given up half-way, as nobody could tell whether it is in force. Only those who wait for it are let go;
//! they send again, and the ledger makes that harmless.

use std::pin::pin;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::command::Command;

/// How long requests wait for a transaction, and how much longer for each touchpoint in it: less than ten seconds for a thousand.
const PATIENCE: Duration = Duration::from_secs(7);
const PATIENCE_FOR_EACH: Duration = Duration::from_millis(2);

/// How long they wait where the database has just failed: with what the look-up of a key may take, less than a second.
const PATIENCE_WHILE_FAILING: Duration = Duration::from_millis(400);

/// Whether the database fails.
pub(super) struct Outage(watch::Sender<bool>);

impl Default for Outage {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Outage {
    /// Notes what became of the last thing that was tried.
    pub(super) fn note(&self, fails: bool) {
        self.0.send_replace(fails);
    }

    /// Ends when requests that wait for a transaction of so many touchpoints have waited long enough.
    async fn overdue(&self, touchpoints: usize) {
        let touchpoints = u32::try_from(touchpoints).unwrap_or(u32::MAX);
        let failing = async {
            let _ = self.0.subscribe().wait_for(|fails| *fails).await;
            tokio::time::sleep(PATIENCE_WHILE_FAILING).await;
        };
        tokio::select! {
            () = tokio::time::sleep(PATIENCE + PATIENCE_FOR_EACH * touchpoints) => {}
            () = failing => {}
        }
    }

    /// Does some work and answers those who wait for it. Where it takes too long they are told to come back, and so is whoever comes
    /// until it is done; gives back whether it was in time.
    pub(super) async fn in_time<T>(
        &self,
        touchpoints: usize,
        commands: &mut mpsc::Receiver<Command>,
        stop: &CancellationToken,
        work: impl Future<Output = T>,
        answer: impl FnOnce(T),
    ) -> bool {
        let mut work = pin!(work);
        tokio::select! {
            biased;
            outcome = &mut work => {
                answer(outcome);
                return true;
            }
            () = self.overdue(touchpoints) => {}
        }
        tracing::warn!("the database does not answer in time; requests are told to come back");
        // Whose way to answer is dropped is told that we cannot do this now.
        drop(answer);
        let mut open = true;
        loop {
            tokio::select! {
                biased;
                _ = &mut work => return false,
                () = stop.cancelled() => return false,
                command = commands.recv(), if open => open = command.is_some(),
            }
        }
    }
}
