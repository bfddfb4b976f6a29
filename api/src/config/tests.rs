//! What the configuration promises to whoever writes it.

use chrono_tz::Tz;
use rstest::rstest;
use secrecy::ExposeSecret;

use super::*;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn load_with(text: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let file = ConfigFile {
        name: "lazo.toml".to_owned(),
        text: text.to_owned(),
    };
    let variables = variables
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    load(Some(&file), variables)
}

fn message(text: &str, variables: &[(&str, &str)]) -> String {
    load_with(text, variables).unwrap_err().to_string()
}

#[test]
fn the_defaults_alone_are_a_configuration() {
    let config = load(None, []).unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.database.url.expose(), "sqlite://lazo.db");
    assert!(config.redis.url.is_none() && config.secret.is_none() && !config.development);
    assert_eq!(
        (config.log.filter.as_str(), config.log.format),
        ("info,sea_orm_migration=warn", LogFormat::Text)
    );
    assert_eq!(config.deployment.currency, "EUR");
    assert_eq!(config.deployment.time_zone, Tz::Europe__Madrid);
    assert_eq!(
        config.deployment.earliest_event.to_string(),
        "1990-01-01T00:00:00.000Z"
    );
    assert!(config.deployment.worthless.is_empty() && config.storefront.origins.is_empty());
    assert!(config.consent.categories.is_empty());
    assert_eq!((config.writer.queue, config.writer.batch), (1024, 1000));
    assert_eq!((config.cache.process_mib, config.cache.ttl_s), (64, 300));
    assert_eq!(
        (config.limits.body_bytes, config.limits.batch_items),
        (10 << 20, 10_000)
    );
    assert!(config.metrics.listen.is_none() && config.metrics.token.is_none());
    assert!(config.traces.endpoint.is_none());
    assert!(
        !config
            .http
            .trusted_proxies
            .hold("127.0.0.1".parse().unwrap())
    );
}

#[test]
fn networks_addresses_and_shares_are_read() {
    let file = "[http]\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n[limits]\naddress_rate = 0";
    let variables = [
        ("LAZO_METRICS__LISTEN", "127.0.0.1:9090"),
        ("LAZO_TRACES__SAMPLE", "0"),
        ("LAZO_TRACES__ENDPOINT", "http://collector:4318"),
    ];
    let config = load_with(file, &variables).unwrap();
    let held = |address: &str| config.http.trusted_proxies.hold(address.parse().unwrap());
    assert!(held("10.1.2.3") && held("::1") && !held("192.0.2.1"));
    assert_eq!(config.limits.address_rate, 0);
    assert_eq!(config.metrics.listen.unwrap().to_string(), "127.0.0.1:9090");
    assert!(config.traces.sample.abs() < f64::EPSILON);
    assert_eq!(
        config.traces.endpoint.unwrap().expose(),
        "http://collector:4318"
    );
}

#[test]
fn the_environment_comes_before_the_file_and_the_file_before_the_defaults() {
    let file = "listen = \"127.0.0.1:1\"\n[writer]\nqueue = 7\nbatch = 8\n[log]\nformat = \"json\"";
    let variables = [
        ("LAZO_LISTEN", "[::1]:2"),
        ("LAZO_WRITER__BATCH", "9"),
        ("LAZO_LOG", "lazo=debug,info"),
        ("LAZO_REDIS_URL", "redis://cache:6379"),
        ("LAZO_DEPLOYMENT__WORTHLESS", "[\"unknown\", \"x\"]"),
        ("LAZO_CONSENT__CATEGORIES", "[\"Ads=advertising\"]"),
        ("LAZO_DEVELOPMENT", "true"),
        ("PATH", "/bin"),
    ];
    let config = load_with(file, &variables).unwrap();
    assert_eq!(config.listen.to_string(), "[::1]:2");
    assert_eq!((config.writer.queue, config.writer.batch), (7, 9));
    assert_eq!(
        (config.log.filter.as_str(), config.log.format),
        ("lazo=debug,info", LogFormat::Json)
    );
    assert_eq!(config.redis.url.unwrap().expose(), "redis://cache:6379");
    assert_eq!(config.deployment.worthless, ["unknown", "x"]);
    let ads = &config.consent.categories["Ads"];
    assert_eq!(ads.as_str(), "advertising");
    assert!(config.development);
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    let config = load_with("", &[("LAZO_SECRET", ""), ("LAZO_LISTEN", "")]).unwrap();
    assert!(config.secret.is_none());
}

#[test]
fn a_date_may_stand_without_quotes() {
    let config = load_with("[deployment]\nearliest_event = 2001-02-03", &[]).unwrap();
    assert_eq!(
        config.deployment.earliest_event.to_string(),
        "2001-02-03T00:00:00.000Z"
    );
}

#[test]
fn a_secret_of_digits_stays_text() {
    let digits = "12345678901234567890123456789012345";
    let config = load_with("", &[("LAZO_SECRET", digits)]).unwrap();
    assert_eq!(config.secret.unwrap().expose_secret(), digits);
}

#[rstest]
#[case(
    "LAZO_LISTEN",
    "abc",
    "LAZO_LISTEN: `abc` is not an address such as 127.0.0.1:8080."
)]
#[case(
    "LAZO_LISTEN",
    "8080",
    "LAZO_LISTEN: `8080` is not an address such as 127.0.0.1:8080."
)]
#[case(
    "LAZO_LOG__FORMAT",
    "xml",
    "LAZO_LOG__FORMAT: `xml` is not text or json."
)]
#[case(
    "LAZO_LOG",
    "a=b=c",
    "LAZO_LOG: `a=b=c` is not a filter of the levels error, warn, info, debug, trace and off, such as info or lazo=debug,info."
)]
#[case(
    "LAZO_LOG",
    "verbose",
    "LAZO_LOG: `verbose` is not a filter of the levels error, warn, info, debug, trace and off, such as info or lazo=debug,info."
)]
#[case(
    "LAZO_LOG",
    "lazo=debug,inof",
    "LAZO_LOG: `lazo=debug,inof` is not a filter of the levels error, warn, info, debug, trace and off, such as info or lazo=debug,info."
)]
#[case(
    "LAZO_DEVELOPMENT",
    "yes",
    "LAZO_DEVELOPMENT: `yes` is not true or false."
)]
#[case(
    "LAZO_DEPLOYMENT__CURRENCY",
    "eur",
    "LAZO_DEPLOYMENT__CURRENCY: `eur` is not a currency of ISO 4217 such as EUR."
)]
#[case(
    "LAZO_DEPLOYMENT__CURRENCY",
    "XXQ",
    "LAZO_DEPLOYMENT__CURRENCY: `XXQ` is not a currency of ISO 4217 such as EUR."
)]
#[case(
    "LAZO_DEPLOYMENT__TIME_ZONE",
    "Madrid",
    "LAZO_DEPLOYMENT__TIME_ZONE: `Madrid` is not a time zone such as Europe/Madrid."
)]
#[case(
    "LAZO_DEPLOYMENT__EARLIEST_EVENT",
    "1990",
    "LAZO_DEPLOYMENT__EARLIEST_EVENT: `1990` is not a day such as 1990-01-01."
)]
#[case(
    "LAZO_DEPLOYMENT__WORTHLESS",
    "[1]",
    "LAZO_DEPLOYMENT__WORTHLESS: `[1]` is not a list of texts such as [\"unknown\", \"*@example.com\"]."
)]
#[case(
    "LAZO_STOREFRONT__ORIGINS",
    "[\"null\"]",
    "LAZO_STOREFRONT__ORIGINS: `[\"null\"]` is not a list of origins such as [\"https://shop.example\"]."
)]
#[case(
    "LAZO_WRITER__QUEUE",
    "0",
    "LAZO_WRITER__QUEUE: `0` is not a number of requests from 1 to 1000000."
)]
#[case(
    "LAZO_WRITER__BATCH",
    "-1",
    "LAZO_WRITER__BATCH: `-1` is not a number of touchpoints from 1 to 100000."
)]
#[case(
    "LAZO_CACHE__PROCESS_MIB",
    "64M",
    "LAZO_CACHE__PROCESS_MIB: `64M` is not a number of MiB from 0 to 1048576."
)]
#[case(
    "LAZO_CACHE__TTL_S",
    "0",
    "LAZO_CACHE__TTL_S: `0` is not a number of seconds from 1 to 86400."
)]
#[case(
    "LAZO_LIMITS__BODY_BYTES",
    "10M",
    "LAZO_LIMITS__BODY_BYTES: `10M` is not a number of bytes from 1024 to 1073741824."
)]
#[case(
    "LAZO_HTTP__TRUSTED_PROXIES",
    "[\"proxy\"]",
    "LAZO_HTTP__TRUSTED_PROXIES: `[\"proxy\"]` is not a list of addresses and networks such as [\"10.0.0.0/8\", \"::1\"]."
)]
#[case(
    "LAZO_HTTP__IDLE_SECONDS",
    "0",
    "LAZO_HTTP__IDLE_SECONDS: `0` is not a number of seconds from 1 to 3600."
)]
#[case(
    "LAZO_LIMITS__TOKEN_BURST",
    "0",
    "LAZO_LIMITS__TOKEN_BURST: `0` is not a cost from 1 to 1000000000."
)]
#[case(
    "LAZO_METRICS__LISTEN",
    "9090",
    "LAZO_METRICS__LISTEN: `9090` is not an address such as 127.0.0.1:9090."
)]
#[case(
    "LAZO_METRICS__TOKEN",
    "short",
    "LAZO_METRICS__TOKEN: the value given is not at least 16 bytes of random text."
)]
#[case(
    "LAZO_TRACES__ENDPOINT",
    "https://collector",
    "LAZO_TRACES__ENDPOINT: the value given is not the URL of a collector such as http://127.0.0.1:4318."
)]
#[case(
    "LAZO_TRACES__SAMPLE",
    "2",
    "LAZO_TRACES__SAMPLE: `2` is not a share from 0.0 to 1.0."
)]
fn a_wrong_value_is_named_with_what_it_should_be(
    #[case] variable: &str,
    #[case] text: &str,
    #[case] expected: &str,
) {
    assert_eq!(message("", &[(variable, text)]), expected);
}

#[rstest]
#[case("INFO")]
#[case("off")]
#[case("lazo=debug,info")]
#[case("warn,lazo::writer=trace")]
#[case("lazo[request{method=GET}]=debug,info")]
fn a_filter_of_levels_and_modules_is_taken(#[case] filter: &str) {
    let config = load_with("", &[("LAZO_LOG", filter)]).unwrap();
    assert_eq!(config.log.filter, filter);
}

#[test]
fn a_wrong_value_in_the_file_is_named_by_its_key() {
    assert_eq!(
        message("[writer]\nqueue = 0", &[]),
        "writer.queue in lazo.toml: `0` is not a number of requests from 1 to 1000000."
    );
    assert_eq!(
        message("listen = 8080", &[]),
        "listen in lazo.toml: `8080` is not an address such as 127.0.0.1:8080."
    );
}

#[rstest]
#[case("lisen = \"x\"", &[], "lazo.toml: there is no setting `lisen`. Did you mean `listen`?")]
#[case("[databse]\nurl = \"x\"", &[], "lazo.toml: there is no setting `databse.url`. Did you mean `database.url`?")]
#[case("database = \"x\"", &[], "lazo.toml: there is no setting `database`. Did you mean `database.url`?")]
#[case("[listen]\nport = 1", &[], "lazo.toml: there is no setting `listen.port`.")]
#[case("", &[("LAZO_LISEN", "x")], "the environment: there is no setting `LAZO_LISEN`. Did you mean `LAZO_LISTEN`?")]
#[case("", &[("LAZO_DATABASE__URL", "x")], "the environment: there is no setting `LAZO_DATABASE__URL`. Did you mean `LAZO_DATABASE_URL`?")]
#[case("", &[("LAZO_FLUX_CAPACITOR", "x")], "the environment: there is no setting `LAZO_FLUX_CAPACITOR`.")]
fn an_unknown_name_is_an_error_that_suggests_the_nearest(
    #[case] file: &str,
    #[case] variables: &[(&str, &str)],
    #[case] expected: &str,
) {
    assert_eq!(message(file, variables), expected);
}

#[rstest]
#[case("", &[("LAZO_SECRET", "hunter2")], "LAZO_SECRET: the value given is not at least 32 bytes")]
#[case("secret = 4242424242", &[], "secret in lazo.toml: the value given is not at least 32 bytes")]
#[case("", &[("LAZO_DATABASE_URL", "mysql://lazo:hunter2@db")], "LAZO_DATABASE_URL: the value given is not the URL")]
#[case("[redis]\nurl = [\"hunter2\"]", &[], "redis.url in lazo.toml: the value given is not the URL")]
#[case("\nsecret = \"hunter2", &[], "lazo.toml: this is not TOML, from line 2 on.")]
fn no_message_repeats_a_secret(
    #[case] file: &str,
    #[case] variables: &[(&str, &str)],
    #[case] start: &str,
) {
    let message = message(file, variables);
    assert!(message.starts_with(start), "{message}");
    assert!(
        !message.contains("hunter2") && !message.contains("4242"),
        "{message}"
    );
}

#[test]
fn debug_shows_no_secret() {
    let variables = [
        ("LAZO_SECRET", SECRET),
        ("LAZO_DATABASE_URL", "postgres://lazo:hunter2@db/lazo"),
    ];
    let shown = format!("{:?}", load_with("", &variables).unwrap());
    assert!(
        !shown.contains(SECRET) && !shown.contains("hunter2"),
        "{shown}"
    );
    assert!(shown.contains("postgres://lazo:***@db/lazo"));
}

#[test]
fn every_setting_is_explained_in_the_defaults() {
    for setting in SETTINGS {
        let key = setting.path.rsplit('.').next().unwrap_or_default();
        assert!(DEFAULTS.contains(setting.variable), "{}", setting.variable);
        assert!(DEFAULTS.contains(&format!("{key} = ")), "{}", setting.path);
    }
}

#[test]
fn a_deployment_needs_a_secret_unless_its_database_is_embedded() {
    let secret = |url| {
        load_with("", &[("LAZO_DATABASE_URL", url)])
            .unwrap()
            .deployment_secret()
    };
    assert!(secret("sqlite::memory:").is_ok());
    assert!(matches!(
        secret("postgres://db/lazo"),
        Err(SecretError::Missing)
    ));
}

#[test]
fn a_file_that_is_named_must_be_there() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("other.toml");
    assert!(matches!(
        ConfigFile::find(Some(&path)),
        Err(ConfigError::File { .. })
    ));
    fs::write(&path, "development = true").unwrap();
    let file = ConfigFile::find(Some(&path)).unwrap();
    assert!(load(file.as_ref(), []).unwrap().development);
}

#[test]
fn providers_of_openid_connect_are_not_repeated() {
    let variables = [("LAZO_OIDC", "[{issuer = \"https://canary.example\"}]")];
    let variables = variables.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let error = load(None, variables).unwrap_err().to_string();
    assert!(
        error.starts_with("LAZO_OIDC: the value given is not a list"),
        "{error}"
    );
    assert!(!error.contains("canary"), "{error}");
}
