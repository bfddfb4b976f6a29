//! What the operating system knows of the process, where it tells (Linux).

use std::fmt;
use std::fs;

use lazo_domain::clock::Timestamp;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;

/// The names are those that Prometheus's own client libraries use.
#[derive(Debug)]
pub(super) struct Process {
    /// Seconds since 1970.
    started_at: i64,
}

impl Process {
    pub(super) fn new(started_at: Timestamp) -> Self {
        Self {
            started_at: started_at.0.div_euclid(1000),
        }
    }
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut gauge = |name, help, value: i64| {
            let metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            ConstGauge::new(value).encode(metric)
        };
        gauge(
            "process_start_time_seconds",
            "When the process started, since 1970.",
            self.started_at,
        )?;
        if let Some(bytes) = resident_bytes() {
            let help = "Memory of the process that is in the machine's.";
            gauge("process_resident_memory_bytes", help, bytes)?;
        }
        if let Some(number) = open_files() {
            let help = "Files and connections that the process has open.";
            gauge("process_open_fds", help, number)?;
        }
        Ok(())
    }
}

fn resident_bytes() -> Option<i64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

fn open_files() -> Option<i64> {
    // Reading the list opens one more.
    let open = fs::read_dir("/proc/self/fd").ok()?.count();
    i64::try_from(open.saturating_sub(1)).ok()
}
