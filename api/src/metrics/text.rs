//! The two forms of text that scrapers read.

use axum::http::{HeaderMap, HeaderValue, header};

/// A form of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// OpenMetrics 1.0 (<https://prometheus.io/docs/specs/om/open_metrics_spec/>).
    OpenMetrics,
    /// Prometheus's own, version 0.0.4 (<https://prometheus.io/docs/instrumenting/exposition_formats/>).
    Prometheus,
}

impl Format {
    /// The form that a scraper asks for; Prometheus's own for those who do not say.
    pub fn accepted(headers: &HeaderMap) -> Self {
        let open = headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.contains("application/openmetrics-text"));
        if open {
            Self::OpenMetrics
        } else {
            Self::Prometheus
        }
    }

    /// As an answer names it.
    pub fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
        })
    }
}

/// The older form of an OpenMetrics text: a counter's type is told of its full name, there are no units, and no end is marked.
pub(super) fn to_prometheus(open_metrics: &str) -> String {
    let mut text = String::with_capacity(open_metrics.len());
    let lines: Vec<&str> = open_metrics.lines().collect();
    let mut counter = false;
    for (place, line) in lines.iter().enumerate() {
        if line.starts_with("# UNIT ") || *line == "# EOF" {
            continue;
        }
        let mut words = line.splitn(4, ' ');
        if let (Some("#"), Some(what @ ("HELP" | "TYPE")), Some(name), Some(rest)) =
            (words.next(), words.next(), words.next(), words.next())
        {
            if what == "HELP" {
                // The type stands in the line that follows.
                let kind = lines
                    .get(place + 1)
                    .and_then(|next| next.rsplit(' ').next());
                counter = kind == Some("counter");
            }
            let total = if counter { "_total" } else { "" };
            text.extend(["# ", what, " ", name, total, " ", rest, "\n"]);
        } else {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}
