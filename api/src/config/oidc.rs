//! The company's own providers of OpenID Connect, whose tokens are taken.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use lazo_domain::access::Role;
use serde::Deserialize;
use url::{Host, Url};

/// How long a provider's token may live where nothing else is set, in seconds: twelve hours.
const USUAL_LIFETIME: u64 = 43_200;

/// A provider whose tokens are taken as internal ones.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcProvider {
    /// Who issues the tokens: their `iss`, character by character.
    pub issuer: String,
    /// Whom they are meant for: their `aud`.
    pub audience: String,
    /// Where its public keys are; without it, where its own description says.
    #[serde(default)]
    pub jwks_url: Option<String>,
    /// The claim that holds a person's roles: its name, or a path into objects joined with dots.
    #[serde(default = "usual_claim")]
    pub role_claim: String,
    /// Which role here a value of that claim gives.
    pub roles: BTreeMap<String, String>,
    /// How long a token may live, from when it was issued, in seconds.
    #[serde(default = "usual_lifetime")]
    pub max_lifetime_seconds: u64,
}

fn usual_claim() -> String {
    "roles".to_owned()
}

fn usual_lifetime() -> u64 {
    USUAL_LIFETIME
}

impl OidcProvider {
    /// The role that a value of the claim gives.
    pub fn role(&self, value: &str) -> Option<Role> {
        self.roles.get(value)?.parse().ok()
    }

    /// How long a token may live.
    pub fn max_lifetime(&self) -> Duration {
        Duration::from_secs(self.max_lifetime_seconds)
    }

    /// Whether it is a provider that can be used.
    pub(super) fn is_sound(&self, development: bool) -> bool {
        let is_safe = |text: &str| Url::parse(text).is_ok_and(|url| is_safe(&url, development));
        let is_role = |name: &String| name.parse::<Role>().is_ok();
        is_safe(&self.issuer)
            && self.jwks_url.as_deref().is_none_or(is_safe)
            && !self.audience.trim().is_empty()
            && !self.role_claim.is_empty()
            && !self.roles.is_empty()
            && self.roles.values().all(is_role)
            && (60..=7 * 86_400).contains(&self.max_lifetime_seconds)
    }
}

/// Whether what comes from there can be trusted to be the provider's: by TLS, or on a developer's machine from that machine.
pub fn is_safe(url: &Url, development: bool) -> bool {
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    };
    let is_plain = url.username().is_empty() && url.password().is_none() && url.host().is_some();
    let is_private =
        url.scheme() == "https" || (url.scheme() == "http" && development && is_loopback);
    is_plain && is_private
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("https://login.example.com", false, true)]
    #[case("http://login.example.com", true, false)]
    #[case("http://127.0.0.1:8080", false, false)]
    #[case("http://127.0.0.1:8080", true, true)]
    #[case("http://[::1]:8080", true, true)]
    #[case("http://localhost", true, true)]
    #[case("http://localhost.example.com", true, false)]
    #[case("https://user:password@login.example.com", true, false)]
    #[case("file:///etc/passwd", true, false)]
    fn keys_come_by_tls_or_from_the_developers_machine(
        #[case] url: &str,
        #[case] development: bool,
        #[case] expected: bool,
    ) {
        assert_eq!(is_safe(&url.parse().unwrap(), development), expected);
    }
}
