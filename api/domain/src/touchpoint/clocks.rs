//! Clocks: when a touchpoint happened, from clocks of which only the server's can be trusted.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use serde_json::{Number, Value};

use super::item::Item;
use super::refusal::Refusal;
use super::{Note, RefusalCode};
use crate::clock::Timestamp;

/// How far the sender's clock may be from the server's, in milliseconds, before times are corrected by the difference.
///
/// Below it the difference is the way through the network, which differs from request to request: a correction by it would
/// swap events that happened within milliseconds of each other.
pub const CLOCK_TOLERANCE_MS: i64 = 60_000;

/// What times are corrected by is a multiple of this, in milliseconds: each request takes a few milliseconds of its own, and a
/// correction by those would swap what happened within them.
const CORRECTION_STEP_MS: i64 = 1_000;

/// Numbers below this are seconds since 1970, others milliseconds; in seconds it is the year 5138, in milliseconds 1973.
const FIRST_EPOCH_MILLIS: i64 = 100_000_000_000;

/// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z: what RFC 3339 and every engine can write.
const READABLE: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;

/// Times without a zone, as Python's clients write them.
const NAIVE_FORMATS: [&str; 3] = [
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
];

/// Times with a zone that RFC 3339 does not write so.
const ZONED_FORMATS: [&str; 2] = ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z"];

/// The times of one touchpoint, read once and never computed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clocks {
    /// When it happened, by the server's clock as far as that can be known.
    pub occurred_at: Timestamp,
    /// When the server received it.
    pub received_at: Timestamp,
    /// When it happened by the sender's clock.
    pub original_at: Option<Timestamp>,
    /// When it was sent by the sender's clock.
    pub sent_at: Option<Timestamp>,
}

/// Reads a time as clients write it: RFC 3339, an ISO 8601 date and time without a zone (taken as UTC) or a date alone, or a
/// number of seconds or milliseconds since 1970. `None` if it is none of these or outside the years 1 to 9999.
pub fn read_instant(value: &Value) -> Option<Timestamp> {
    Some(read(value)?.at)
}

/// An instant, and whether it says all that was written (no zone and no digits after the millisecond got lost).
struct Reading {
    at: Timestamp,
    exact: bool,
}

fn read(value: &Value) -> Option<Reading> {
    let reading = match value {
        Value::String(text) => read_text(text.trim()),
        Value::Number(number) => read_number(number),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    reading.filter(|reading| READABLE.contains(&reading.at.0))
}

fn read_text(text: &str) -> Option<Reading> {
    let zoned = DateTime::parse_from_rfc3339(text).ok().or_else(|| {
        ZONED_FORMATS
            .iter()
            .find_map(|format| DateTime::parse_from_str(text, format).ok())
    });
    if let Some(zoned) = zoned {
        let utc = zoned.with_timezone(&Utc);
        return Some(Reading {
            exact: zoned.naive_local() == utc.naive_utc() && whole_millis(&utc),
            at: utc.into(),
        });
    }
    let naive = NAIVE_FORMATS
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .or_else(|| Some(text.parse::<NaiveDate>().ok()?.and_time(NaiveTime::MIN)))?;
    Some(Reading {
        at: naive.and_utc().into(),
        exact: false,
    })
}

fn whole_millis(time: &impl Timelike) -> bool {
    time.nanosecond().is_multiple_of(1_000_000)
}

fn read_number(number: &Number) -> Option<Reading> {
    if let Some(whole) = number.as_i64() {
        let seconds = whole.unsigned_abs() < FIRST_EPOCH_MILLIS.unsigned_abs();
        let at = Timestamp(if seconds {
            whole.saturating_mul(1000)
        } else {
            whole
        });
        return Some(Reading { at, exact: true });
    }
    let number = number.as_f64()?;
    let size = number.abs();
    // Below the first number of milliseconds, which is 1e11.
    let seconds = if size < 1e11 { size } else { size / 1000.0 };
    // Half a millisecond more, because the conversion cuts and a decimal fraction is often a little less than it says.
    let since_1970 = Duration::try_from_secs_f64(seconds + 0.0005).ok()?;
    let millis = i64::try_from(since_1970.as_millis()).ok()?;
    let at = Timestamp(if number < 0.0 { -millis } else { millis });
    Some(Reading { at, exact: false })
}

/// Takes the times out of the item. A time that says more than its instant, or is not read, stays in the item.
pub(super) fn take(
    item: &mut Item,
    received_at: Timestamp,
    request_sent_at: Option<Timestamp>,
    earliest: Timestamp,
    notes: &mut Vec<Note>,
) -> Result<Clocks, Refusal> {
    let original_at = take_first(
        item,
        &["originalTimestamp", "original_timestamp", "timestamp"],
        notes,
    );
    let sent_at = take_first(item, &["sentAt", "sent_at"], notes).or(request_sent_at);
    let (occurred_at, note) = occurred_at(received_at, original_at, sent_at);
    notes.extend(note);
    if occurred_at < earliest {
        return Err(RefusalCode::TooEarly.into());
    }
    Ok(Clocks {
        occurred_at,
        received_at,
        original_at,
        sent_at,
    })
}

fn take_first(item: &mut Item, fields: &[&str], notes: &mut Vec<Note>) -> Option<Timestamp> {
    for field in fields {
        let Some((_, value)) = item.peek(&[field]) else {
            continue;
        };
        if let Some(reading) = read(value) {
            if reading.exact {
                item.remove(field);
            }
            return Some(reading.at);
        }
        notes.push(Note::UnreadableTime);
    }
    None
}

fn occurred_at(
    received_at: Timestamp,
    original_at: Option<Timestamp>,
    sent_at: Option<Timestamp>,
) -> (Timestamp, Option<Note>) {
    let Some(original_at) = original_at else {
        return (received_at, None);
    };
    let skew = sent_at
        .map(|sent_at| received_at.0.saturating_sub(sent_at.0))
        .filter(|skew| skew.unsigned_abs() > CLOCK_TOLERANCE_MS.unsigned_abs());
    let step = skew.map_or(0, |skew| {
        skew.saturating_sub(skew.rem_euclid(CORRECTION_STEP_MS))
    });
    let corrected = original_at.plus_millis(step);
    if corrected > received_at {
        (received_at, Some(Note::FutureTimeCut))
    } else {
        (corrected, skew.map(|_| Note::ClockCorrected))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case::javascript(json!("2026-11-22T00:39:30.422Z"), "2026-11-22T00:39:30.422Z")]
    #[case::python(json!("2026-11-22T00:39:14.014235+00:00"), "2026-11-22T00:39:14.014Z")]
    #[case::python_without_fraction(json!("2026-11-22T00:39:14+00:00"), "2026-11-22T00:39:14.000Z")]
    #[case::an_offset(json!("2026-11-22T02:39:14+02:00"), "2026-11-22T00:39:14.000Z")]
    #[case::an_offset_without_colon(json!("2026-11-22T02:39:14+0200"), "2026-11-22T00:39:14.000Z")]
    #[case::a_blank_for_t(json!("2026-11-22 00:39:14Z"), "2026-11-22T00:39:14.000Z")]
    #[case::without_zone(json!("2020-01-01T00:00:00"), "2020-01-01T00:00:00.000Z")]
    #[case::without_zone_with_blank(json!("2020-01-01 10:00:00.5"), "2020-01-01T10:00:00.500Z")]
    #[case::without_seconds(json!("2020-01-01T10:00"), "2020-01-01T10:00:00.000Z")]
    #[case::a_date(json!("2020-02-29"), "2020-02-29T00:00:00.000Z")]
    #[case::seconds(json!(1_700_000_000), "2023-11-14T22:13:20.000Z")]
    #[case::seconds_with_fraction(json!(1_700_000_000.123), "2023-11-14T22:13:20.123Z")]
    #[case::milliseconds(json!(1_700_000_000_123_i64), "2023-11-14T22:13:20.123Z")]
    #[case::milliseconds_as_float(json!(1.7e12), "2023-11-14T22:13:20.000Z")]
    #[case::the_start(json!(0), "1970-01-01T00:00:00.000Z")]
    #[case::before_the_start(json!(-1), "1969-12-31T23:59:59.000Z")]
    #[case::before_the_start_with_fraction(json!(-1.5), "1969-12-31T23:59:58.500Z")]
    #[case::far_away(json!("2999-12-31T23:59:59Z"), "2999-12-31T23:59:59.000Z")]
    #[case::a_leap_second(json!("2016-12-31T23:59:60Z"), "2017-01-01T00:00:00.000Z")]
    fn times_are_read_as_clients_write_them(#[case] value: Value, #[case] expected: &str) {
        assert_eq!(read_instant(&value).unwrap().to_string(), expected);
    }

    #[rstest]
    #[case(json!("yesterday"))]
    #[case(json!(""))]
    #[case(json!("2023-02-29"))]
    #[case(json!("2026-13-01T00:00:00Z"))]
    #[case(json!(true))]
    #[case(json!({"seconds": 1}))]
    #[case(json!(i64::MAX))]
    #[case(json!(i64::MIN))]
    #[case(json!(u64::MAX))]
    #[case(json!(1e300))]
    #[case(json!(-1e300))]
    #[case(json!("+262142-12-31T23:59:59Z"))]
    fn what_is_no_time_is_absent(#[case] value: Value) {
        assert_eq!(read_instant(&value), None);
    }

    #[rstest]
    #[case::no_times(None, None, 1_000_000, None)]
    #[case::only_original(Some(500_000), None, 500_000, None)]
    #[case::within_a_minute(Some(939_000), Some(940_000), 939_000, None)]
    #[case::clock_behind(Some(400_000), Some(500_000), 900_000, Some(Note::ClockCorrected))]
    #[case::by_whole_seconds(Some(400_000), Some(499_997), 900_000, Some(Note::ClockCorrected))]
    #[case::clock_ahead(Some(8_999_000), Some(9_000_000), 999_000, Some(Note::ClockCorrected))]
    #[case::back_dated(Some(-7_000_000), Some(1_000_000), -7_000_000, None)]
    #[case::future(Some(2_000_000), Some(1_000_000), 1_000_000, Some(Note::FutureTimeCut))]
    #[case::future_without_sent(Some(2_000_000), None, 1_000_000, Some(Note::FutureTimeCut))]
    #[case::sent_before_it_happened(
        Some(900_000),
        Some(500_000),
        1_000_000,
        Some(Note::FutureTimeCut)
    )]
    fn a_clock_is_corrected_only_when_it_is_off_by_more_than_a_minute(
        #[case] original: Option<i64>,
        #[case] sent: Option<i64>,
        #[case] expected: i64,
        #[case] note: Option<Note>,
    ) {
        let received = Timestamp(1_000_000);
        let occurred = occurred_at(received, original.map(Timestamp), sent.map(Timestamp));
        assert_eq!(occurred, (Timestamp(expected), note));
    }

    proptest! {
        #[test]
        fn nothing_happens_after_it_was_received(received: i64, original: Option<i64>, sent: Option<i64>) {
            let received = Timestamp(received);
            let (at, _) = occurred_at(received, original.map(Timestamp), sent.map(Timestamp));
            prop_assert!(at <= received);
        }

        #[test]
        fn the_way_through_the_network_swaps_nothing(
            ahead in -1_000_000_i64..1_000_000,
            gap in 1_i64..100,
            ways in (0_i64..1_000, 0_i64..1_000),
        ) {
            // Of one client, whose clock is off by whole seconds: two requests, each with a way of its own.
            let at = |sent: i64, way: i64| {
                let sent_at = Timestamp(10_000_000 + sent + ahead * 1_000);
                let received_at = Timestamp(10_000_000 + sent + way);
                occurred_at(received_at, Some(sent_at), Some(sent_at)).0
            };
            prop_assume!(ahead.abs() > 61);
            prop_assert!(at(0, ways.0) < at(gap, ways.1));
        }

        #[test]
        fn no_number_panics(whole: i64, float: f64) {
            let _ = read_instant(&json!(whole));
            let _ = read_instant(&json!(float));
        }

        #[test]
        fn no_text_panics(text in "[0-9TZ:.+ -]{0,40}") {
            let _ = read_instant(&json!(text));
        }

        #[test]
        fn every_time_that_is_written_as_text_reads_back(millis in READABLE) {
            let at = Timestamp(millis);
            prop_assert_eq!(read_instant(&json!(at.to_string())), Some(at));
        }
    }
}
