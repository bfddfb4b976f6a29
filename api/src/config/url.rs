//! URLs that may hold a password: shown without it.

use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, de};
use url::Url;

/// What stands for a password.
const MASK: &str = "***";

fn masked(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Ok(mut url) = Url::parse(text) else {
        return f.write_str(MASK);
    };
    // Parameters may carry a password too. Setting one to none, or on a URL that cannot have one, changes nothing.
    if url.query().is_some() {
        url.set_query(Some(MASK));
    }
    if url.password().is_some() {
        let _ = url.set_password(Some(MASK));
    }
    write!(f, "{url}")
}

macro_rules! masked_url {
    ($(#[$doc:meta])* $name:ident, $schemes:expr) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(SecretString);

        impl $name {
            /// The whole URL, password included, for connecting.
            pub fn expose(&self) -> &str {
                self.0.expose_secret()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                masked(self.expose(), f)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                masked(self.expose(), f)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = SecretString::deserialize(deserializer)?;
                let scheme = Url::parse(text.expose_secret()).map(|url| url.scheme().to_owned());
                if !scheme.is_ok_and(|scheme| $schemes.contains(&scheme.as_str())) {
                    return Err(de::Error::custom("not such a URL"));
                }
                Ok(Self(text))
            }
        }
    };
}

masked_url! {
    /// Where the database is: SQLite or PostgreSQL.
    DatabaseUrl, ["sqlite", "postgres", "postgresql"]
}

masked_url! {
    /// Where the Redis server is.
    RedisUrl, ["redis", "rediss"]
}

masked_url! {
    /// Where the collector of traces is. It speaks OTLP over HTTP, without TLS.
    CollectorUrl, ["http"]
}

impl DatabaseUrl {
    /// The URL as it can be shown and used where the password comes from elsewhere. Its parameters are left out.
    pub fn without_password(&self) -> String {
        let Ok(mut url) = Url::parse(self.expose()) else {
            return MASK.to_owned();
        };
        url.set_query(None);
        // A URL that cannot have a password has none.
        let _ = url.set_password(None);
        url.to_string()
    }

    /// Whether the database is embedded (SQLite).
    pub fn is_embedded(&self) -> bool {
        self.expose().starts_with("sqlite:")
    }

    /// The file of an embedded database; none for one in memory or on a server.
    pub fn file(&self) -> Option<PathBuf> {
        let rest = self.expose().strip_prefix("sqlite:")?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let path = path.strip_prefix("//").unwrap_or(path);
        let in_memory = path.is_empty()
            || path == ":memory:"
            || query.split('&').any(|part| part == "mode=memory");
        (!in_memory).then(|| Path::new(path).to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn database(text: &str) -> Result<DatabaseUrl, serde_json::Error> {
        serde_json::from_value(text.into())
    }

    #[rstest]
    #[case("postgres://lazo:hunter2@db/lazo", "postgres://lazo:***@db/lazo")]
    #[case(
        "postgres://db/lazo?user=lazo&password=hunter2",
        "postgres://db/lazo?***"
    )]
    #[case("sqlite://lazo.db", "sqlite://lazo.db")]
    #[case("sqlite::memory:", "sqlite::memory:")]
    fn a_password_is_never_shown(#[case] text: &str, #[case] shown: &str) {
        let url = database(text).unwrap();
        assert_eq!(
            (format!("{url}"), format!("{url:?}")),
            (shown.to_owned(), shown.to_owned())
        );
        assert_eq!(url.expose(), text);
    }

    #[test]
    fn a_url_to_copy_has_no_password() {
        let url = database("postgres://lazo:hunter2@db:5432/lazo?password=hunter2").unwrap();
        assert_eq!(url.without_password(), "postgres://lazo@db:5432/lazo");
    }

    #[rstest]
    #[case("sqlite://lazo.db", Some("lazo.db"))]
    #[case("sqlite:lazo.db", Some("lazo.db"))]
    #[case(
        "sqlite:///var/lib/lazo/lazo.db?mode=rwc",
        Some("/var/lib/lazo/lazo.db")
    )]
    #[case("sqlite::memory:", None)]
    #[case("sqlite://:memory:", None)]
    #[case("sqlite://lazo?mode=memory", None)]
    #[case("postgres://db/lazo", None)]
    fn the_file_of_an_embedded_database_is_known(#[case] text: &str, #[case] file: Option<&str>) {
        let url = DatabaseUrl(text.into());
        assert_eq!(url.file().as_deref(), file.map(Path::new));
    }

    #[rstest]
    #[case("")]
    #[case("lazo.db")]
    #[case("mysql://db/lazo")]
    fn other_texts_are_no_database(#[case] text: &str) {
        assert!(database(text).is_err());
    }
}
