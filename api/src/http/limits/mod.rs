//! How much may be asked in a time: of each token by the cost of its GraphQL operations, of strangers by their address.
//!
//! A request with a valid token, or with the key of a trusted source, is never limited by its address: many shops' backends and
//! all visitors behind a company's network share one, and one of them must not shut out the others.

mod buckets;
mod client;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap};
use prometheus_client::metrics::counter::Counter;

use crate::auth::caller::{Caller, Credential};
use crate::config::{Config, Networks};
use crate::error::ApiError;
use crate::metrics::Meters;

pub use buckets::{Buckets, Rate, Taken};
pub use client::neighbourhood;

/// Who sends a request that is limited by its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stranger {
    /// It shows nothing, or what anybody holds.
    Public,
    /// What it shows is wrong.
    Wrong,
    /// What it shows is not read yet: nothing is taken, and it may go on as long as there is anything left.
    Unread,
}

/// The limits of the process; cheap to clone.
#[derive(Clone, Debug)]
pub struct RateLimits(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    tokens: Option<Arc<Limited>>,
    visitors: Option<Arc<Limited>>,
    addresses: Option<Limited>,
    guesses: Option<Limited>,
    trusted_proxies: Networks,
    /// Whether the log was told of a proxy that may be missing in the configuration.
    told_of_proxy: AtomicBool,
}

#[derive(Debug)]
struct Limited {
    buckets: Buckets,
    refused: Counter,
}

impl Limited {
    fn take(&self, key: u64, cost: u32) -> Taken {
        let taken = self.buckets.take(key, cost, Instant::now());
        if taken.wait.is_some() {
            self.refused.inc();
        }
        taken
    }
}

impl RateLimits {
    /// The limits of a configuration.
    pub fn new(config: &Config, meters: &Meters) -> Self {
        let [tokens, visitors, addresses, guesses] = meters.counters_by(
            "throttled_requests",
            "Requests that were refused with 429, by the limit that they met",
            "limit",
            ["token", "visitor", "address", "guess"],
        );
        let limits = &config.limits;
        let limited = |burst, per_second, refused| {
            let buckets = Buckets::new(Rate { burst, per_second })?;
            Some(Limited { buckets, refused })
        };
        Self(Arc::new(Parts {
            tokens: limited(limits.token_burst, limits.token_rate, tokens).map(Arc::new),
            visitors: limited(limits.visitor_burst, limits.visitor_rate, visitors).map(Arc::new),
            addresses: limited(limits.address_burst, limits.address_rate, addresses),
            guesses: limited(limits.guess_burst, limits.guess_rate, guesses),
            trusted_proxies: config.http.trusted_proxies.clone(),
            told_of_proxy: AtomicBool::new(false),
        }))
    }

    /// What a caller has for GraphQL operations; none where that is not limited.
    pub fn budget(&self, caller: &Caller) -> Option<Budget> {
        let of = |limited: &Option<Arc<Limited>>, key: &dyn Fn(&Buckets) -> u64| {
            let limited = Arc::clone(limited.as_ref()?);
            let key = key(&limited.buckets);
            Some(Budget { limited, key })
        };
        match caller {
            Caller::Internal {
                credential: Credential::Token(token),
                ..
            }
            | Caller::Integration { token, .. } => {
                of(&self.0.tokens, &|buckets| buckets.key(token.0))
            }
            Caller::Internal {
                credential: Credential::OpenId { issuer },
                subject,
                ..
            } => of(&self.0.tokens, &|buckets| buckets.key((issuer, subject))),
            Caller::Visitor { subjects, .. } => {
                of(&self.0.visitors, &|buckets| buckets.key(subjects))
            }
            Caller::Local => None,
        }
    }

    /// Whether a stranger's request may go on.
    pub fn admit(
        &self,
        extensions: &Extensions,
        headers: &HeaderMap,
        stranger: Stranger,
    ) -> Result<(), ApiError> {
        // Without a connection there is nobody to limit.
        let Some(address) = self.address(extensions, headers) else {
            return Ok(());
        };
        let cost = u32::from(stranger != Stranger::Unread);
        let guesses = self.0.guesses.as_ref();
        let guesses = guesses.filter(|_| stranger == Stranger::Wrong);
        for limited in [guesses, self.0.addresses.as_ref()].into_iter().flatten() {
            let key = limited.buckets.key(address);
            let taken = limited.take(key, cost);
            // A look into an empty bucket is refused as well.
            let wait = taken.wait.or_else(|| {
                let rate = limited.buckets.rate();
                let empty = cost == 0 && taken.left == 0;
                empty.then(|| Duration::from_secs(1) / rate.per_second.max(1))
            });
            if let Some(wait) = wait {
                self.tell_of_proxy(extensions, headers);
                return Err(ApiError::throttled(wait));
            }
        }
        Ok(())
    }

    /// The address by which a request is limited, where it came by a connection.
    pub fn address(&self, extensions: &Extensions, headers: &HeaderMap) -> Option<IpAddr> {
        let peer = peer(extensions)?;
        let client = client::address(peer, headers, &self.0.trusted_proxies);
        Some(neighbourhood(client))
    }

    /// Whether the address of a request has shown so much that was wrong that it may show no more of it now.
    pub fn is_guessing(&self, extensions: &Extensions, headers: &HeaderMap) -> bool {
        let Some(Limited { buckets, .. }) = &self.0.guesses else {
            return false;
        };
        self.address(extensions, headers)
            .is_some_and(|address| buckets.is_empty(buckets.key(address), Instant::now()))
    }

    /// Says once that an address that meets its limit looks like a proxy's.
    fn tell_of_proxy(&self, extensions: &Extensions, headers: &HeaderMap) {
        let trusted = &self.0.trusted_proxies;
        if headers.contains_key(client::FORWARDED_FOR)
            && !peer(extensions).is_some_and(|peer| trusted.hold(peer))
            && !self.0.told_of_proxy.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                "requests that carry X-Forwarded-For are limited by the address of their connection; if that is a proxy of \
                 yours, name it in http.trusted_proxies"
            );
        }
    }
}

/// The address at the other end of the connection that a request came by.
pub(super) fn peer(extensions: &Extensions) -> Option<IpAddr> {
    let ConnectInfo(peer) = extensions.get::<ConnectInfo<SocketAddr>>()?;
    Some(peer.ip())
}

/// What one caller has for GraphQL operations.
#[derive(Clone, Debug)]
pub struct Budget {
    limited: Arc<Limited>,
    key: u64,
}

impl Budget {
    /// Pays for an operation of that cost, or takes nothing where there is not enough.
    pub fn pay(&self, cost: usize) -> Taken {
        let cost = u32::try_from(cost).unwrap_or(u32::MAX);
        self.limited.take(self.key, cost.max(1))
    }

    /// Pays for an operation of that cost, or takes nothing and says how long to wait: nobody is refused.
    pub fn spend(&self, cost: usize) -> Option<Duration> {
        let cost = u32::try_from(cost).unwrap_or(u32::MAX);
        let buckets = &self.limited.buckets;
        buckets.take(self.key, cost.max(1), Instant::now()).wait
    }

    /// How much a caller has at most, and how fast it comes back.
    pub fn rate(&self) -> Rate {
        self.limited.buckets.rate()
    }
}
