//! The hot values that processes share in Redis. Whatever fails here is a miss.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lazo_domain::id::ProfileId;
use redis::aio::ConnectionManager;
use redis::{Cmd, ErrorKind, FromRedisValue, RedisError, RedisResult, ServerErrorKind};
use tokio::time::{Instant, timeout_at};

use super::Versioned;
use super::breaker::Breaker;
use super::counters::Counters;
use super::debts::Debts;
use super::process::Jitter;
use super::record::{self, Head, Kind, Marks, Meaning};
use super::scripts::{Script, Scripts};
use super::store::{Found, Store};
use crate::cache::redis::Redis;
use crate::cache::{Notice, PutOut};

/// How long a reader waits, and an acknowledgement.
pub(super) const WAITS: Duration = Duration::from_millis(50);
/// How long the keeper waits, who may also have to wait for a connection.
const KEEPER_WAITS: Duration = Duration::from_millis(250);
/// How long a reader may take to load what it did not find.
const LEASE: Duration = Duration::from_secs(30);
/// How many profiles are put out in one message, so that readers' questions come in between.
const AT_ONCE: usize = 128;

/// The part of a Redis server that holds one kind of value.
pub(super) struct Shared {
    server: Arc<Redis>,
    /// None before the first use, and after the server was given up on.
    connection: Mutex<Option<ConnectionManager>>,
    scripts: Scripts,
    marks: Marks,
    breaker: Breaker,
    lifetimes: Jitter,
    /// The cache epoch whose values are true; none while that is not known, and then nothing is read or filled.
    trusted: Mutex<Option<i64>>,
    pub(super) debts: Debts,
    counters: Arc<Counters>,
}

/// What a reader saw before it loaded the value from the database.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    head: Head,
    version: i64,
    epoch: i64,
}

impl Shared {
    /// A store on that server; none where the machine has no random numbers.
    pub(super) fn new(
        server: Arc<Redis>,
        lifetime: Duration,
        counters: Arc<Counters>,
    ) -> Option<Self> {
        Some(Self {
            server,
            connection: Mutex::new(None),
            scripts: Scripts::new(),
            marks: Marks::new()?,
            breaker: Breaker::default(),
            lifetimes: Jitter::new(lifetime),
            trusted: Mutex::new(None),
            debts: Debts::default(),
            counters,
        })
    }

    /// What is known of a profile; none where Redis is not to be asked or does not answer.
    async fn known<V: Versioned>(&self, id: ProfileId) -> Option<Found<V, Seen>> {
        // In this order: what is no longer owed is settled, or Redis is no longer trusted.
        if self.debts.owes(id) {
            return None;
        }
        let epoch = (*self.trusted())?;
        let key = self.key(id);
        let deadline = Instant::now() + WAITS;
        let record = match self.held(&key, deadline).await.ok()? {
            Some(record) => record,
            None => self.leased(&key, epoch, deadline).await.ok()?,
        };
        let (head, meaning, payload) = record::read(&record)?;
        let value = (meaning.kind == Kind::Value && meaning.epoch >= epoch)
            .then(|| decode::<V>(payload))
            .flatten()
            .filter(|value| value.version() == meaning.version);
        let seen = Seen {
            head,
            version: meaning.version,
            epoch,
        };
        Some(Found {
            value: value.map(Arc::new),
            ticket: Some(seen),
        })
    }

    /// What stands under a key. Most reads find a value, and a plain command costs the server far less than a script.
    async fn held(&self, key: &str, deadline: Instant) -> RedisResult<Option<Vec<u8>>> {
        let mut command = redis::cmd("GET");
        command.arg(key);
        self.attempt(deadline, async |connection| {
            command.query_async(connection).await
        })
        .await
    }

    /// What stands under a key by now, or the lease that is left where nothing does.
    async fn leased(&self, key: &str, epoch: i64, deadline: Instant) -> RedisResult<Vec<u8>> {
        let lease = self.marks.head(Meaning {
            version: i64::MIN,
            kind: Kind::Lease,
            epoch,
        });
        let arguments =
            [lease.as_slice(), LEASE.as_secs().to_string().as_bytes()].map(<[u8]>::to_vec);
        self.run(&self.scripts.get, key, &arguments, deadline).await
    }

    /// The commit up to which all were put out here, and the cache epoch from which on that is so.
    pub(super) async fn knows(&self) -> RedisResult<(i64, i64)> {
        let key = self.commits_key();
        let deadline = Instant::now() + KEEPER_WAITS;
        self.run(&self.scripts.knows, &key, &[], deadline).await
    }

    /// A cache epoch began after a commit.
    pub(super) async fn rebase(&self, commit: i64, epoch: i64) -> RedisResult<()> {
        let arguments = [commit, epoch].map(|number| number.to_string().into_bytes());
        let key = self.commits_key();
        let deadline = Instant::now() + KEEPER_WAITS;
        self.run(&self.scripts.rebase, &key, &arguments, deadline)
            .await
    }

    /// From now on the values of a cache epoch are read and filled, or none.
    pub(super) fn trust(&self, epoch: Option<i64>) {
        *self.trusted() = epoch;
    }

    /// Whether Redis is read and filled now.
    #[cfg(test)]
    pub(super) fn is_trusted(&self) -> bool {
        self.trusted().is_some()
    }

    fn key(&self, id: ProfileId) -> String {
        format!("lazo:{}:hot:{id}", self.server.deployment())
    }

    fn commits_key(&self) -> String {
        format!("lazo:{}:hot-commits", self.server.deployment())
    }

    async fn run<T: FromRedisValue>(
        &self,
        script: &Script,
        key: &str,
        arguments: &[Vec<u8>],
        deadline: Instant,
    ) -> RedisResult<T> {
        let with = |mut command: Cmd| {
            command.arg(arguments);
            command
        };
        self.attempt(deadline, async |connection| {
            match with(script.by_name(key)).query_async(connection).await {
                Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                    with(script.by_text(key)).query_async(connection).await
                }
                answer => answer,
            }
        })
        .await
    }

    /// Asks the server, unless it is left alone, and learns from how that went.
    async fn attempt<T>(
        &self,
        deadline: Instant,
        ask: impl AsyncFnOnce(&mut ConnectionManager) -> RedisResult<T>,
    ) -> RedisResult<T> {
        if !self.breaker.allows(Instant::now()) {
            return Err((ErrorKind::Io, "the server is left alone for a while").into());
        }
        let asked = async { ask(&mut self.connection()?).await };
        let answer = timeout_at(deadline, asked)
            .await
            .unwrap_or_else(|_| Err((ErrorKind::Io, "the server does not answer in time").into()));
        match &answer {
            Ok(_) => self.breaker.succeeded(),
            Err(error) => self.failed(error),
        }
        answer
    }

    fn failed(&self, error: &RedisError) {
        if !self.breaker.failed(Instant::now()) {
            return;
        }
        self.counters.breaker_openings.up();
        tracing::warn!(%error, "Redis does not answer: hot profiles are read from the database for a while");
        // The connection may be broken without a sign.
        *self.slot() = None;
    }

    fn connection(&self) -> RedisResult<ConnectionManager> {
        let mut slot = self.slot();
        if let Some(connection) = slot.as_ref() {
            return Ok(connection.clone());
        }
        let connection = self.server.connect(KEEPER_WAITS)?;
        Ok(slot.insert(connection).clone())
    }

    /// What is behind these locks is whole at every instant, so a panic elsewhere does not spoil it.
    fn slot(&self) -> MutexGuard<'_, Option<ConnectionManager>> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn trusted(&self) -> MutexGuard<'_, Option<i64>> {
        self.trusted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V: Versioned> Store<V> for Shared {
    type Ticket = Seen;
    type Error = RedisError;

    async fn look_up(&self, id: ProfileId) -> Found<V, Seen> {
        self.known(id).await.unwrap_or(Found::NOTHING)
    }

    /// Puts a value where its reader saw none that was good, unless anything happened there since. Says whether it did.
    async fn fill(&self, id: ProfileId, value: &Arc<V>, seen: Seen) -> bool {
        let version = value.version();
        let Some(payload) = encode(value.as_ref()).filter(|_| version >= seen.version) else {
            return false;
        };
        let head = self.marks.head(Meaning {
            version,
            kind: Kind::Value,
            epoch: seen.epoch,
        });
        let seconds = self.lifetimes.of(id).as_secs().max(1).to_string();
        let arguments = [
            seen.head.to_vec(),
            [head.as_slice(), &payload].concat(),
            seconds.into_bytes(),
        ];
        let script = &self.scripts.fill;
        let deadline = Instant::now() + WAITS;
        self.run::<bool>(script, &self.key(id), &arguments, deadline)
            .await
            .unwrap_or(false)
    }

    /// Puts out what a commit changed, and tells the other processes.
    async fn put_out(&self, commit: i64, changed: &[(ProfileId, i64)]) -> RedisResult<()> {
        let deadline = Instant::now() + WAITS;
        let lifetime = (self.lifetimes.longest() + LEASE).as_secs();
        for some in changed.chunks(AT_ONCE) {
            let mut pipe = redis::pipe();
            for (place, (id, version)) in some.iter().enumerate() {
                let head = self.marks.head(Meaning {
                    version: *version,
                    kind: Kind::Tombstone,
                    epoch: 0,
                });
                let key = self.key(*id);
                // After the first the server remembers the script.
                let mut command = match place {
                    0 => self.scripts.put_out.by_text(&key),
                    _ => self.scripts.put_out.by_name(&key),
                };
                command.arg(head.as_slice()).arg(lifetime);
                pipe.add_command(command);
            }
            self.attempt(deadline, async |connection| {
                pipe.exec_async(connection).await
            })
            .await?;
        }
        // Only now: whoever reads that the commit is put out may read all it changed.
        let notice = Notice::Hot {
            hot: PutOut {
                commit,
                profiles: changed.to_vec(),
            },
        };
        let text = serde_json::to_string(&notice)
            .map_err(|error| (ErrorKind::Client, "no message", error.to_string()))?;
        let mut note = self.scripts.note.by_text(&self.commits_key());
        note.arg(commit);
        let mut publish = redis::cmd("PUBLISH");
        publish.arg(self.server.channel()).arg(text);
        let mut pipe = redis::pipe();
        pipe.add_command(note).add_command(publish);
        self.attempt(deadline, async |connection| {
            pipe.exec_async(connection).await
        })
        .await
    }
}

fn encode<V: Versioned>(value: &V) -> Option<Vec<u8>> {
    serde_json::to_vec(value).ok()
}

fn decode<V: Versioned>(payload: &[u8]) -> Option<V> {
    serde_json::from_slice(payload).ok()
}
