//! What a scraper is promised.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use lazo_domain::clock::Timestamp;
use lazo_domain::identity::LinkKind;
use rstest::rstest;

use super::*;
use crate::touchpoint::{Answer, Status};

fn meters() -> Meters {
    Meters::new(Timestamp(1_795_000_000_500))
}

fn has(text: &str, line: &str) {
    assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
}

#[test]
fn every_family_is_explained_and_typed_and_no_name_comes_twice() {
    let meters = meters();
    meters.graphql(["platform", "storefront"]);
    meters
        .http()
        .answered(Some("/v1/batch"), StatusCode::OK, Duration::from_millis(3));
    for format in [Format::OpenMetrics, Format::Prometheus] {
        let text = meters.render(format);
        let names = |what: &str| -> Vec<String> {
            text.lines()
                .filter_map(|line| line.strip_prefix(what))
                .filter_map(|rest| rest.split(' ').next().map(str::to_owned))
                .collect()
        };
        let (helps, types) = (names("# HELP "), names("# TYPE "));
        assert_eq!(helps, types);
        let mut unique = types.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), types.len(), "{types:?}");
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let known = types.iter().any(|name| line.starts_with(name.as_str()));
            assert!(known, "{line}");
            assert!(
                line.starts_with("lazo_") || line.starts_with("process_"),
                "{line}"
            );
        }
    }
}

#[test]
fn the_two_forms_differ_in_counters_and_in_the_end() {
    let meters = meters();
    meters.counter("things", "Things").inc();
    let open = meters.render(Format::OpenMetrics);
    has(&open, "# TYPE lazo_things counter");
    has(&open, "lazo_things_total 1");
    assert!(open.ends_with("# EOF\n"));
    let older = meters.render(Format::Prometheus);
    has(&older, "# HELP lazo_things_total Things.");
    has(&older, "# TYPE lazo_things_total counter");
    has(&older, "lazo_things_total 1");
    assert!(!older.contains("# EOF") && !older.contains("# UNIT"));
}

#[rstest]
#[case("", Format::Prometheus)]
#[case("*/*", Format::Prometheus)]
#[case(
    "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3",
    Format::OpenMetrics
)]
fn the_scraper_chooses_the_form(#[case] accept: &'static str, #[case] format: Format) {
    let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
    assert_eq!(Format::accepted(&headers), format);
}

#[test]
fn what_a_part_counts_by_itself_is_read_at_each_scrape() {
    let meters = meters();
    let hits = Arc::new(AtomicU64::new(1));
    let read = Arc::clone(&hits);
    meters.counters(
        "cache_reads",
        "Reads of a cache",
        vec![
            Series::of(&[("outcome", "hit")], move || read.load(Ordering::Relaxed)),
            Series::maybe(&[("outcome", "miss")], || None),
        ],
    );
    has(
        &meters.render(Format::Prometheus),
        "lazo_cache_reads_total{outcome=\"hit\"} 1",
    );
    hits.store(5, Ordering::Relaxed);
    let text = meters.render(Format::Prometheus);
    has(&text, "lazo_cache_reads_total{outcome=\"hit\"} 5");
    assert!(!text.contains("miss"));
}

#[test]
fn what_a_transaction_did_counts_once_it_is_committed() {
    let meters = meters();
    let answer = |status| Answer::plain(Some("m"), status);
    let failed = meters.writer().begin();
    meters.writer().note_links([LinkKind::Merged]);
    drop(failed);
    let transaction = meters.writer().begin();
    meters
        .writer()
        .note_links([LinkKind::Refused, LinkKind::Refused]);
    transaction.committed(&[answer(Status::Accepted), answer(Status::Duplicate)]);

    let text = meters.render(Format::Prometheus);
    has(&text, "lazo_writer_failed_transactions_total 1");
    has(&text, "lazo_identity_links_total{kind=\"merged\"} 0");
    has(&text, "lazo_identity_links_total{kind=\"refused\"} 2");
    has(&text, "lazo_touchpoints_total{outcome=\"accepted\"} 1");
    has(&text, "lazo_touchpoints_total{outcome=\"duplicate\"} 1");
    has(&text, "lazo_touchpoints_total{outcome=\"rejected\"} 0");
    has(&text, "lazo_writer_transaction_items_sum 2.0");
    has(&text, "lazo_writer_transaction_duration_seconds_count 1");
}

#[test]
fn the_process_tells_when_it_started_and_what_memory_it_takes() {
    let text = meters().render(Format::Prometheus);
    has(&text, "process_start_time_seconds 1795000000");
    let resident = text
        .lines()
        .find_map(|line| line.strip_prefix("process_resident_memory_bytes "))
        .and_then(|number| number.parse::<u64>().ok());
    assert!(resident.is_some_and(|bytes| bytes > 1 << 20));
    let build = format!(
        "lazo_build_info{{version=\"{}\"}} 1",
        env!("CARGO_PKG_VERSION")
    );
    has(&text, &build);
}

#[test]
fn what_is_not_known_is_left_out() {
    let meters = meters();
    let waiting = |text: String| {
        text.lines().find_map(|line| {
            line.strip_prefix("lazo_quarantine_waiting_items ")
                .map(str::to_owned)
        })
    };
    assert_eq!(waiting(meters.render(Format::Prometheus)), None);
    meters.quarantine_waits(Some(3));
    assert_eq!(
        waiting(meters.render(Format::Prometheus)).as_deref(),
        Some("3")
    );
}
