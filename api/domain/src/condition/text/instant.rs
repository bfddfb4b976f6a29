//! Instants that do not move, as texts.

use chrono::{NaiveDate, NaiveDateTime, SecondsFormat};

use crate::clock::Timestamp;

/// The instant a text names: RFC 3339, or a date or a date and time without offset, which are UTC.
pub(super) fn read(text: &str) -> Option<Timestamp> {
    // Every form begins with the four digits of a year and a dash.
    let year = text.as_bytes().get(..5)?;
    if year[4] != b'-' || !year[..4].iter().all(u8::is_ascii_digit) {
        return None;
    }
    text.parse::<Timestamp>().ok().or_else(|| {
        NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()
            .and_then(|date| date.and_hms_opt(0, 0, 0))
            .or_else(|| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok())
            .or_else(|| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok())
            .or_else(|| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").ok())
            .or_else(|| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").ok())
            .map(|time| time.and_utc().into())
    })
}

/// The shortest text that names the instant.
pub(super) fn write(instant: Timestamp) -> String {
    let time = instant.to_datetime();
    if instant == midnight(instant) {
        return time.format("%Y-%m-%d").to_string();
    }
    let precision = if instant.0 % 1_000 == 0 {
        SecondsFormat::Secs
    } else {
        SecondsFormat::Millis
    };
    time.to_rfc3339_opts(precision, true)
}

fn midnight(instant: Timestamp) -> Timestamp {
    Timestamp(instant.day().saturating_mul(86_400_000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("2026-03-01", "2026-03-01")]
    #[case("2026-03-01T00:00:00Z", "2026-03-01")]
    #[case("2026-03-01T01:00:00+01:00", "2026-03-01")]
    #[case("2026-03-01 10:30", "2026-03-01T10:30:00Z")]
    #[case("2026-03-01T10:30:00.5", "2026-03-01T10:30:00.500Z")]
    #[case("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z")]
    #[case("0001-01-01", "0001-01-01")]
    #[case("9999-12-31", "9999-12-31")]
    fn an_instant_is_written_as_short_as_it_can_be(#[case] text: &str, #[case] short: &str) {
        let instant = read(text).unwrap();
        assert_eq!(write(instant), short);
        assert_eq!(read(short), Some(instant));
    }

    #[rstest]
    #[case("2026-02-30")]
    #[case("01/03/2026")]
    #[case("+2026-03-01")]
    #[case("20260301")]
    #[case("é026-03-01")]
    #[case("")]
    fn other_texts_name_no_instant(#[case] text: &str) {
        assert_eq!(read(text), None);
    }
}
