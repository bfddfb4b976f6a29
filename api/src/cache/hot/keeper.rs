//! What keeps the cache true. One rule holds for the process and for Redis: whoever has not heard of all commits that the last
//! but one reading of the database counted is not believed.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::commits::{Commits, Reading};
use super::redis::Shared;
use super::store::Store;
use super::{Hot, Versioned};

/// How often the counters are read. A commit that nobody told of is noticed after two readings.
const POLLED_EVERY: Duration = Duration::from_millis(250);
/// How long a reading may take.
const READ_WITHIN: Duration = Duration::from_millis(500);
/// How often debts are paid, and how old they are at least.
const PAID_EVERY: Duration = Duration::from_millis(100);

impl<V: Versioned, E: Clone + Send + Sync + 'static> Hot<V, E> {
    /// Keeps the cache true for ever.
    pub(super) async fn keep(&self, database: &impl Commits) {
        let (ask, asked) = mpsc::channel(1);
        tokio::join!(
            self.poll(database, ask),
            self.pay(),
            self.renew(database, asked)
        );
    }

    /// Reads the counters, and compares.
    async fn poll(&self, database: &impl Commits, ask_for_epoch: mpsc::Sender<i64>) {
        let mut ticks = interval(POLLED_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last = None;
        loop {
            ticks.tick().await;
            // While the database does not answer, nobody commits, and what is kept stays true.
            let Ok(Ok(reading)) = timeout(READ_WITHIN, database.read()).await else {
                continue;
            };
            // Redis before the process, which else would read from it again what is not believed.
            if let Some(shared) = &self.shared
                && !Self::judge(shared, last, reading).await
            {
                // Where one is asked for already, this changes nothing.
                let _ = ask_for_epoch.try_send(reading.cache_epoch);
            }
            self.compare(last, reading);
            last = Some(reading);
        }
    }

    /// Decides whether Redis is believed. False where it has missed a commit for good, so that it needs a new cache epoch.
    async fn judge(shared: &Shared, last: Option<Reading>, reading: Reading) -> bool {
        let Ok((commit, since)) = shared.knows().await else {
            shared.trust(None);
            return true;
        };
        // What this process gave up to put out counts at once.
        let due = last.map_or(reading.commit, |last| last.commit.min(reading.commit));
        let heard = commit >= due.max(shared.debts.given_up());
        let believed = heard && since <= reading.cache_epoch;
        shared.trust(believed.then_some(reading.cache_epoch));
        heard || last.is_none()
    }

    /// Forgets what the process keeps if a commit that the last reading counted has not been heard of until now, or if Redis,
    /// from which some of it came, has lost its faith since.
    fn compare(&self, last: Option<Reading>, reading: Reading) {
        let due = last.unwrap_or(reading);
        let mut known = self.known();
        if !known.reaches(due.commit) || due.cache_epoch != reading.cache_epoch {
            known.jump(due.commit);
            self.forget_all();
        }
    }

    /// Pays debts, the oldest first.
    async fn pay(&self) {
        let Some(shared) = &self.shared else {
            return;
        };
        let mut ticks = interval(PAID_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            while let Some((commit, changed)) = shared.debts.overdue(Instant::now(), PAID_EVERY) {
                if Store::<V>::put_out(shared.as_ref(), commit, &changed)
                    .await
                    .is_err()
                {
                    break;
                }
                shared.debts.settle(commit);
            }
            if let Some(last) = shared.debts.too_many() {
                shared.trust(None);
                shared.debts.give_up(last);
            }
        }
    }

    /// Starts cache epochs when asked, in its own time: the readings go on meanwhile.
    async fn renew(&self, database: &impl Commits, mut asked: mpsc::Receiver<i64>) {
        let Some(shared) = &self.shared else {
            return;
        };
        while let Some(from) = asked.recv().await {
            // Where it fails, or another process was faster, the next reading shows what is to be done.
            let Ok(Some(began)) = database.start_epoch(from).await else {
                continue;
            };
            self.counters.epochs.up();
            tracing::info!("Redis missed a commit: hot profiles are stored there anew");
            shared.trust(None);
            shared.debts.give_up(began.commit);
            // Where this fails, Redis stays behind, and the next reading asks for another epoch.
            let _ = shared.rebase(began.commit, began.cache_epoch).await;
        }
    }
}
