//! What HTTP requests are measured by: how long they took, by the pattern of their path and the class of their status.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use axum::http::StatusCode;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// The classes of statuses that we answer with.
const CLASSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];
/// What stands for the path of a request that no route matches.
const NO_ROUTE: &str = "none";

/// The times of one route, of each class that was answered with.
type Times = [OnceLock<Histogram>; CLASSES.len()];

/// What HTTP requests are measured by; cheap to clone.
#[derive(Clone, Debug)]
pub struct HttpMeters {
    /// By the patterns of paths, of which there are as many as routes; looked up without an allocation.
    routes: Arc<RwLock<HashMap<String, Arc<Times>>>>,
}

impl HttpMeters {
    pub(super) fn registered(registry: &mut Registry) -> Self {
        let meters = Self {
            routes: Arc::default(),
        };
        registry.register_collector(Box::new(meters.clone()));
        meters
    }

    /// A request was answered. The route is the pattern of its path, none where there was no such path.
    pub fn answered(&self, route: Option<&str>, status: StatusCode, took: Duration) {
        let class = match status.as_u16() {
            500.. => 3,
            400.. => 2,
            300.. => 1,
            _ => 0,
        };
        self.times(route.unwrap_or(NO_ROUTE))[class]
            .get_or_init(|| Histogram::new(exponential_buckets(0.0005, 2.5, 12)))
            .observe(took.as_secs_f64());
    }

    fn times(&self, route: &str) -> Arc<Times> {
        if let Some(times) = self
            .routes
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(route)
        {
            return Arc::clone(times);
        }
        let mut routes = self.routes.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(routes.entry(route.to_owned()).or_default())
    }
}

impl Collector for HttpMeters {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut family = encoder.encode_descriptor(
            "http_request_duration",
            "From the head of a request to the head of its answer.",
            Some(&Unit::Seconds),
            MetricType::Histogram,
        )?;
        let routes = self.routes.read().unwrap_or_else(PoisonError::into_inner);
        for (route, times) in routes.iter() {
            for (class, histogram) in CLASSES.iter().zip(times.iter()) {
                if let Some(histogram) = histogram.get() {
                    let labels = [("route", route.as_str()), ("status", class)];
                    histogram.encode(family.encode_family(&labels)?)?;
                }
            }
        }
        Ok(())
    }
}
