//! Logs: to standard error, as text for people or JSON for machines.

use std::io::IsTerminal;

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use crate::config::{Log, LogFormat};
use crate::traces::Traces;

/// Starts logging for the process, and handing its spans to the collector of traces; a second call does nothing.
pub fn start(log: &Log, traces: &Traces) {
    let filter = EnvFilter::try_new(&log.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match log.format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    // The filter of the log is not that of traces. Without traces it stands for all, which costs less.
    let started = match traces.layer() {
        Some(spans) => Registry::default()
            .with(lines.with_filter(filter))
            .with(spans)
            .try_init(),
        None => Registry::default().with(lines).with(filter).try_init(),
    };
    // Logging that has started already goes on.
    drop(started);
}
