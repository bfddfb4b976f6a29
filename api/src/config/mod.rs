//! The configuration: defaults, then a file, then the environment; unknown names are errors.

mod error;
mod networks;
mod oidc;
mod origin;
mod sections;
mod settings;
mod url;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::Path;

use figment::providers::{Format, Toml};
use figment::value::{Dict, Map};
use figment::{Figment, Metadata, Profile, Provider};
use lazo_domain::money::Currency;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

pub use self::error::ConfigError;
pub use self::networks::Networks;
pub use self::oidc::{OidcProvider, is_safe};
pub use self::origin::Origin;
use self::sections::parsed;
pub use self::sections::{
    Cache, Consent, Database, Deployment, Http, Limits, Log, LogFormat, Metrics, Redis, Storefront,
    Subscriptions, Traces, Writer,
};
use self::settings::{Kind, SETTINGS};
pub use self::url::{CollectorUrl, DatabaseUrl, RedisUrl};
use crate::auth::secret::{DeploymentSecret, SecretError};

/// The defaults, with an explanation of each setting.
pub const DEFAULTS: &str = include_str!("../../config.default.toml");
/// The file read where none is named and it is there.
const USUAL_FILE: &str = "lazo.toml";
/// How the variables of the environment that are ours begin.
const PREFIX: &str = "LAZO_";
/// The shortest token of a scraper, in bytes.
const SHORTEST_TOKEN: usize = 16;
/// How those begin that are for the test suite and no settings.
const OF_TESTS: &str = "LAZO_TEST_";

/// All settings. `config.default.toml` says what each is for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The address to listen on.
    #[serde(deserialize_with = "parsed")]
    pub listen: SocketAddr,
    /// The deployment secret, where one is given.
    #[serde(default)]
    pub secret: Option<SecretString>,
    /// Whether this is a machine of a developer.
    pub development: bool,
    /// The company's own providers of OpenID Connect.
    pub oidc: Vec<OidcProvider>,
    /// The database.
    pub database: Database,
    /// What processes share beside the database.
    #[serde(default)]
    pub redis: Redis,
    /// What is logged, and how.
    pub log: Log,
    /// What is fixed for a deployment.
    pub deployment: Deployment,
    /// What client libraries say of consent.
    pub consent: Consent,
    /// The storefront's door.
    pub storefront: Storefront,
    /// The writer.
    pub writer: Writer,
    /// What is kept of profiles for quick reading.
    pub cache: Cache,
    /// Connections, and where they come from.
    pub http: Http,
    /// What a request may ask for, and how much may be asked in a time.
    pub limits: Limits,
    /// Streams of what happens.
    pub subscriptions: Subscriptions,
    /// Who may read what is measured.
    #[serde(default)]
    pub metrics: Metrics,
    /// Where traces go.
    pub traces: Traces,
}

/// A configuration file that has been read.
#[derive(Debug)]
pub struct ConfigFile {
    /// Its name, for messages.
    pub name: String,
    /// Its text, TOML.
    pub text: String,
}

impl ConfigFile {
    /// Reads the file named, else `lazo.toml` where it is there.
    pub fn find(named: Option<&Path>) -> Result<Option<Self>, ConfigError> {
        let path = named.unwrap_or(Path::new(USUAL_FILE));
        match fs::read_to_string(path) {
            Ok(text) => Ok(Some(Self {
                name: path.display().to_string(),
                text,
            })),
            Err(error) if named.is_none() && error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ConfigError::File {
                path: path.to_owned(),
                error,
            }),
        }
    }
}

/// The variables of this process's environment.
///
/// A text that is not Unicode comes with its wrong bytes replaced, so that it is refused for its form and not passed over.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    std::env::vars_os()
        .map(move |(name, value)| (text(name), text(value)))
        .filter(|(name, _)| !name.starts_with(OF_TESTS))
}

/// Builds the configuration from a file and the variables of an environment, of which those that begin with `LAZO_` count.
///
/// An empty variable counts as not set. Nothing else is read: neither this process's environment nor any file.
pub fn load(
    file: Option<&ConfigFile>,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Config, ConfigError> {
    let file = file
        .map(|file| Ok((file.name.as_str(), file_layer(file)?)))
        .transpose()?;
    let variables = environment_layer(environment)?;
    let (file_name, file_layer) = file.unwrap_or_default();
    let sources = Sources {
        file_name,
        variables,
    };

    let figment = sources.variables.iter().fold(
        Figment::from(Toml::string(DEFAULTS)).merge(Layer(file_layer)),
        |figment, (path, text)| match settings::by_path(path) {
            Some(setting) => figment.merge((path, settings::read(setting, text.clone()))),
            None => figment,
        },
    );
    let config: Config = figment
        .extract()
        .map_err(|error| sources.explain(&figment, &error))?;
    config
        .check()
        .map_err(|path| sources.invalid(&figment, path))?;
    Ok(config)
}

impl Config {
    /// The deployment secret: the one given, a generated file beside an embedded database, or, for a database in memory, one
    /// that ends with the process.
    pub fn deployment_secret(&self) -> Result<DeploymentSecret, SecretError> {
        let url = &self.database.url;
        match url.file() {
            None if self.secret.is_none() && url.is_embedded() => DeploymentSecret::ephemeral(),
            file => DeploymentSecret::find(self.secret.as_ref(), file.as_deref()),
        }
    }

    /// What the types do not say. The error is the key of the setting that is wrong.
    fn check(&self) -> Result<(), &'static str> {
        let currency = &self.deployment.currency;
        let checks = [
            ("log.filter", is_filter(&self.log.filter)),
            (
                "deployment.currency",
                currency
                    .parse::<Currency>()
                    .is_ok_and(|known| known.is_known() && known.as_str() == currency),
            ),
            (
                "oidc",
                self.oidc
                    .iter()
                    .all(|provider| provider.is_sound(self.development)),
            ),
            ("writer.queue", (1..=1_000_000).contains(&self.writer.queue)),
            (
                "writer.wait_ms",
                (1..=60_000).contains(&self.writer.wait_ms),
            ),
            ("writer.batch", (1..=100_000).contains(&self.writer.batch)),
            (
                "cache.process_mib",
                (0..=1 << 20).contains(&self.cache.process_mib),
            ),
            ("cache.ttl_s", (1..=86_400).contains(&self.cache.ttl_s)),
            (
                "limits.body_bytes",
                (1024..=1 << 30).contains(&self.limits.body_bytes),
            ),
            (
                "limits.batch_items",
                (1..=1_000_000).contains(&self.limits.batch_items),
            ),
            ("http.connections", self.http.connections <= 1_000_000),
            (
                "http.address_connections",
                self.http.address_connections <= 1_000_000,
            ),
            (
                "http.idle_seconds",
                (1..=3600).contains(&self.http.idle_seconds),
            ),
            ("limits.token_burst", is_burst(self.limits.token_burst)),
            ("limits.token_rate", is_rate(self.limits.token_rate)),
            ("limits.visitor_burst", is_burst(self.limits.visitor_burst)),
            ("limits.visitor_rate", is_rate(self.limits.visitor_rate)),
            ("limits.address_burst", is_burst(self.limits.address_burst)),
            ("limits.address_rate", is_rate(self.limits.address_rate)),
            ("limits.guess_burst", is_burst(self.limits.guess_burst)),
            ("limits.guess_rate", is_rate(self.limits.guess_rate)),
            (
                "subscriptions.streams",
                self.subscriptions.streams <= 1_000_000,
            ),
            (
                "subscriptions.token_streams",
                self.subscriptions.token_streams <= 1_000_000,
            ),
            (
                "subscriptions.life_seconds",
                (1..=86_400).contains(&self.subscriptions.life_seconds),
            ),
            (
                "subscriptions.heartbeat_seconds",
                // A connection that shows no life for 30 seconds is closed.
                (1..=25).contains(&self.subscriptions.heartbeat_seconds),
            ),
            (
                "metrics.token",
                self.metrics
                    .token
                    .as_ref()
                    .is_none_or(|token| token.expose_secret().len() >= SHORTEST_TOKEN),
            ),
            ("traces.sample", (0.0..=1.0).contains(&self.traces.sample)),
            (
                "secret",
                self.secret
                    .as_ref()
                    .is_none_or(|text| DeploymentSecret::find(Some(text), None).is_ok()),
            ),
        ];
        checks
            .iter()
            .find(|(_, sound)| !sound)
            .map_or(Ok(()), |(path, _)| Err(*path))
    }
}

fn is_burst(number: u32) -> bool {
    (1..=1_000_000_000).contains(&number)
}

fn is_rate(number: u32) -> bool {
    number <= 1_000_000
}

/// Whether the text is a filter of the log. The library takes a word that is no level for the name of a module, of which it then
/// logs everything, and of all others nothing: most often a mistyped level, and so refused.
fn is_filter(text: &str) -> bool {
    let is_word = |part: &str| {
        part.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
    };
    EnvFilter::try_new(text).is_ok()
        && text
            .split(',')
            .all(|part| !is_word(part) || part.is_empty() || part.parse::<LevelFilter>().is_ok())
}

/// Where the values came from, so that messages name a setting as its author wrote it.
struct Sources<'a> {
    file_name: &'a str,
    variables: BTreeMap<&'static str, String>,
}

impl Sources<'_> {
    fn explain(&self, figment: &Figment, error: &figment::Error) -> ConfigError {
        // An error inside a list carries the place in it.
        let mut path = error.path.clone();
        while !path.is_empty() {
            if let Some(setting) = settings::by_path(&path.join(".")) {
                return self.invalid(figment, setting.path);
            }
            path.pop();
        }
        ConfigError::Incomplete(error.kind.to_string())
    }

    fn invalid(&self, figment: &Figment, path: &'static str) -> ConfigError {
        let Some(setting) = settings::by_path(path) else {
            return ConfigError::Incomplete(path.to_owned());
        };
        let variable = self.variables.get(path);
        let value = match (setting.kind, variable) {
            (Kind::Secret | Kind::Private, _) => "the value given".to_owned(),
            (_, Some(text)) => format!("`{text}`"),
            _ => match figment.find_value(path) {
                Ok(value) => format!("`{}`", shown(&value)),
                Err(_) => "the value given".to_owned(),
            },
        };
        let name = match variable {
            Some(_) => setting.variable.to_owned(),
            None => format!("{} in {}", setting.path, self.file_name),
        };
        ConfigError::Invalid {
            name,
            value,
            form: setting.form,
        }
    }
}

fn shown(value: &figment::value::Value) -> String {
    match value.as_str() {
        Some(text) => text.to_owned(),
        None => serde_json::to_string(value).unwrap_or_default(),
    }
}

fn file_layer(file: &ConfigFile) -> Result<Dict, ConfigError> {
    let dict = Toml::from_str(&file.text)
        .map(settings::with_dates_as_text)
        .map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let before = file.text.get(..start).unwrap_or_default();
            ConfigError::Syntax {
                file: file.name.clone(),
                line: before.matches('\n').count() + 1,
            }
        })?;
    for path in settings::paths(&dict) {
        if settings::by_path(&path).is_none() {
            let nearest = settings::nearest(&path, SETTINGS.iter().map(|setting| setting.path));
            return Err(ConfigError::Unknown {
                place: file.name.clone(),
                name: path,
                nearest,
            });
        }
    }
    Ok(dict)
}

fn environment_layer(
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<BTreeMap<&'static str, String>, ConfigError> {
    environment
        .into_iter()
        .filter(|(name, text)| name.starts_with(PREFIX) && !text.is_empty())
        .map(|(name, text)| match settings::by_variable(&name) {
            Some(setting) => Ok((setting.path, text)),
            None => Err(ConfigError::Unknown {
                place: "the environment".to_owned(),
                nearest: settings::nearest(&name, SETTINGS.iter().map(|setting| setting.variable)),
                name,
            }),
        })
        .collect()
}

struct Layer(Dict);

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named("file")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Profile::Default.collect(self.0.clone()))
    }
}

#[cfg(test)]
mod tests;
