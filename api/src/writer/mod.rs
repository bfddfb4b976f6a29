//! The one writer: every change of a profile is a command to it.
//!
//! Requests wait in a bounded queue; the writer takes all that waits and stores it in one transaction. Under light load a batch is
//! one request and costs one transaction, under heavy load batches grow and the cost of a transaction is shared. Where what waits
//! would take too long, whoever comes is told so at once.

mod batch;
mod by_hand;
mod changes;
mod command;
mod consent;
pub(crate) mod fold;
mod line;
mod memory;
mod outage;
mod persist;
mod signals;
mod stand;
mod state;
mod task;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use lazo_domain::consent::PurposeKey;
use lazo_domain::money::Currency;
use sea_orm::DbErr;
use tokio::runtime::{self, Handle};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use by_hand::preview;
pub use command::{
    Consent, ConsentOutcome, Edit, EditOutcome, MergeByHand, MergeOutcome, MergePreview, Once,
    UnmergeByHand, UnmergeOutcome, Whose,
};
pub use line::Place;
pub use memory::{Holder, Share};
pub use state::Notice;

use crate::cache::hot::Hot;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::Error;
use crate::ids::IdSource;
use crate::metrics::{Meters, WriterMeters};
use crate::profile::hot::HotProfile;
use crate::standing::{Kept, Locale, Memory as StandingMemory, Pace, Step};
use crate::touchpoint::{Answer, Incoming};
use command::Command;
use line::Line;
use memory::Memory;

/// What a busy or absent database is answered with: come back after this.
pub const RETRY_AFTER: Duration = Duration::from_secs(1);

/// How often items are offered to a busy or absent database by whoever would rather wait, and how long they rest in between, at least.
const TRIES: u32 = 10;
const SHORTEST_REST: Duration = Duration::from_millis(100);

/// How many timers, people and sweeps may wait for the writer at once.
const TIMERS: usize = 64;

/// What is said to whoever would wait too long.
const OVERLOADED: Error = Error::Overloaded {
    retry_after: RETRY_AFTER,
};

/// How much may wait, and how much goes into one transaction.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests in the queue.
    pub queue: usize,
    /// How long touchpoints may have to wait for those before them.
    pub wait: Duration,
    /// Bytes of all requests that were read and not yet answered, in KiB.
    pub budget_kib: usize,
    /// Touchpoints in one transaction, at most, beyond the first request's.
    pub batch: usize,
}

/// What the writer works with.
pub(crate) struct Context {
    /// Where requests are served.
    pub(crate) serving: Handle,
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<IdSource>,
    pub(crate) currency: Currency,
    pub(crate) meters: WriterMeters,
    pub(crate) hot: Arc<Hot<HotProfile, DbErr>>,
    pub(crate) definitions: Kept,
    pub(crate) locale: Locale,
    pub(crate) memory: StandingMemory,
    pub(crate) pace: Pace,
    /// The purposes that categories of preferences stand for.
    pub(crate) categories: BTreeMap<String, PurposeKey>,
}

/// A handle on the writer.
#[derive(Clone)]
pub struct Writer {
    queue: mpsc::Sender<Command>,
    timer: mpsc::Sender<Command>,
    line: Arc<Line>,
    memory: Arc<Memory>,
}

impl Writer {
    /// Starts the writer. It stops when every handle is gone, after all that was taken is answered.
    ///
    /// It has a thread of its own: a transaction is a row of questions and answers, and beside a crowd of requests each answer of the
    /// database would wait its turn.
    pub(crate) fn start(
        context: Context,
        limits: Limits,
        meters: &Meters,
        stop: CancellationToken,
    ) -> Result<(Self, JoinHandle<()>), std::io::Error> {
        let own = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (queue, commands) = mpsc::channel(limits.queue);
        // What is due has a queue of its own, so that no crowd of touchpoints keeps it from being done.
        let (timer, due) = mpsc::channel(TIMERS);
        let line = Line::new(limits.wait);
        let moved = Arc::clone(&line);
        let inlet = task::Inlet::new(commands, due);
        let work = task::run(context, inlet, limits.batch, moved, stop);
        let task = tokio::task::spawn_blocking(move || own.block_on(work));
        let memory = Arc::new(Memory::new(limits.budget_kib));
        meters.watch_queue(queue.downgrade(), memory.all(), limits.budget_kib);
        meters.watch_line({
            let line = Arc::clone(&line);
            move || line.wait()
        });
        let writer = Self {
            queue,
            timer,
            line,
            memory,
        };
        Ok((writer, task))
    }

    /// Takes a share of the memory for a request of that many bytes, or says to come back. Where the queue is full or long it says so
    /// before anything is spent on reading the request.
    pub fn admit(&self, bytes: usize, holder: Holder) -> Result<Share, Error> {
        if self.queue.capacity() == 0 || self.line.is_long() {
            return Err(OVERLOADED);
        }
        self.memory.take(bytes, holder).ok_or(OVERLOADED)
    }

    /// The most memory that one request of that holder ever gets, in bytes.
    pub fn most_memory(&self, holder: Holder) -> usize {
        self.memory.most(holder)
    }

    /// A place for a request whose items are still to be read from what arrived. Who has one is not told to come back for the length
    /// of the line any more, so that nothing is read in vain.
    pub fn enter(&self) -> Result<Place, Error> {
        self.line.join().ok_or(OVERLOADED)
    }

    /// Records items. The answers come once they are durable and visible.
    pub async fn record(&self, items: Vec<Incoming>) -> Result<Vec<Answer>, Error> {
        self.record_at(self.enter()?, items).await
    }

    /// Records items for somebody who would rather wait than come back: a writer that is busy is asked again, so often that whoever
    /// still fails has waited for longer than any load lasts.
    pub async fn record_in_time(&self, items: Vec<Incoming>) -> Result<Vec<Answer>, Error> {
        let mut tries = 1;
        loop {
            match self.record(items.clone()).await {
                Err(Error::Overloaded { retry_after } | Error::Unavailable { retry_after })
                    if tries < TRIES =>
                {
                    tries += 1;
                    tokio::time::sleep(retry_after.max(SHORTEST_REST)).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// Records the items of a request that has its place.
    pub async fn record_at(
        &self,
        mut place: Place,
        items: Vec<Incoming>,
    ) -> Result<Vec<Answer>, Error> {
        place.holds(items.len());
        self.ask(|reply| Command::Record { items, reply }).await
    }

    /// Edits a profile.
    pub async fn edit(&self, edit: Edit) -> Result<EditOutcome, Error> {
        self.ask(|reply| Command::Edit {
            edit: Box::new(edit),
            reply,
        })
        .await
    }

    /// Merges profiles by hand.
    pub async fn merge(&self, merge: MergeByHand) -> Result<MergeOutcome, Error> {
        self.ask(|reply| Command::Merge {
            merge: Box::new(merge),
            reply,
        })
        .await
    }

    /// Parts what was merged.
    pub async fn unmerge(&self, unmerge: UnmergeByHand) -> Result<UnmergeOutcome, Error> {
        self.ask(|reply| Command::Unmerge {
            unmerge: Box::new(unmerge),
            reply,
        })
        .await
    }

    /// Writes a decision about a purpose down.
    pub async fn consent(&self, consent: Consent) -> Result<ConsentOutcome, Error> {
        self.ask(|reply| Command::Consent {
            consent: Box::new(consent),
            reply,
        })
        .await
    }

    /// Decides profiles anew. Returns how many they were, once it is durable and visible.
    pub async fn stand(&self, step: Step) -> Result<usize, Error> {
        let (reply, answer) = oneshot::channel();
        self.timer
            .try_send(Command::Stand { step, reply })
            .map_err(|_| OVERLOADED)?;
        answer.await.map_err(|_| Error::Unavailable {
            retry_after: RETRY_AFTER,
        })?
    }

    async fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, Error>>) -> Command,
    ) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        self.queue
            .try_send(command(reply))
            .map_err(|_| OVERLOADED)?;
        answer.await.map_err(|_| Error::Unavailable {
            retry_after: RETRY_AFTER,
        })?
    }
}
