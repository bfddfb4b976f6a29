//! Serving: from a configuration to a listening server, and from a signal to a clean end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::app::{App, StartError};
use crate::config::Config;
use crate::http::{self, Connections, Options, Readiness};
use crate::standing::worker;

/// How long requests under way may take once the end has begun.
const DRAIN: Duration = Duration::from_secs(25);

/// Why serving ends with an error.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The application does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// An address cannot be listened on.
    #[error("{setting}: {address} cannot be listened on: {error}")]
    Listen {
        /// The setting that names it.
        setting: &'static str,
        /// The address.
        address: SocketAddr,
        /// Why.
        error: std::io::Error,
    },
    /// The server fails.
    #[error("the server failed: {0}")]
    Serve(#[from] std::io::Error),
}

/// A server that listens and does not serve yet.
pub struct Server {
    app: App,
    listener: TcpListener,
    metrics: Option<TcpListener>,
    writer: tokio::task::JoinHandle<()>,
    stop_writer: CancellationToken,
    graphiql: bool,
}

impl Server {
    /// Starts the application and listens.
    pub async fn start(config: Config, migrate: bool, demo: bool) -> Result<Self, ServeError> {
        let address = config.listen;
        let graphiql = demo || config.development;
        let stop_writer = CancellationToken::new();
        let (app, writer) = App::start(
            Arc::new(config),
            crate::clock::usual(),
            migrate,
            stop_writer.clone(),
        )
        .await?;
        let listener = listen("LAZO_LISTEN", address).await?;
        let metrics = match app.config().metrics.listen {
            Some(address) => Some(listen("LAZO_METRICS__LISTEN", address).await?),
            None => None,
        };
        Ok(Self {
            app,
            listener,
            metrics,
            writer,
            stop_writer,
            graphiql,
        })
    }

    /// The application.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The address it listens on.
    pub fn address(&self) -> Result<SocketAddr, ServeError> {
        Ok(self.listener.local_addr()?)
    }

    /// Serves until a signal, then finishes what is under way and stops the writer.
    pub async fn run(self) -> Result<(), ServeError> {
        let address = self.address()?;
        let readiness = Readiness::default();
        let router = http::router(
            &self.app,
            Options {
                graphiql: self.graphiql,
                readiness: readiness.clone(),
            },
        );
        let stop = CancellationToken::new();
        let timer = worker::start(self.app.clone(), stop.clone());
        let settings = &self.app.config().http;
        let connections = Connections::new(settings, self.app.meters());
        let serving = connections.serve(self.listener, router, stop.clone());
        let metrics = async {
            if let Some(listener) = self.metrics {
                let router = http::metrics_router(&self.app);
                let connections = Connections::of_operator(settings);
                connections.serve(listener, router, stop.clone()).await;
            }
        };
        tracing::info!("listening on http://{address}");
        let overdue = async {
            signalled().await;
            tracing::info!("stopping");
            readiness.close();
            stop.cancel();
            tokio::select! {
                () = tokio::time::sleep(DRAIN) => {}
                () = signalled() => {}
            }
        };
        tokio::select! {
            _ = async { tokio::join!(serving, metrics) } => {}
            () = overdue => tracing::warn!("requests under way were cut off"),
        }
        stop.cancel();
        // One that failed has nothing to finish.
        let _ = timer.await;
        self.stop_writer.cancel();
        drop(self.app);
        // A writer that fails has answered nobody; what it took is not acknowledged.
        let _ = self.writer.await;
        tracing::info!("stopped");
        Ok(())
    }
}

async fn listen(setting: &'static str, address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| ServeError::Listen {
            setting,
            address,
            error,
        })
}

/// Waits for SIGTERM or SIGINT.
async fn signalled() {
    let wait = |kind| async move {
        match signal(kind) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = wait(SignalKind::terminate()) => {}
        () = wait(SignalKind::interrupt()) => {}
    }
}
