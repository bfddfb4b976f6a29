//! What a request reads of many persons: one entry for each request, durable before the answer goes out.
//!
//! Resolvers note what they read, and the door settles it when the answer is there. Entries go past the writer: all that wait together
//! are appended in one transaction of their own, so a list waits for one commit, and a page view, which notes nothing of the kind, for
//! none. What cannot be entered is not answered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use sea_orm::DbErr;
use serde_json::{Value as Json, json};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Entry, append};
use crate::auth::caller::Caller;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::Error;
use crate::ids::IdSource;
use crate::writer::RETRY_AFTER;

/// The action of the entries.
const ACTION: &str = "personal_data.read";
/// How many requests may wait for their entries.
const WAITING: usize = 1_024;
/// How many entries are appended at once.
const BATCH: usize = 256;
/// How many objects an entry names for one kind of read.
const NAMED: usize = 20;

/// What shows data of many persons at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Read {
    /// A list of profiles.
    Profiles,
    /// Several profiles, touchpoints or purchases, one by one.
    OneByOne,
    /// Members of a segment.
    SegmentMembers,
    /// Entries into a segment and exits from it.
    SegmentTransitions,
    /// Those who would be members of a segment.
    SegmentPreview,
    /// Items in quarantine, as they came.
    Quarantine,
}

impl Read {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Profiles => "profiles",
            Self::OneByOne => "one_by_one",
            Self::SegmentMembers => "segment.members",
            Self::SegmentTransitions => "segment.transitions",
            Self::SegmentPreview => "segment.preview",
            Self::Quarantine => "quarantine",
        }
    }
}

/// What was read in one way.
#[derive(Debug, Default)]
struct Tally {
    times: u64,
    rows: u64,
    of: BTreeSet<String>,
}

/// What one request reads. Clones note for the same request.
#[derive(Clone, Debug, Default)]
pub struct Reads(Arc<Noted>);

#[derive(Debug, Default)]
struct Noted {
    /// None where nobody is told, as in tests of a schema.
    recorder: Option<Recorder>,
    actor: OnceLock<String>,
    one_by_one: AtomicU64,
    bulk: Mutex<BTreeMap<Read, Tally>>,
}

impl Reads {
    /// Notes for a request that is entered by this recorder.
    pub fn told_to(recorder: &Recorder) -> Self {
        Self(Arc::new(Noted {
            recorder: Some(recorder.clone()),
            ..Noted::default()
        }))
    }

    /// Notes a read of so many rows, and the object that they are of, such as a segment.
    pub fn note(&self, caller: Option<&Caller>, read: Read, of: Option<String>, rows: usize) {
        self.by(caller);
        let mut bulk = self.0.bulk.lock().unwrap_or_else(PoisonError::into_inner);
        let tally = bulk.entry(read).or_default();
        tally.times += 1;
        tally.rows = tally
            .rows
            .saturating_add(rows.try_into().unwrap_or(u64::MAX));
        if tally.of.len() < NAMED {
            tally.of.extend(of);
        }
    }

    /// Notes that one person's data were read. An entry is made of it if the request reads another one's too.
    pub fn note_one(&self, caller: Option<&Caller>) {
        if self.0.one_by_one.fetch_add(1, Ordering::Relaxed) > 0 {
            self.by(caller);
        }
    }

    fn by(&self, caller: Option<&Caller>) {
        self.0
            .actor
            .get_or_init(|| caller.map_or_else(|| "nobody".to_owned(), Caller::actor));
    }

    /// Enters what was noted since the last time, and waits until that is durable.
    pub async fn settle(&self) -> Result<(), Error> {
        let Some(told) = self.take() else {
            return Ok(());
        };
        match &self.0.recorder {
            Some(recorder) => recorder.enter(told).await,
            None => Ok(()),
        }
    }

    fn take(&self) -> Option<Told> {
        let bulk = &mut *self.0.bulk.lock().unwrap_or_else(PoisonError::into_inner);
        let ones = self.0.one_by_one.load(Ordering::Relaxed);
        if bulk.is_empty() && ones < 2 {
            return None;
        }
        self.0.one_by_one.store(0, Ordering::Relaxed);
        let mut reads = std::mem::take(bulk);
        if ones > 1 {
            let tally = Tally {
                times: ones,
                rows: ones,
                ..Tally::default()
            };
            reads.insert(Read::OneByOne, tally);
        }
        Some(Told {
            actor: self.0.actor.get().cloned().unwrap_or_default(),
            reads,
        })
    }
}

/// What is entered for a request.
#[derive(Debug)]
struct Told {
    actor: String,
    reads: BTreeMap<Read, Tally>,
}

impl Told {
    /// The one object that was read of; where there are several, the ways in which they were read.
    fn subject(&self) -> String {
        let of: BTreeSet<_> = self.reads.values().flat_map(|tally| &tally.of).collect();
        let mut of = of.into_iter();
        if let (Some(one), None) = (of.next(), of.next()) {
            return one.clone();
        }
        let ways: Vec<_> = self.reads.keys().map(|read| read.as_str()).collect();
        ways.join(" ")
    }

    fn details(&self) -> Json {
        let read = |(read, tally): (&Read, &Tally)| {
            let Tally { times, rows, of } = tally;
            json!({ "what": read.as_str(), "times": times, "rows": rows, "of": of })
        };
        json!({ "reads": self.reads.iter().map(read).collect::<Vec<_>>() })
    }
}

/// A request that waits for its entry.
struct Waiting {
    told: Told,
    reply: oneshot::Sender<()>,
}

/// Enters what requests read; cheap to clone.
#[derive(Clone, Debug)]
pub struct Recorder(mpsc::Sender<Waiting>);

impl Recorder {
    /// Starts one, which ends once `stop` is cancelled.
    pub(crate) fn start(
        db: Db,
        ids: Arc<IdSource>,
        clock: Arc<dyn Clock>,
        stop: CancellationToken,
    ) -> (Self, JoinHandle<()>) {
        let (queue, waiting) = mpsc::channel(WAITING);
        let work = async move { run(&db, &ids, clock.as_ref(), waiting).await };
        let task = tokio::spawn(async move {
            stop.run_until_cancelled(work).await;
        });
        (Self(queue), task)
    }

    /// Enters what a request read, and waits until that is durable.
    async fn enter(&self, told: Told) -> Result<(), Error> {
        let (reply, entered) = oneshot::channel();
        let overloaded = |_| Error::Overloaded {
            retry_after: RETRY_AFTER,
        };
        self.0
            .try_send(Waiting { told, reply })
            .map_err(overloaded)?;
        entered.await.map_err(|_| Error::Unavailable {
            retry_after: RETRY_AFTER,
        })
    }
}

async fn run(db: &Db, ids: &Arc<IdSource>, clock: &dyn Clock, mut queue: mpsc::Receiver<Waiting>) {
    let mut waiting = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut waiting, BATCH).await > 0 {
        let batch = std::mem::take(&mut waiting);
        match commit(db, ids, clock, &batch).await {
            Ok(()) => {
                for Waiting { reply, .. } in batch {
                    // Who has gone away has still read.
                    let _ = reply.send(());
                }
            }
            // Without a reply the requests are told to come back.
            Err(error) => {
                let error = Error::from(error).for_the_log();
                let requests = batch.len();
                tracing::error!(error, requests, "what was read is not in the audit log");
            }
        }
    }
}

async fn commit(
    db: &Db,
    ids: &Arc<IdSource>,
    clock: &dyn Clock,
    batch: &[Waiting],
) -> Result<(), DbErr> {
    let entries: Vec<_> = batch
        .iter()
        .map(|Waiting { told, .. }| Entry {
            actor: &told.actor,
            action: ACTION,
            subject: told.subject(),
            details: told.details(),
        })
        .collect();
    let transaction = db.begin().await?;
    append(&transaction, ids, clock.now(), &entries).await?;
    transaction.commit().await
}
