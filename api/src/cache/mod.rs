//! What processes keep for quick reading, and what they share through Redis: the news of what to forget, and hot values.
//!
//! Each process trusts a checked credential for a few seconds, and a hot value for as long as no commit goes by unheard. With
//! Redis a change takes effect on all processes at once; without it, or while it is away, within seconds.

pub mod hot;
mod memory;
mod notice;
mod probe;
mod redis;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use self::redis::Redis;
use crate::auth::secret::DeploymentSecret;
use crate::config::RedisUrl;

pub use self::memory::{Heeds, Memory};
pub use self::notice::{Notice, PutOut};
pub use self::probe::{Look, probe};

/// The URL of the Redis server cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UrlError(String);

/// Whether this process hears what the others tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hearing {
    /// There is no Redis in the configuration.
    NotConfigured,
    /// It hears.
    Up,
    /// Redis does not answer, or not yet.
    Down,
}

impl Hearing {
    /// As it is shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotConfigured => "not configured",
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// The way between the processes of a deployment; cheap to clone.
#[derive(Clone)]
pub enum Bus {
    /// There is none: each process is by itself.
    None,
    /// A channel of a Redis server.
    Redis(Arc<Redis>),
}

impl Bus {
    /// A bus over the Redis server at that URL, if there is one. Nothing is connected yet, so it may be away.
    pub fn new(url: Option<&RedisUrl>, secret: &DeploymentSecret) -> Result<Self, UrlError> {
        let Some(url) = url else {
            return Ok(Self::None);
        };
        let redis = Redis::new(url, secret.deployment_name())
            .map_err(|error| UrlError(error.to_string()))?;
        Ok(Self::Redis(Arc::new(redis)))
    }

    /// Tells the other processes. That they cannot be told is no error: they ask the database again within seconds.
    pub async fn tell(&self, notice: &Notice) {
        if let Self::Redis(redis) = self {
            redis.tell(notice).await;
        }
    }

    /// Makes a memory forget what other processes tell, in a task that ends once `stop` is cancelled.
    pub fn listen(&self, memory: Memory, stop: CancellationToken) -> Option<JoinHandle<()>> {
        match self {
            Self::None => None,
            Self::Redis(redis) => {
                let redis = Arc::clone(redis);
                Some(tokio::spawn(async move {
                    stop.run_until_cancelled(redis.listen(&memory)).await;
                }))
            }
        }
    }

    /// Whether this process hears the others.
    pub fn hearing(&self) -> Hearing {
        match self {
            Self::None => Hearing::NotConfigured,
            Self::Redis(redis) if redis.hears() => Hearing::Up,
            Self::Redis(_) => Hearing::Down,
        }
    }
}
