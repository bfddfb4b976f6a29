//! Meters that are read when somebody scrapes.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use super::Labels;

/// One number of a meter, under its labels.
pub struct Series {
    labels: Labels,
    read: Box<dyn Fn() -> Option<u64> + Send + Sync>,
}

impl Series {
    /// A number that is always known. Reading must be quick and must not wait.
    pub fn of(
        labels: &[(&'static str, &'static str)],
        read: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Self {
        Self::maybe(labels, move || Some(read()))
    }

    /// A number that is left out while it is not known.
    pub fn maybe(
        labels: &[(&'static str, &'static str)],
        read: impl Fn() -> Option<u64> + Send + Sync + 'static,
    ) -> Self {
        Self {
            labels: labels.to_vec(),
            read: Box::new(read),
        }
    }
}

impl fmt::Debug for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Series")
            .field("labels", &self.labels)
            .finish_non_exhaustive()
    }
}

/// What the numbers of a meter do.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// They only grow.
    Counter,
    /// They go up and down.
    Gauge,
}

/// A meter of which every number is read at the scrape.
#[derive(Debug)]
pub(super) struct Sampled {
    kind: Kind,
    name: &'static str,
    help: String,
    series: Vec<Series>,
}

impl Sampled {
    pub(super) fn new(
        kind: Kind,
        name: &'static str,
        help: &'static str,
        series: Vec<Series>,
    ) -> Self {
        Self {
            kind,
            name,
            // As the library writes the explanations of all others.
            help: format!("{help}."),
            series,
        }
    }
}

impl Collector for Sampled {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Counter => MetricType::Counter,
            Kind::Gauge => MetricType::Gauge,
        };
        let mut family = encoder.encode_descriptor(self.name, &self.help, None, kind)?;
        for series in &self.series {
            let Some(number) = (series.read)() else {
                continue;
            };
            // The library writes empty braces where there are no labels.
            if series.labels.is_empty() {
                return encode(self.kind, number, family);
            }
            encode(self.kind, number, family.encode_family(&series.labels)?)?;
        }
        Ok(())
    }
}

fn encode(kind: Kind, number: u64, encoder: MetricEncoder<'_>) -> fmt::Result {
    match kind {
        Kind::Counter => ConstCounter::new(number).encode(encoder),
        Kind::Gauge => ConstGauge::new(number).encode(encoder),
    }
}
