//! What every request passes: an id, a line in the log, a clock, a net for panics.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, State};
use axum::http::{HeaderName, Method, Request, Response, StatusCode};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{
    MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer,
};
use tower_http::trace::{MakeSpan, TraceLayer};
use tracing::{Span, field};
use uuid::Uuid;

use crate::app::App;
use crate::config::Networks;
use crate::metrics::HttpMeters;
use crate::traces;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives each request an id of ours; one that a client sends is not taken, as it goes to the log.
#[derive(Clone)]
struct OwnIds(App);

impl MakeRequestId for OwnIds {
    fn make_request_id<B>(&mut self, _: &Request<B>) -> Option<RequestId> {
        let id: Uuid = self.0.ids().next(self.0.now());
        id.simple().to_string().parse().ok().map(RequestId::new)
    }
}

/// Wraps the routes.
pub(super) fn around(router: Router, app: &App) -> Router {
    let trace = TraceLayer::new_for_http()
        .make_span_with(Spans {
            traced: app.config().traces.endpoint.is_some(),
            trusted_proxies: app.config().http.trusted_proxies.clone(),
        })
        .on_request(())
        .on_response(on_response)
        .on_failure(());
    router.layer(
        ServiceBuilder::new()
            .map_request(|mut request: Request<Body>| {
                request.headers_mut().remove(REQUEST_ID);
                request
            })
            .layer(SetRequestIdLayer::new(REQUEST_ID, OwnIds(app.clone())))
            .layer(trace)
            .layer(PropagateRequestIdLayer::new(REQUEST_ID))
            .layer(from_fn_with_state(app.meters().http().clone(), measure))
            .layer(from_fn(super::unread::read_off))
            .layer(CatchPanicLayer::new()),
    )
}

/// Measures how long the answer takes.
async fn measure(
    State(meters): State<HttpMeters>,
    request: Request<Body>,
    next: Next,
) -> Response<Body> {
    let began = Instant::now();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = route.as_ref().map(MatchedPath::as_str);
    meters.answered(route, response.status(), began.elapsed());
    response
}

/// Makes the span of a request.
///
/// It holds the path's pattern and never its query or headers: those may hold a person's data or a token.
#[derive(Clone)]
struct Spans {
    /// Whether there is a collector of traces, which wants to know more than the log.
    traced: bool,
    /// Those whose traces are followed.
    trusted_proxies: Networks,
}

impl MakeSpan<Body> for Spans {
    fn make_span(&mut self, request: &Request<Body>) -> Span {
        let path = request
            .extensions()
            .get::<MatchedPath>()
            .map_or("-", MatchedPath::as_str);
        let id = request
            .extensions()
            .get::<RequestId>()
            .and_then(|id| id.header_value().to_str().ok());
        let method = known(request.method());
        if !self.traced {
            return tracing::info_span!("request", id, method, path);
        }
        // The names are OpenTelemetry's (<https://opentelemetry.io/docs/specs/semconv/http/http-spans/>).
        let span = tracing::info_span!(
            "request",
            id,
            method,
            path,
            otel.name = format_args!("{method} {path}"),
            otel.kind = "server",
            http.request.method = method,
            http.route = path,
            http.response.status_code = field::Empty,
        );
        let peer = super::limits::peer(request.extensions());
        let trusted = peer.is_some_and(|peer| self.trusted_proxies.hold(peer));
        traces::follow(&span, request.headers(), trusted);
        span
    }
}

/// The name of a method, as OpenTelemetry wants it: anybody may send any word in its place, of any length.
fn known(method: &Method) -> &str {
    const KNOWN: [Method; 9] = [
        Method::GET,
        Method::POST,
        Method::OPTIONS,
        Method::HEAD,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::CONNECT,
        Method::TRACE,
    ];
    if KNOWN.contains(method) {
        method.as_str()
    } else {
        "_OTHER"
    }
}

/// Whether anybody gets this answer as often as they like.
fn is_for_anybody(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::TOO_MANY_REQUESTS
    )
}

/// When a refusal for lack of room was told of last, in seconds since the program looked first.
static TOLD: AtomicU64 = AtomicU64::new(0);

/// Whether a refusal for lack of room is to be told of: once a second at most, since under a flood there are thousands of them and
/// each line would take from what is left. All of them are measured.
fn is_told(status: StatusCode) -> bool {
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    if status != StatusCode::SERVICE_UNAVAILABLE {
        return true;
    }
    let second = BEGAN.elapsed().as_secs() + 1;
    TOLD.swap(second, Ordering::Relaxed) < second
}

/// Logs the answer. Those that went well are many and measured anyway, so their lines are only for who looks for a fault; and those
/// that anybody gets would let anybody fill the log.
fn on_response<B>(response: &Response<B>, latency: Duration, span: &Span) {
    let status = response.status().as_u16();
    // Only a span for traces has such a field.
    span.record("http.response.status_code", status);
    let milliseconds = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
    if response.status().is_server_error() && is_told(response.status()) {
        tracing::warn!(status, milliseconds, "answered");
    } else if response.status().is_client_error() && !is_for_anybody(response.status()) {
        tracing::info!(status, milliseconds, "answered");
    } else {
        tracing::debug!(status, milliseconds, "answered");
    }
}
