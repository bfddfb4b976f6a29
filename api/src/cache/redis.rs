//! A channel of a Redis server, on which the processes of a deployment tell each other what to forget.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::StreamExt;
use redis::aio::{ConnectionManager, ConnectionManagerConfig, PubSub};
use redis::io::tcp::TcpSettings;
use redis::{Client, ErrorKind, IntoConnectionInfo, Msg, RedisError, RedisResult, Value};
use tokio::time::{Instant, sleep, timeout};

use super::{Memory, Notice};
use crate::config::RedisUrl;

/// How long a connection may take to come about.
const CONNECTS_WITHIN: Duration = Duration::from_secs(1);
/// How long a command may take.
const ANSWERS_WITHIN: Duration = Duration::from_millis(100);
/// How long a caller waits for the others to be told.
const TOLD_WITHIN: Duration = Duration::from_secs(1);
/// After so much silence the listener asks whether the server is still there.
const SILENCE: Duration = Duration::from_secs(5);
/// The listener waits so long before it connects again, at first and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));
/// How often it is logged that the others could not be told.
const LOGGED_EVERY: Duration = Duration::from_mins(1);

/// The channel: one connection to speak, made when it is first needed, and one to listen.
pub struct Redis {
    client: Client,
    deployment: String,
    channel: String,
    speaker: Mutex<ConnectionManager>,
    hears: AtomicBool,
    logged_at: Mutex<Option<Instant>>,
}

impl Redis {
    pub(super) fn new(url: &RedisUrl, deployment: &str) -> RedisResult<Self> {
        let info = url
            .expose()
            .into_connection_info()?
            // A small command shall not wait for a fuller packet.
            .set_tcp_settings(TcpSettings::default().set_nodelay(true));
        let client = Client::open(info)?;
        Ok(Self {
            speaker: Mutex::new(connect(&client, ANSWERS_WITHIN)?),
            client,
            deployment: deployment.to_owned(),
            channel: format!("lazo:{deployment}:forget"),
            hears: AtomicBool::new(false),
            logged_at: Mutex::new(None),
        })
    }

    /// The name that tells this deployment from others on the server.
    pub(super) fn deployment(&self) -> &str {
        &self.deployment
    }

    /// The channel on which processes tell each other what to forget.
    pub(super) fn channel(&self) -> &str {
        &self.channel
    }

    /// Another connection, made when it is first used.
    pub(super) fn connect(&self, answers_within: Duration) -> RedisResult<ConnectionManager> {
        connect(&self.client, answers_within)
    }

    pub(super) async fn tell(&self, notice: &Notice) {
        let told = match timeout(TOLD_WITHIN, self.publish(notice)).await {
            Ok(told) => told,
            Err(_) => Err(slow()),
        };
        if let Err(error) = told
            && self.may_log()
        {
            tracing::warn!(
                %error,
                "Redis does not take a message: other processes learn of the change within seconds"
            );
        }
    }

    /// Publishes, once more on a new connection where it fails: after a pause the old one may be broken, and telling twice
    /// does no harm.
    async fn publish(&self, notice: &Notice) -> RedisResult<()> {
        let text = serde_json::to_string(notice)
            .map_err(|error| (ErrorKind::Client, "no message", error.to_string()))?;
        let mut command = redis::cmd("PUBLISH");
        command.arg(&self.channel).arg(text);
        let mut connection = lock(&self.speaker).clone();
        if command.exec_async(&mut connection).await.is_ok() {
            return Ok(());
        }
        let mut connection = self.connect(ANSWERS_WITHIN)?;
        lock(&self.speaker).clone_from(&connection);
        command.exec_async(&mut connection).await
    }

    fn may_log(&self) -> bool {
        let mut logged_at = lock(&self.logged_at);
        let due = logged_at.is_none_or(|last| last.elapsed() >= LOGGED_EVERY);
        if due {
            *logged_at = Some(Instant::now());
        }
        due
    }

    pub(super) fn hears(&self) -> bool {
        self.hears.load(Ordering::Relaxed)
    }

    /// Listens for ever, and connects again whenever the connection is lost.
    pub(super) async fn listen(&self, memory: &Memory) {
        let (shortest, longest) = PAUSES;
        let mut pause = shortest;
        let mut away = false;
        loop {
            let error = match self.subscribe().await {
                Ok(subscribed) => {
                    tracing::info!("hearing other processes through Redis");
                    (pause, away) = (shortest, false);
                    self.hear(subscribed, memory).await
                }
                Err(error) => error,
            };
            if !away {
                tracing::warn!(
                    %error,
                    "Redis is away: what other processes change is learnt of within seconds"
                );
            }
            away = true;
            sleep(pause).await;
            pause = longest.min(pause * 2);
        }
    }

    async fn subscribe(&self) -> RedisResult<PubSub> {
        let subscribing = async {
            let mut subscribed = self.client.get_async_pubsub().await?;
            subscribed.subscribe(&self.channel).await?;
            Ok(subscribed)
        };
        timeout(CONNECTS_WITHIN, subscribing)
            .await
            .unwrap_or_else(|_| Err(slow()))
    }

    /// Hears until the connection is lost, and says why it was.
    async fn hear(&self, subscribed: PubSub, memory: &Memory) -> RedisError {
        let _hearing = Hears::start(&self.hears);
        // What was told before has been missed.
        memory.forget_all();
        let (mut sink, mut messages) = subscribed.split();
        loop {
            match timeout(SILENCE, messages.next()).await {
                Ok(Some(message)) => heed(&message, memory),
                Ok(None) => return (ErrorKind::Io, "the connection was closed").into(),
                // A server that vanished without a word closes nothing.
                Err(_) => match timeout(CONNECTS_WITHIN, sink.ping::<Value>()).await {
                    Ok(Ok(_)) => {}
                    Ok(Err(error)) => return error,
                    Err(_) => return slow(),
                },
            }
        }
    }
}

/// Says that the process hears for as long as it lives, however the listening ends.
struct Hears<'a>(&'a AtomicBool);

impl<'a> Hears<'a> {
    fn start(hears: &'a AtomicBool) -> Self {
        hears.store(true, Ordering::Relaxed);
        Self(hears)
    }
}

impl Drop for Hears<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// Does what a message says, in a task of its own: forgetting waits for a look-up under way, and the next message shall not.
fn heed(message: &Msg, memory: &Memory) {
    let Ok(notice) = serde_json::from_slice::<Notice>(message.get_payload_bytes()) else {
        tracing::debug!("a message of another version was passed over");
        return;
    };
    let memory = memory.clone();
    tokio::spawn(async move { memory.forget(&notice).await });
}

fn connect(client: &Client, answers_within: Duration) -> RedisResult<ConnectionManager> {
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(CONNECTS_WITHIN))
        .set_response_timeout(Some(answers_within))
        .set_number_of_retries(0);
    ConnectionManager::new_lazy_with_config(client.clone(), config)
}

fn slow() -> RedisError {
    (ErrorKind::Io, "the server does not answer in time").into()
}

/// What is behind these locks is whole at every instant, so a panic elsewhere does not spoil it.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
