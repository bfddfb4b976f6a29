//! Looks at a Redis server from outside, for those who look for what is wrong.

use std::time::Duration;

use redis::{Client, RedisResult};
use tokio::time::{Instant, timeout};

use super::UrlError;
use crate::config::RedisUrl;

/// How long the server may take for all that it is asked.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a Redis server says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// Its version.
    pub version: String,
    /// How long it takes to answer.
    pub latency: Duration,
    /// What it does when its memory is full, such as `noeviction`; empty where it does not tell.
    pub eviction: String,
    /// How much memory it may take, in bytes; 0 for as much as there is.
    pub memory_limit: u64,
}

/// Connects and asks.
pub async fn probe(url: &RedisUrl) -> Result<Look, UrlError> {
    match timeout(PATIENCE, look(url)).await {
        Ok(Ok(look)) => Ok(look),
        Ok(Err(error)) => Err(UrlError(error.to_string())),
        Err(_) => Err(UrlError("it does not answer in time".to_owned())),
    }
}

async fn look(url: &RedisUrl) -> RedisResult<Look> {
    let client = Client::open(url.expose())?;
    let mut connection = client.get_multiplexed_async_connection().await?;
    redis::cmd("PING").exec_async(&mut connection).await?;
    let asked = Instant::now();
    redis::cmd("PING").exec_async(&mut connection).await?;
    let latency = asked.elapsed();
    let info: String = redis::cmd("INFO").query_async(&mut connection).await?;
    let field = |name: &str| {
        let of = |line: &str| {
            Some(
                line.strip_prefix(name)?
                    .strip_prefix(':')?
                    .trim()
                    .to_owned(),
            )
        };
        info.lines().find_map(of).unwrap_or_default()
    };
    Ok(Look {
        version: field("redis_version"),
        latency,
        eviction: field("maxmemory_policy"),
        memory_limit: field("maxmemory").parse().unwrap_or_default(),
    })
}
