//! The sections of the configuration.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::str::FromStr;

use chrono::{NaiveDate, NaiveTime};
use chrono_tz::Tz;
use lazo_domain::clock::Timestamp;
use lazo_domain::consent::PurposeKey;
use secrecy::SecretString;
use serde::{Deserialize, Deserializer, de};

use super::{CollectorUrl, DatabaseUrl, Networks, Origin, RedisUrl};

/// The database.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// Where it is.
    pub url: DatabaseUrl,
}

/// What processes share beside the database: the news of what has changed, and hot profiles.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redis {
    /// Where the Redis server is; none where each process is by itself.
    #[serde(default)]
    pub url: Option<RedisUrl>,
}

/// What is logged, and how.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Modules and levels, in the language of `tracing_subscriber::EnvFilter`.
    pub filter: String,
    /// The form of a line.
    pub format: LogFormat,
}

/// The form of a line of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// What is fixed for a deployment.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// The currency (ISO 4217) of sums.
    pub currency: String,
    /// The time zone of days.
    #[serde(deserialize_with = "parsed")]
    pub time_zone: Tz,
    /// Touchpoints from before it go to quarantine.
    #[serde(deserialize_with = "start_of_day")]
    pub earliest_event: Timestamp,
    /// Patterns of identifiers that identify nobody, besides those that always are worthless.
    pub worthless: Vec<String>,
}

/// The storefront's door.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Storefront {
    /// The origins whose pages may speak to it; all if there are none.
    pub origins: Vec<Origin>,
}

/// What client libraries say of consent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// The purposes that categories of preferences stand for.
    #[serde(deserialize_with = "categories")]
    pub categories: BTreeMap<String, PurposeKey>,
}

/// Reads pairs of a category and the key of a purpose.
fn categories<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, PurposeKey>, D::Error> {
    let pairs = Vec::<String>::deserialize(deserializer)?;
    let pair = |pair: &String| {
        let (category, purpose) = pair.rsplit_once('=')?;
        let purpose = PurposeKey::new(purpose.trim()).ok()?;
        Some((category.trim().to_owned(), purpose))
    };
    pairs
        .iter()
        .map(|text| pair(text).ok_or_else(|| de::Error::custom("not a category and a purpose")))
        .collect()
}

/// What is kept of profiles for quick reading.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cache {
    /// The memory of a process for it, in MiB; 0 where a process keeps nothing.
    pub process_mib: u64,
    /// How long a profile is kept, in seconds, give or take a fifth.
    pub ttl_s: u64,
}

/// The writer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Writer {
    /// Requests that may wait.
    pub queue: usize,
    /// How long touchpoints may have to wait for those before them, in milliseconds.
    pub wait_ms: u64,
    /// Touchpoints in one transaction at most.
    pub batch: usize,
}

/// Connections, and where they come from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// The proxies whose word on the client's address is taken.
    pub trusted_proxies: Networks,
    /// Connections at a time, at most; 0 for no limit.
    pub connections: usize,
    /// Connections of one address at a time, at most; 0 for no limit.
    pub address_connections: usize,
    /// How long a connection may be idle between requests.
    pub idle_seconds: u64,
}

/// Streams of what happens.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscriptions {
    /// Streams at a time, at most; 0 for no limit.
    pub streams: usize,
    /// Streams of one token at a time, at most; 0 for no limit.
    pub token_streams: usize,
    /// How long a stream may last, in seconds.
    pub life_seconds: u64,
    /// How often a stream shows that it lives, in seconds.
    pub heartbeat_seconds: u64,
}

/// Who may read what is measured.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metrics {
    /// An address of its own to serve it at.
    #[serde(default, deserialize_with = "some_parsed")]
    pub listen: Option<SocketAddr>,
    /// What a scraper has to show.
    #[serde(default)]
    pub token: Option<SecretString>,
}

/// Where traces go.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traces {
    /// The collector; none where nothing is traced.
    #[serde(default)]
    pub endpoint: Option<CollectorUrl>,
    /// The share of requests that are traced, where their caller has not decided it.
    pub sample: f64,
}

/// What a request may ask for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// The largest body, in bytes.
    pub body_bytes: usize,
    /// The most items in one batch.
    pub batch_items: usize,
    /// The cost of GraphQL operations that one token may run at once.
    pub token_burst: u32,
    /// The cost that comes back to it in a second; 0 for no limit.
    pub token_rate: u32,
    /// The same for one visitor.
    pub visitor_burst: u32,
    /// The same for one visitor.
    pub visitor_rate: u32,
    /// Requests that one address may send at once without a token or with the key of a public source.
    pub address_burst: u32,
    /// How many of them come back to it in a second; 0 for no limit.
    pub address_rate: u32,
    /// Requests with a wrong token or key that one address may send at once.
    pub guess_burst: u32,
    /// How many of them come back to it in a second; 0 for no limit.
    pub guess_rate: u32,
}

pub(super) fn parsed<'de, D: Deserializer<'de>, T: FromStr>(
    deserializer: D,
) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse()
        .map_err(|_| de::Error::custom("not of the form asked for"))
}

fn some_parsed<'de, D: Deserializer<'de>, T: FromStr>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    parsed(deserializer).map(Some)
}

fn start_of_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let day: NaiveDate = parsed(deserializer)?;
    Ok(day.and_time(NaiveTime::MIN).and_utc().into())
}
