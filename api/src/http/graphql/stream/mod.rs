//! Subscriptions, answered as streams of server-sent events.

mod frame;
mod places;
mod pump;

use std::sync::Arc;
use std::time::Duration;

use async_graphql::Response as Told;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use futures::future::BoxFuture;
use futures::stream::{self, BoxStream};
use prometheus_client::metrics::counter::Counter;
use tokio_util::sync::CancellationToken;

use self::places::{Full, Place, Places};
use self::pump::Pump;
use super::response::{Cost, failure};
use crate::audit::Reads;
use crate::config::Subscriptions;
use crate::error::ApiError;
use crate::graphql::{AnswerSize, Delivery};
use crate::http::limits::Budget;
use crate::metrics::{Meters, Series};

/// The cursor after which a stream goes on, and in the answer the one after which it begins.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// When a caller may come back who has as many streams as there may be.
const FULL_FOR: Duration = Duration::from_secs(5);

/// Says whether a caller may still be told of things.
pub type Check = Arc<dyn Fn() -> BoxFuture<'static, Result<(), ApiError>> + Send + Sync>;

/// Who asks for a stream.
#[derive(Clone)]
pub struct Listener {
    /// By what the streams of this caller are counted.
    pub name: String,
    /// Whether it may still be told of things.
    pub check: Check,
    /// What it reads of many persons, to be settled before it is told.
    pub reads: Reads,
}

/// The streams of the process; cheap to clone.
#[derive(Clone, Debug)]
pub struct Streams {
    places: Arc<Places>,
    life: Duration,
    heartbeat: Duration,
    stop: CancellationToken,
    events: Counter,
    refused: [Counter; 2],
}

impl Streams {
    /// Streams that end once `stop` is cancelled.
    pub fn new(settings: &Subscriptions, meters: &Meters, stop: CancellationToken) -> Self {
        let places = Places::new(settings.streams, settings.token_streams);
        let open = Arc::clone(&places);
        meters.gauges(
            "subscription_streams",
            "Open streams of subscriptions",
            vec![Series::of(&[], move || {
                u64::try_from(open.taken()).unwrap_or(u64::MAX)
            })],
        );
        Self {
            places,
            life: Duration::from_secs(settings.life_seconds),
            heartbeat: Duration::from_secs(settings.heartbeat_seconds),
            stop,
            events: meters.counter(
                "subscription_events",
                "Events that streams of subscriptions have told",
            ),
            refused: meters.counters_by(
                "refused_subscriptions",
                "Subscriptions that were refused with 429, by the limit that they met",
                "limit",
                ["all", "token"],
            ),
        }
    }

    /// A place for a stream, or when to come back.
    fn place(&self, caller: &str) -> Result<Place, ApiError> {
        self.places.take(caller).map_err(|full| {
            let refused = match full {
                Full::All => &self.refused[0],
                Full::Token => &self.refused[1],
            };
            refused.inc();
            ApiError::throttled(FULL_FOR)
        })
    }

    /// A seat for a stream of this caller, or when to come back.
    pub(super) fn admit(&self, listener: Listener) -> Result<Seat, ApiError> {
        let place = self.place(&listener.name)?;
        Ok(Seat {
            streams: self.clone(),
            check: listener.check,
            reads: listener.reads,
            _place: place,
        })
    }
}

/// What a stream may use as long as it lives.
pub(super) struct Seat {
    streams: Streams,
    check: Check,
    reads: Reads,
    /// Given back with it.
    _place: Place,
}

/// What is told, to whom and at what cost.
pub(super) struct Telling {
    pub(super) source: BoxStream<'static, Told>,
    pub(super) delivery: Delivery,
    pub(super) size: AnswerSize,
    pub(super) budget: Option<Budget>,
    pub(super) cost: Cost,
    /// How long one event may be resolved.
    pub(super) patience: Duration,
    /// Errors in an event.
    pub(super) errors: usize,
}

/// What a request brings of an earlier stream.
pub(super) fn delivery(headers: &HeaderMap) -> Delivery {
    let last = headers.get(LAST_EVENT_ID).map(HeaderValue::as_bytes);
    // What is no text is no cursor of ours, and refused as one.
    let last = last.map(|last| String::from_utf8_lossy(last).into_owned());
    Delivery::resuming(last.filter(|last| !last.is_empty()))
}

/// Answers with the events of a subscription, once it has begun: what happens after the client sees this head is told.
pub(super) async fn open(seat: Seat, telling: Telling) -> Result<Response, ApiError> {
    let delivery = telling.delivery.clone();
    let pump = Pump::start(seat, telling).await?;
    let frames = stream::unfold(pump, |mut pump| async move {
        let frame = pump.frame().await?;
        Some((Ok::<_, std::convert::Infallible>(frame), pump))
    });
    let mut response = respond(Body::from_stream(frames));
    let began = delivery.began();
    if let Some(began) = began.and_then(|began| HeaderValue::from_str(&began).ok()) {
        response.headers_mut().insert(LAST_EVENT_ID, began);
    }
    Ok(response)
}

/// Answers a document that is refused, in the one type that its client takes. The protocol asks for this: to a client of
/// server-sent events another status would only say that the connection failed.
pub(super) fn refuse_document(error: &ApiError) -> Response {
    respond(Body::from(frame::complete(Some(&failure(error)))))
}

fn respond(body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Proxies that know this pass each event on at once.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
