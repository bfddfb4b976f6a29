//! The door for touchpoints: the Segment protocol over HTTP (<https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/>).
//!
//! Its clients drop a batch for good on most answers of 4xx, send it again on others than 200, and follow a redirect without the
//! body. So every item that arrives is answered for itself within a 200, every path is served with and without a slash at its end,
//! and every error says `code` and `message`.
//!
//! The address a request comes from is never put into an item: whether it may be kept is for the deployment to decide.

mod answer;
mod body;
mod key;
mod pixel;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, Method, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use axum::{Json, Router};
use lazo_domain::clock::Timestamp;
use lazo_domain::touchpoint::Kind;
use lazo_entity::source;
use serde_json::{Value, json};
use tower_http::cors::{Any, CorsLayer};
use uuid::Uuid;

use super::limits::Stranger;
use crate::error::{ApiError, Code, Error};
use crate::touchpoint::decoding::{DecodingRules, incoming};
use crate::touchpoint::reading::read;
use crate::touchpoint::{Answer, Incoming};
use crate::writer::Holder;

/// The paths, each with the call it takes; `None` where each item names its own. The short ones are those of
/// Segment's library for browsers, those below `/api/s` are Jitsu's.
const PATHS: [(&str, Option<Kind>); 14] = [
    ("/v1/batch", None),
    ("/v1/identify", Some(Kind::Identify)),
    ("/v1/track", Some(Kind::Track)),
    ("/v1/page", Some(Kind::Page)),
    ("/v1/screen", Some(Kind::Screen)),
    ("/v1/group", Some(Kind::Group)),
    ("/v1/alias", Some(Kind::Alias)),
    ("/v1/b", None),
    ("/v1/i", Some(Kind::Identify)),
    ("/v1/t", Some(Kind::Track)),
    ("/v1/p", Some(Kind::Page)),
    ("/v1/s", Some(Kind::Screen)),
    ("/v1/g", Some(Kind::Group)),
    ("/v1/a", Some(Kind::Alias)),
];

/// Under which Jitsu's clients name the call, in a browser and on a server.
const JITSU_PREFIXES: [&str; 2] = ["/api/s", "/api/s/s2s"];

/// Where images in emails are asked for.
const PIXEL_PATH: &str = "/v1/pixel/{call}";

/// Where browsers count what their client library does; nobody here needs it.
const METRICS_PATH: &str = "/v1/m";

/// What client libraries send across origins, beyond what needs no leave. Some of it only when they send again: without leave for it
/// a browser never would, and one fault would lose the touchpoint.
const CLIENT_HEADERS: [HeaderName; 13] = [
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    HeaderName::from_static("x-retry-count"),
    HeaderName::from_static("x-write-key"),
    HeaderName::from_static("x-ip-policy"),
    HeaderName::from_static("x-enable-debug"),
    HeaderName::from_static("anonymousid"),
    HeaderName::from_static("sentat"),
    HeaderName::from_static("rsa-recovered"),
    HeaderName::from_static("rsa-retry-attempt"),
    HeaderName::from_static("rsa-retry-reason"),
    HeaderName::from_static("rsa-since-first-attempt"),
    HeaderName::from_static("rsa-since-last-attempt"),
];

/// The memory for one JSON value: what it takes itself, and what a list that grows holds ready beyond it.
const VALUE_BYTES: usize = 64;

/// How long a browser may remember what it is allowed to send.
const PREFLIGHT_AGE: Duration = Duration::from_hours(24);

/// What the door needs of the program behind it.
pub trait Ingest: Clone + Send + Sync + 'static {
    /// A share of the memory for requests, given back when dropped.
    type Share: Send;
    /// A place among those who wait to be recorded, given back when dropped.
    type Place: Send;

    /// The source a key belongs to, archived or not; `None` for a key that is none.
    fn source(
        &self,
        key: &str,
        head: &Parts,
    ) -> impl Future<Output = Result<Option<Arc<source::Model>>, Error>> + Send;

    /// Whether somebody who is limited by their address may go on.
    fn limit(&self, _head: &Parts, _stranger: Stranger) -> Result<(), ApiError> {
        Ok(())
    }

    /// Who holds the memory of a request with the key of that source in its headers, or with none.
    fn holder(&self, _head: &Parts, source: Option<&source::Model>) -> Holder {
        match source {
            Some(source) if source.trusted => Holder::Trusted,
            _ => Holder::Stranger(None),
        }
    }

    /// The memory that one request of that holder ever gets, in bytes.
    fn memory(&self, holder: Holder) -> usize;

    /// Takes a share of the memory for that many bytes, or says to come back.
    fn admit(&self, bytes: usize, holder: Holder) -> Result<Self::Share, Error>;

    /// Takes a place for a request that has arrived and is still to be read, or says to come back.
    fn enter(&self) -> Result<Self::Place, Error>;

    /// Records items; the answers come in their order, once they are durable.
    fn record(
        &self,
        place: Self::Place,
        items: Vec<Incoming>,
    ) -> impl Future<Output = Result<Vec<Answer>, Error>> + Send;

    /// The present instant.
    fn now(&self) -> Timestamp;

    /// A fresh id, for an item that has none.
    fn next_id(&self) -> Uuid;

    /// The deployment's rules for items.
    fn rules(&self) -> Arc<DecodingRules>;
}

/// How large a request may be, and how long it may take to arrive.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a body, as it arrives and inflated.
    pub body_bytes: usize,
    /// The same for a body that arrives without a key in a header: it takes memory before anybody is known to have sent it.
    pub keyless_body_bytes: usize,
    /// How long a body may take to arrive.
    pub body_time: Duration,
    /// Items in a batch.
    pub items: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 10 * 1024 * 1024,
            keyless_body_bytes: 512 * 1024,
            body_time: Duration::from_secs(20),
            items: 10_000,
        }
    }
}

/// The routes of the protocol, to be merged into the program's.
pub fn router<I: Ingest, S: Clone + Send + Sync + 'static>(ingest: I, limits: Limits) -> Router<S> {
    let door = Door { ingest, limits };
    let jitsu = JITSU_PREFIXES.iter().flat_map(|prefix| {
        let path = |kind: Kind| format!("{prefix}/{}", kind.as_str().to_ascii_lowercase());
        Kind::ALL.map(|kind| (path(kind), Some(kind)))
    });
    let segment = PATHS.map(|(path, kind)| (path.to_owned(), kind));
    let mut router = Router::new();
    for (path, kind) in segment.into_iter().chain(jitsu) {
        let receive = post(
            move |State(door): State<Door<I>>, request: Request| async move {
                door.receive(kind, request).await
            },
        );
        router = at(router, &path, receive, "Use POST.");
    }
    let pixel = get(
        |State(door): State<Door<I>>, Path(call): Path<String>, request: Request| async move {
            door.pixel(&call, request).await
        },
    );
    let router = at(router, PIXEL_PATH, pixel, "Use GET.");
    let open = Router::new()
        .route("/v1/projects/{key}/settings", get(settings))
        .route("/v1/projects/{key}/settings/", get(settings))
        .route("/sourceConfig", get(source_config))
        .route("/sourceConfig/", get(source_config));
    let metrics = post(|| async { answer::success(&[]) });
    let open = at(open, METRICS_PATH, metrics, "Use POST.")
        .route_layer(from_fn_with_state(door.clone(), by_address));
    router.merge(open).layer(cross_origin()).with_state(door)
}

/// Passes on what asks for no key, within the limit of its address.
async fn by_address<I: Ingest>(
    State(door): State<Door<I>>,
    request: Request,
    next: Next,
) -> Response {
    let (head, body) = request.into_parts();
    match door.ingest.limit(&head, Stranger::Public) {
        Ok(()) => next.run(Request::from_parts(head, body)).await,
        Err(throttled) => answer::refuse(&throttled),
    }
}

/// What a browser's client library asks for before it sends anything: one destination, us, and no counters of its own.
///
/// The answer is the same for each key, so it tells nobody which keys there are.
async fn settings(Path(key): Path<String>) -> Json<Value> {
    Json(
        json!({ "integrations": { "Segment.io": { "apiKey": key } }, "metrics": { "sampleRate": 0 } }),
    )
}

/// What the library of `RudderStack` for browsers asks for before it sends anything: a source that is on, without destinations that the
/// page would speak to itself, and without statistics of its own.
async fn source_config() -> Json<Value> {
    let off = json!({ "enabled": false });
    Json(json!({ "source": {
        "id": "lazo", "name": "Lazo", "workspaceId": "lazo", "enabled": true, "destinations": [],
        "config": { "statsCollection": { "errors": off, "metrics": off } },
    } }))
}

/// Serves a path as it is and with a slash at its end: clients follow a redirect without the body.
fn at<S: Clone + Send + Sync + 'static>(
    router: Router<S>,
    path: &str,
    methods: MethodRouter<S>,
    instead: &'static str,
) -> Router<S> {
    let methods = methods.fallback(move || async move {
        answer::refuse(&ApiError::new(Code::MethodNotAllowed, instead))
    });
    router
        .route(path, methods.clone())
        .route(&format!("{path}/"), methods)
}

/// Any page may send with a key; an answer holds nothing that the sender does not know.
///
/// A head that is too large gets the 431 of the HTTP library, before there is a request that a layer could see: a page reads it as a
/// failure of the network.
pub(super) fn cross_origin() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST, Method::OPTIONS])
        .allow_headers(CLIENT_HEADERS)
        .expose_headers([header::RETRY_AFTER])
        .max_age(PREFLIGHT_AGE)
}

/// What is known of a request when its body has arrived.
struct Arrived<'a> {
    /// The call that the path fixes.
    kind: Option<Kind>,
    head: &'a Parts,
    received_at: Timestamp,
    /// The source, if something before the body named it.
    source: Option<Arc<source::Model>>,
}

#[derive(Clone)]
struct Door<I> {
    ingest: I,
    limits: Limits,
}

impl<I: Ingest> Door<I> {
    async fn receive(self, kind: Option<Kind>, request: Request) -> Response {
        match self.answers(kind, request).await {
            Ok(answers) => answer::success(&answers),
            Err(error) => answer::refuse(&error),
        }
    }

    async fn answers(&self, kind: Option<Kind>, request: Request) -> Result<Vec<Answer>, ApiError> {
        let (head, body) = request.into_parts();
        // When the client's clock says that it sends, ours says that it arrives; a slow body must not make the difference.
        let received_at = self.ingest.now();
        let in_headers = if let Some(key) = key::in_headers(&head.headers) {
            Some(self.source(&key, &head).await?)
        } else {
            self.ingest.limit(&head, Stranger::Unread)?;
            None
        };
        let holder = self.ingest.holder(&head, in_headers.as_deref());
        let mut admitted = body::Admitted::new(&self.ingest, holder);
        let most = match in_headers {
            Some(_) => self.limits.body_bytes,
            None => self.limits.keyless_body_bytes.min(self.limits.body_bytes),
        };
        let limits = Limits {
            body_bytes: most,
            ..self.limits
        };
        let body = body::receive(body, &head.headers, &limits, &mut admitted)
            .await
            .inspect_err(|error| {
                if in_headers.is_none() && error.retry_after_seconds().is_none() {
                    self.charge(&head);
                }
            })?;
        let arrived = Arrived {
            kind,
            head: &head,
            received_at,
            source: in_headers,
        };
        self.record(arrived, &body, &mut admitted).await
    }

    /// Answers with the image whatever the address says: whoever reads an email can mend nothing.
    async fn pixel(self, call: &str, request: Request) -> Response {
        let (head, _) = request.into_parts();
        // A scanner of links asks for the head alone, and opens no email.
        if head.method == Method::GET
            && let Err(error) = self.open(call, &head).await
        {
            tracing::debug!(code = error.code().as_str(), "a pixel was not taken");
        }
        pixel::image()
    }

    async fn open(&self, call: &str, head: &Parts) -> Result<Vec<Answer>, ApiError> {
        let unreadable = || ApiError::new(Code::BadRequest, "The address names no touchpoint.");
        let kind = call.parse().map_err(|_| unreadable())?;
        let pixel = pixel::read(head.uri.query().unwrap_or_default());
        let pixel = pixel.ok_or_else(unreadable)?;
        let source = if let Some(key) = &pixel.key {
            Some(self.source(key, head).await?)
        } else {
            self.ingest.limit(head, Stranger::Unread)?;
            None
        };
        let holder = self.ingest.holder(head, source.as_deref());
        let arrived = Arrived {
            kind: Some(kind),
            head,
            received_at: self.ingest.now(),
            source,
        };
        let mut admitted = body::Admitted::new(&self.ingest, holder);
        self.record(arrived, &pixel.body, &mut admitted).await
    }

    /// Records the items of a body that has arrived.
    async fn record(
        &self,
        arrived: Arrived<'_>,
        body: &[u8],
        admitted: &mut body::Admitted<'_, I>,
    ) -> Result<Vec<Answer>, ApiError> {
        let Arrived {
            kind, received_at, ..
        } = arrived;
        let place = self.ingest.enter()?;
        let request = read(body, kind, self.limits.items).inspect_err(|_| {
            if arrived.source.is_none() {
                self.charge(arrived.head);
            }
        })?;
        let built = request.values.saturating_mul(VALUE_BYTES);
        admitted.grow_to(
            body.len()
                .saturating_add(request.spread)
                .saturating_add(built),
        )?;
        let source = if let Some(source) = arrived.source {
            source
        } else {
            let key = key::in_body(request.envelope.write_key.as_deref());
            let Some(key) = key else {
                let message = "Send the key of a source as the user name of HTTP Basic.";
                return Err(self.unauthenticated(arrived.head, message));
            };
            self.source(&key, arrived.head).await?
        };
        let rules = self.ingest.rules();
        let mut assign = || self.ingest.next_id();
        let items = incoming(&request, &source, kind, received_at, &rules, &mut assign);
        if !source.live {
            return Ok(items.iter().map(Answer::of_test).collect());
        }
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let answers = self.ingest.record(place, items).await?;
        Ok(if source.trusted {
            answers
        } else {
            answers.into_iter().map(answer::to_anybody).collect()
        })
    }

    /// The source of a key, if the request may use it.
    async fn source(&self, key: &str, head: &Parts) -> Result<Arc<source::Model>, ApiError> {
        let source = self.ingest.source(key, head).await?;
        let Some(source) = source else {
            return Err(self.unauthenticated(head, "There is no source with this key."));
        };
        if source.archived_at.is_some() {
            return Err(self.unauthenticated(head, "The source of this key is archived."));
        }
        if !source.trusted {
            self.ingest.limit(head, Stranger::Public)?;
        }
        if !key::allows_origin(&source, &head.headers) {
            let message = "The key of this source is not for pages of this origin.";
            return Err(ApiError::new(Code::Forbidden, message));
        }
        Ok(source)
    }

    /// Takes from what the address of a request has, which never showed a key. Its answer stays what it is; the next one may differ.
    fn charge(&self, head: &Parts) {
        let _ = self.ingest.limit(head, Stranger::Public);
    }

    /// The answer to a wrong key; to too many of them, when to come back.
    fn unauthenticated(&self, head: &Parts, message: &'static str) -> ApiError {
        match self.ingest.limit(head, Stranger::Wrong) {
            Ok(()) => ApiError::new(Code::Unauthenticated, message),
            Err(throttled) => throttled,
        }
    }
}
