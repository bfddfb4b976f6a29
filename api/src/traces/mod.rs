//! Traces by OpenTelemetry, for who has a collector. Spans hold patterns of paths, kinds and sizes, and no personal data.
//!
//! Without a collector none of this runs, and the spans that exist for traces alone are switched off where they stand.

mod client;

use std::time::Duration;

use axum::http::HeaderMap;
use opentelemetry::Context;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{SpanContext, TraceContextExt, TraceState, TracerProvider};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing::{Metadata, Span};
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

use self::client::Client;
use crate::config::Traces as Settings;

/// The path of traces at a collector (<https://opentelemetry.io/docs/specs/otlp/#otlphttp-request>).
const PATH: &str = "/v1/traces";
/// How long the last spans may take to go out at the end.
const FLUSH: Duration = Duration::from_secs(5);

/// The collector cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("LAZO_TRACES__ENDPOINT: {0}")]
pub struct TracesError(String);

/// The way to the collector; nothing where there is none.
#[derive(Clone, Debug, Default)]
pub struct Traces(Option<SdkTracerProvider>);

impl Traces {
    /// Starts sending to the collector of the configuration, if there is one. It may be away: then spans are lost.
    ///
    /// Must be called within the runtime that shall send.
    pub fn start(settings: &Settings) -> Result<Self, TracesError> {
        let Some(endpoint) = &settings.endpoint else {
            return Ok(Self(None));
        };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Client::new())
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{}{PATH}", endpoint.expose().trim_end_matches('/')))
            .build()
            .map_err(|error| TracesError(error.to_string()))?;
        let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(settings.sample)));
        let resource = Resource::builder()
            .with_service_name("lazo")
            .with_attribute(opentelemetry::KeyValue::new(
                "service.version",
                env!("CARGO_PKG_VERSION"),
            ))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(sampler)
            .with_resource(resource)
            .build();
        Ok(Self(Some(provider)))
    }

    /// What takes up our own spans; lines of the log stay in the log.
    pub(crate) fn layer<S>(&self) -> Option<impl Layer<S> + use<S>>
    where
        S: tracing::Subscriber + for<'a> LookupSpan<'a>,
    {
        let tracer = self.0.as_ref()?.tracer("lazo");
        let layer = OpenTelemetryLayer::new(tracer)
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false);
        Some(layer.with_filter(filter_fn(is_ours)))
    }

    /// Sends what is left.
    pub async fn stop(self) {
        let Some(provider) = self.0 else { return };
        // It waits for the collector, through this runtime, and so must not hold one of its threads.
        let stopped =
            tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(FLUSH)).await;
        if !matches!(stopped, Ok(Ok(()))) {
            tracing::warn!("the last traces did not reach their collector");
        }
    }
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    metadata.is_span() && (target == "lazo" || target.starts_with("lazo::"))
}

/// Ties a span to the one that a request names in `traceparent` (<https://www.w3.org/TR/trace-context/>), if it does.
///
/// That of a trusted proxy is its parent, and has decided whether it is traced. Anybody else could have everything traced in that way,
/// so theirs is a link from a trace of our own. Whatever else they say of their trace (`tracestate`) stays here.
pub(crate) fn follow(span: &Span, headers: &HeaderMap, trusted: bool) {
    if !headers.contains_key("traceparent") {
        return;
    }
    let parent = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
    let parent = parent.span().span_context().clone();
    if !parent.is_valid() {
        return;
    }
    let parent = SpanContext::new(
        parent.trace_id(),
        parent.span_id(),
        parent.trace_flags(),
        true,
        TraceState::NONE,
    );
    if trusted {
        // A span that nobody takes up has no parent to be given.
        let _ = span.set_parent(Context::new().with_remote_span_context(parent));
    } else {
        span.add_link(parent);
    }
}
