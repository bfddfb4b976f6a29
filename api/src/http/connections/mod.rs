//! Connections: how many there may be, what may arrive on one before a request is taken, and how long it may take.

mod activity;
mod places;
#[cfg(test)]
mod tests;
mod watched;

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use prometheus_client::metrics::counter::Counter;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use self::activity::Activity;
use self::places::{Full, Place, Places};
use self::watched::{Answered, Watched};
use crate::config::{Http, Networks};
use crate::metrics::{Meters, Series};

/// How long the head of a request may take to arrive, the first one's on a new connection included.
const HEAD: Duration = Duration::from_secs(10);
/// Headers of one request.
const MOST_HEADERS: usize = 64;
/// Bytes of the head of a request (HTTP/1).
const MOST_HEAD_BYTES: usize = 64 * 1024;
/// Bytes of the headers of a request, as HTTP/2 counts them.
const MOST_HEADER_LIST_BYTES: u32 = 16 * 1024;
/// Requests at a time on one connection (HTTP/2).
const MOST_STREAMS: u32 = 100;
/// How often the other end of an HTTP/2 connection is asked whether it is there.
const PING: Duration = Duration::from_secs(20);
/// How long the other end may take nothing of an answer.
const STALL: Duration = Duration::from_secs(30);
/// The same while the process stops.
const STALL_AT_END: Duration = Duration::from_secs(5);
/// How long a connection may take to close.
const CLOSE: Duration = Duration::from_secs(1);
/// How long to wait when no connection can be accepted, as when there are no file descriptors left.
const PAUSE: Duration = Duration::from_millis(500);

/// Serves connections; cheap to clone.
#[derive(Clone)]
pub struct Connections {
    protocol: Builder<TokioExecutor>,
    places: Arc<Places>,
    idle: Duration,
    stall: Duration,
    refused: [Counter; 2],
}

impl Connections {
    /// Those of the address that everybody reaches.
    pub fn new(settings: &Http, meters: &Meters) -> Self {
        let refused = meters.counters_by(
            "refused_connections",
            "Connections that were closed at once, by the limit that they met",
            "limit",
            ["all", "address"],
        );
        let places = Places::new(
            settings.connections,
            settings.address_connections,
            settings.trusted_proxies.clone(),
        );
        let open = Arc::clone(&places);
        meters.gauges(
            "connections",
            "Open connections",
            vec![Series::of(&[], move || {
                u64::try_from(open.taken()).unwrap_or(u64::MAX)
            })],
        );
        Self {
            protocol: protocol(),
            places,
            idle: Duration::from_secs(settings.idle_seconds),
            stall: STALL,
            refused,
        }
    }

    /// Those of the operator's own address, which have places of their own.
    pub fn of_operator(settings: &Http) -> Self {
        Self {
            protocol: protocol(),
            places: Places::new(100, 0, Networks::default()),
            idle: Duration::from_secs(settings.idle_seconds),
            stall: STALL,
            refused: <[Counter; 2]>::default(),
        }
    }

    /// Serves what arrives until `stop` is cancelled, then what is under way.
    pub async fn serve(self, listener: TcpListener, router: Router, stop: CancellationToken) {
        let tasks = TaskTracker::new();
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = stop.cancelled() => break,
            };
            match accepted {
                Ok((stream, peer)) => match self.places.take(peer.ip()) {
                    Ok(place) => {
                        let (own, router, stop) = (self.clone(), router.clone(), stop.clone());
                        tasks.spawn(own.connection(stream, peer, place, router, stop));
                    }
                    // Dropping the stream closes it: whoever waits in vain learns it now.
                    Err(Full::All) => {
                        self.refused[0].inc();
                    }
                    Err(Full::Address) => {
                        self.refused[1].inc();
                    }
                },
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "connections cannot be accepted");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        drop(listener);
        tasks.close();
        tasks.wait().await;
    }

    async fn connection(
        self,
        stream: TcpStream,
        peer: SocketAddr,
        _place: Place,
        router: Router,
        stop: CancellationToken,
    ) {
        // Answers are written whole; waiting for more to send only delays them. A stream that is gone shows it soon.
        let _ = stream.set_nodelay(true);
        let activity = Activity::new(HEAD, self.idle);
        let watched = Arc::clone(&activity);
        let service = service_fn(move |request: hyper::Request<Incoming>| {
            let busy = watched.busy(request.version());
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            let answer = router.clone().oneshot(request);
            async move {
                let answer = answer.await?;
                Ok::<_, std::convert::Infallible>(answer.map(|body| Answered::new(body, busy)))
            }
        });
        let stream = Watched {
            stream,
            activity: Arc::clone(&activity),
        };
        let connection = self
            .protocol
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = std::pin::pin!(connection);
        // What goes wrong on a connection is the other end's, and was answered where it could be.
        tokio::select! {
            _ = connection.as_mut() => return,
            () = activity.overdue(self.stall) => {
                connection.as_mut().graceful_shutdown();
                let _ = tokio::time::timeout(CLOSE, connection).await;
                return;
            }
            () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        tokio::select! {
            _ = connection => {}
            () = activity.overdue(self.stall.min(STALL_AT_END)) => {}
        }
    }
}

fn protocol() -> Builder<TokioExecutor> {
    let mut protocol = Builder::new(TokioExecutor::new());
    // How long a head may take is for `Activity`: the library counts the time between two requests to it.
    protocol
        .http1()
        .max_headers(MOST_HEADERS)
        .max_buf_size(MOST_HEAD_BYTES);
    protocol
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MOST_STREAMS)
        .max_header_list_size(MOST_HEADER_LIST_BYTES)
        .keep_alive_interval(PING);
    protocol
}

/// Whether the other end has gone before it was accepted.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset
    )
}
