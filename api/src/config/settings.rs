//! The names of all settings, and the form each has to have.

use figment::value::{Dict, Value};

/// How the text of a variable is read, and whether a message may repeat it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text as it stands.
    Text,
    /// Text that no message repeats.
    Secret,
    /// A number, a truth value or a list.
    Other,
    /// The same, which no message repeats.
    Private,
}

/// One setting.
#[derive(Debug)]
pub(super) struct Setting {
    /// Its key in a file, with dots between sections.
    pub(super) path: &'static str,
    /// Its variable in the environment.
    pub(super) variable: &'static str,
    /// How its value is read.
    pub(super) kind: Kind,
    /// What its value has to be, to follow the words "is not".
    pub(super) form: &'static str,
}

const fn setting(
    path: &'static str,
    variable: &'static str,
    kind: Kind,
    form: &'static str,
) -> Setting {
    Setting {
        path,
        variable,
        kind,
        form,
    }
}

/// All settings there are.
#[rustfmt::skip]
pub(super) const SETTINGS: &[Setting] = &[
    setting("listen", "LAZO_LISTEN", Kind::Text, "an address such as 127.0.0.1:8080"),
    setting("secret", "LAZO_SECRET", Kind::Secret, "at least 32 bytes of random text, such as the output of `openssl rand -hex 32`"),
    setting("development", "LAZO_DEVELOPMENT", Kind::Other, "true or false"),
    setting("oidc", "LAZO_OIDC", Kind::Private, "a list of providers, each with issuer (https), audience, roles, and where wanted jwks_url (https), role_claim and max_lifetime_seconds"),
    setting("database.url", "LAZO_DATABASE_URL", Kind::Secret, "the URL of a database such as sqlite://lazo.db or postgres://user@host/lazo"),
    setting("redis.url", "LAZO_REDIS_URL", Kind::Secret, "the URL of a Redis server such as redis://127.0.0.1:6379"),
    setting("log.filter", "LAZO_LOG", Kind::Text, "a filter of the levels error, warn, info, debug, trace and off, such as info or lazo=debug,info"),
    setting("log.format", "LAZO_LOG__FORMAT", Kind::Text, "text or json"),
    setting("deployment.currency", "LAZO_DEPLOYMENT__CURRENCY", Kind::Text, "a currency of ISO 4217 such as EUR"),
    setting("deployment.time_zone", "LAZO_DEPLOYMENT__TIME_ZONE", Kind::Text, "a time zone such as Europe/Madrid"),
    setting("deployment.earliest_event", "LAZO_DEPLOYMENT__EARLIEST_EVENT", Kind::Text, "a day such as 1990-01-01"),
    setting("deployment.worthless", "LAZO_DEPLOYMENT__WORTHLESS", Kind::Other, "a list of texts such as [\"unknown\", \"*@example.com\"]"),
    setting("storefront.origins", "LAZO_STOREFRONT__ORIGINS", Kind::Other, "a list of origins such as [\"https://shop.example\"]"),
    setting("consent.categories", "LAZO_CONSENT__CATEGORIES", Kind::Other, "a list of pairs such as [\"Analytics=analytics\"]"),
    setting("writer.queue", "LAZO_WRITER__QUEUE", Kind::Other, "a number of requests from 1 to 1000000"),
    setting("writer.wait_ms", "LAZO_WRITER__WAIT_MS", Kind::Other, "a number of milliseconds from 1 to 60000"),
    setting("writer.batch", "LAZO_WRITER__BATCH", Kind::Other, "a number of touchpoints from 1 to 100000"),
    setting("cache.process_mib", "LAZO_CACHE__PROCESS_MIB", Kind::Other, "a number of MiB from 0 to 1048576"),
    setting("cache.ttl_s", "LAZO_CACHE__TTL_S", Kind::Other, "a number of seconds from 1 to 86400"),
    setting("http.trusted_proxies", "LAZO_HTTP__TRUSTED_PROXIES", Kind::Other, "a list of addresses and networks such as [\"10.0.0.0/8\", \"::1\"]"),
    setting("http.connections", "LAZO_HTTP__CONNECTIONS", Kind::Other, "a number of connections from 0 to 1000000"),
    setting("http.address_connections", "LAZO_HTTP__ADDRESS_CONNECTIONS", Kind::Other, "a number of connections from 0 to 1000000"),
    setting("http.idle_seconds", "LAZO_HTTP__IDLE_SECONDS", Kind::Other, "a number of seconds from 1 to 3600"),
    setting("limits.body_bytes", "LAZO_LIMITS__BODY_BYTES", Kind::Other, "a number of bytes from 1024 to 1073741824"),
    setting("limits.batch_items", "LAZO_LIMITS__BATCH_ITEMS", Kind::Other, "a number of items from 1 to 1000000"),
    setting("limits.token_burst", "LAZO_LIMITS__TOKEN_BURST", Kind::Other, "a cost from 1 to 1000000000"),
    setting("limits.token_rate", "LAZO_LIMITS__TOKEN_RATE", Kind::Other, "a cost per second from 0 to 1000000"),
    setting("limits.visitor_burst", "LAZO_LIMITS__VISITOR_BURST", Kind::Other, "a cost from 1 to 1000000000"),
    setting("limits.visitor_rate", "LAZO_LIMITS__VISITOR_RATE", Kind::Other, "a cost per second from 0 to 1000000"),
    setting("limits.address_burst", "LAZO_LIMITS__ADDRESS_BURST", Kind::Other, "a number of requests from 1 to 1000000000"),
    setting("limits.address_rate", "LAZO_LIMITS__ADDRESS_RATE", Kind::Other, "a number of requests per second from 0 to 1000000"),
    setting("limits.guess_burst", "LAZO_LIMITS__GUESS_BURST", Kind::Other, "a number of requests from 1 to 1000000000"),
    setting("limits.guess_rate", "LAZO_LIMITS__GUESS_RATE", Kind::Other, "a number of requests per second from 0 to 1000000"),
    setting("subscriptions.streams", "LAZO_SUBSCRIPTIONS__STREAMS", Kind::Other, "a number of streams from 0 to 1000000"),
    setting("subscriptions.token_streams", "LAZO_SUBSCRIPTIONS__TOKEN_STREAMS", Kind::Other, "a number of streams from 0 to 1000000"),
    setting("subscriptions.life_seconds", "LAZO_SUBSCRIPTIONS__LIFE_SECONDS", Kind::Other, "a number of seconds from 1 to 86400"),
    setting("subscriptions.heartbeat_seconds", "LAZO_SUBSCRIPTIONS__HEARTBEAT_SECONDS", Kind::Other, "a number of seconds from 1 to 25"),
    setting("metrics.listen", "LAZO_METRICS__LISTEN", Kind::Text, "an address such as 127.0.0.1:9090"),
    setting("metrics.token", "LAZO_METRICS__TOKEN", Kind::Secret, "at least 16 bytes of random text"),
    setting("traces.endpoint", "LAZO_TRACES__ENDPOINT", Kind::Secret, "the URL of a collector such as http://127.0.0.1:4318"),
    setting("traces.sample", "LAZO_TRACES__SAMPLE", Kind::Other, "a share from 0.0 to 1.0"),
];

/// The setting with this key.
pub(super) fn by_path(path: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.path == path)
}

/// The setting with this variable.
pub(super) fn by_variable(variable: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.variable == variable)
}

/// Reads the text of a variable as its setting asks.
pub(super) fn read(setting: &Setting, text: String) -> Value {
    match setting.kind {
        Kind::Text | Kind::Secret => Value::from(text),
        // Reading never fails: what is nothing else is text, and then refused for its form.
        Kind::Other | Kind::Private => match text.parse() {
            Ok(value) => value,
        },
    }
}

/// How the TOML library hands over a date that stands without quotes.
const DATE: &str = "$__toml_private_datetime";

/// Makes a date that stands without quotes the text it is.
pub(super) fn with_dates_as_text(dict: Dict) -> Dict {
    dict.into_iter()
        .map(|(key, value)| match value {
            Value::Dict(tag, section) => match section.get(DATE) {
                Some(date) => (key, date.clone()),
                None => (key, Value::Dict(tag, with_dates_as_text(section))),
            },
            other => (key, other),
        })
        .collect()
}

/// The keys of all values in a file.
pub(super) fn paths(dict: &Dict) -> Vec<String> {
    dict.iter()
        .flat_map(|(key, value)| match value.as_dict() {
            Some(section) => paths(section)
                .into_iter()
                .map(|rest| format!("{key}.{rest}"))
                .collect(),
            None => vec![key.clone()],
        })
        .collect()
}

/// The name most like an unknown one, where any is alike.
pub(super) fn nearest(
    name: &str,
    known: impl Iterator<Item = &'static str>,
) -> Option<&'static str> {
    known
        .map(|candidate| {
            let part = candidate.ends_with(name) || candidate.starts_with(name);
            (if part { 1 } else { distance(name, candidate) }, candidate)
        })
        .min()
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .map(|(_, candidate)| candidate)
}

/// The Levenshtein distance of two names.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.chars().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("", "", 0)]
    #[case("", "abc", 3)]
    #[case("kitten", "sitting", 3)]
    #[case("listen", "listne", 2)]
    fn the_distance_counts_changed_characters(
        #[case] one: &str,
        #[case] other: &str,
        #[case] expected: usize,
    ) {
        assert_eq!(distance(one, other), expected);
        assert_eq!(distance(other, one), expected);
    }
}
