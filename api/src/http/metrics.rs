//! The door for scrapers.
//!
//! What is measured tells of the size of the business, so it is not for everybody: without any setting it is for callers on this
//! machine alone. A proxy on this machine is such a caller and passes others on, so a request that was passed on counts as theirs.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use secrecy::{ExposeSecret, SecretString};

use super::RateLimits;
use super::limits::{Stranger, peer};
use crate::app::App;
use crate::error::ApiError;
use crate::metrics::Format;
use crate::quarantine::service as quarantine;

/// How long the database may take to count what waits in quarantine.
const PATIENCE: Duration = Duration::from_secs(1);
/// How far it counts.
const MOST_WAITING: u64 = 100_000;

/// By these a request tells that a proxy has passed it on.
const PASSED_ON: [HeaderName; 3] = [
    header::FORWARDED,
    header::VIA,
    HeaderName::from_static("x-real-ip"),
];
/// The same, for names that only begin so.
const PASSED_ON_PREFIXES: [&str; 2] = ["x-forwarded-", "cf-"];

/// Who may read.
#[derive(Clone)]
enum Readers {
    /// Whoever shows this.
    Token(Arc<SecretString>, RateLimits),
    /// Callers on this machine.
    ThisMachine,
    /// Everybody who reaches the address.
    All,
}

impl Readers {
    fn token(token: &SecretString, rates: &RateLimits) -> Self {
        Self::Token(Arc::new(token.clone()), rates.clone())
    }
}

/// On the address of all other doors; nothing where scrapers have an address of their own.
pub(super) fn router(app: &App, rates: &RateLimits) -> Router {
    let metrics = &app.config().metrics;
    match (&metrics.listen, &metrics.token) {
        (Some(_), _) => Router::new(),
        (None, Some(token)) => route(app, Readers::token(token, rates)),
        (None, None) => route(app, Readers::ThisMachine),
    }
}

/// On an address of its own.
pub fn router_of_its_own(app: &App) -> Router {
    let rates = RateLimits::new(app.config(), app.meters());
    let token = app.config().metrics.token.as_ref();
    let readers = token.map_or(Readers::All, |token| Readers::token(token, &rates));
    route(app, readers).fallback(super::not_found)
}

fn route(app: &App, readers: Readers) -> Router {
    Router::new()
        .route("/metrics", get(scrape))
        .with_state((app.clone(), readers))
}

async fn scrape(State((app, readers)): State<(App, Readers)>, request: Request) -> Response {
    match readers {
        Readers::All => {}
        Readers::ThisMachine if is_of_this_machine(&request) => {}
        // As if there were nothing.
        Readers::ThisMachine => return super::not_found().await,
        // Whoever guesses is not told that a guess was right.
        Readers::Token(_, rates) if rates.is_guessing(request.extensions(), request.headers()) => {
            return super::refuse(&ApiError::throttled(Duration::from_secs(1)));
        }
        Readers::Token(token, _) if shows(request.headers(), &token) => {}
        Readers::Token(_, rates) => {
            let (headers, extensions) = (request.headers(), request.extensions());
            if let Err(throttled) = rates.admit(extensions, headers, Stranger::Wrong) {
                return super::refuse(&throttled);
            }
            let challenge = [(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))];
            return (StatusCode::UNAUTHORIZED, challenge).into_response();
        }
    }
    let count = tokio::time::timeout(PATIENCE, quarantine::waiting(&app, MOST_WAITING)).await;
    app.meters()
        .quarantine_waits(count.ok().and_then(Result::ok));
    let format = Format::accepted(request.headers());
    let headers = [
        (header::CONTENT_TYPE, format.content_type()),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, app.meters().render(format)).into_response()
}

fn is_of_this_machine(request: &Request) -> bool {
    let passed_on = request.headers().keys().any(|name| {
        let begins = |prefix: &&str| name.as_str().starts_with(prefix);
        PASSED_ON.contains(name) || PASSED_ON_PREFIXES.iter().any(begins)
    });
    let peer = peer(request.extensions());
    !passed_on
        && asks_this_machine(request)
        && peer.is_some_and(|peer| peer.to_canonical().is_loopback())
}

/// Whether a request was written for an address of this machine alone. A proxy that says nothing of itself passes on the name that
/// its callers asked for.
fn asks_this_machine(request: &Request) -> bool {
    let host = request.headers().get(header::HOST);
    let host = host.and_then(|host| host.to_str().ok()?.parse::<Authority>().ok());
    let Some(host) = host.as_ref().or_else(|| request.uri().authority()) else {
        return false;
    };
    let host = host.host();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

fn shows(headers: &HeaderMap, token: &SecretString) -> bool {
    let shown = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.as_bytes().split_at_checked(7));
    shown.is_some_and(|(scheme, shown)| {
        scheme.eq_ignore_ascii_case(b"Bearer ")
            && verify_slices_are_equal(shown, token.expose_secret().as_bytes()).is_ok()
    })
}
