//! Values as files write them: dates, amounts, numbers, truth values.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use chrono_tz::Tz;
use lazo_domain::clock::Timestamp;
use lazo_domain::touchpoint::read_instant;
use serde_json::{Number, Value};

/// Digits before the point that still fit 64-bit minor units with four decimals.
const WHOLE_DIGITS: usize = 14;
/// No currency of ISO 4217 has more decimals.
const DECIMALS: usize = 4;

/// Dates and times without a zone that are read without being told.
const LOCAL: [&str; 4] = [
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M",
];

/// How a file writes its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formats {
    /// Whether decimals stand after a comma.
    pub decimal_comma: bool,
    /// How dates are written, where not as ISO 8601 says; in the letters of `strftime`.
    pub date_format: Option<String>,
    /// The zone of times that name none.
    pub time_zone: Tz,
}

impl Default for Formats {
    fn default() -> Self {
        Self {
            decimal_comma: false,
            date_format: None,
            time_zone: Tz::UTC,
        }
    }
}

/// A date as a file writes it.
enum Moment {
    Day(NaiveDate),
    Local(NaiveDateTime),
    Instant(Timestamp),
}

impl Formats {
    /// The instant that a text names; a day means its midnight.
    pub(super) fn instant(&self, text: &str) -> Option<Timestamp> {
        match self.moment(text)? {
            Moment::Day(day) => self.at(day.and_time(NaiveTime::MIN)),
            Moment::Local(local) => self.at(local),
            Moment::Instant(instant) => Some(instant),
        }
    }

    /// The day or instant that a text names, as ISO 8601 writes it: a day stays a day.
    pub(super) fn date(&self, text: &str) -> Option<String> {
        Some(match self.moment(text)? {
            Moment::Day(day) => day.format("%Y-%m-%d").to_string(),
            Moment::Local(local) => self.at(local)?.to_string(),
            Moment::Instant(instant) => instant.to_string(),
        })
    }

    fn moment(&self, text: &str) -> Option<Moment> {
        if let Some(format) = &self.date_format {
            if let Ok(zoned) = chrono::DateTime::parse_from_str(text, format) {
                return Some(Moment::Instant(zoned.to_utc().into()));
            }
            if let Ok(local) = NaiveDateTime::parse_from_str(text, format) {
                return Some(Moment::Local(local));
            }
            if let Ok(day) = NaiveDate::parse_from_str(text, format) {
                return Some(Moment::Day(day));
            }
        }
        if let Some(local) = LOCAL
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        {
            return Some(Moment::Local(local));
        }
        if text.len() == "YYYY-MM-DD".len()
            && let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d")
        {
            return Some(Moment::Day(day));
        }
        // Seconds and milliseconds since 1970, of which nobody writes fewer digits or more.
        let epoch = matches!(text.len(), 10 | 13) && is_digits(text, 13);
        let value = if epoch {
            Value::Number(text.parse().ok()?)
        } else {
            // What the reader of touchpoints takes without a zone was seen above; a day in another form is none.
            text.contains(':').then(|| Value::String(text.to_owned()))?
        };
        read_instant(&value).map(Moment::Instant)
    }

    /// A local time as an instant: the earlier one where clocks are put back, the one after the gap where they are put forward.
    fn at(&self, local: NaiveDateTime) -> Option<Timestamp> {
        let found = self.time_zone.from_local_datetime(&local);
        let zoned = found.earliest().or_else(|| {
            let later = local.checked_add_signed(chrono::TimeDelta::hours(1))?;
            self.time_zone.from_local_datetime(&later).earliest()
        })?;
        Some(zoned.to_utc().into())
    }

    /// A decimal number.
    pub(super) fn number(&self, text: &str) -> Option<Number> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let plain = self.plain(digits)?;
        let plain = if negative { format!("-{plain}") } else { plain };
        if let Ok(whole) = plain.parse::<i64>() {
            return Some(whole.into());
        }
        Number::from_f64(plain.parse().ok()?)
    }

    /// An amount of money as a decimal with a point. It never passes through a binary fraction.
    pub(super) fn amount(&self, text: &str, signed: bool) -> Option<String> {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) if signed => ("-", digits),
            _ => ("", text),
        };
        let plain = self.plain(digits)?;
        let (whole, decimals) = match plain.split_once('.') {
            Some((whole, decimals)) => (whole, Some(decimals)),
            None => (plain.as_str(), None),
        };
        let fits = whole.len() <= WHOLE_DIGITS
            && decimals.is_none_or(|decimals| decimals.len() <= DECIMALS);
        fits.then(|| format!("{sign}{plain}"))
    }

    /// Digits, and perhaps a point and more digits. With decimal commas, points may stand between thousands.
    fn plain(&self, text: &str) -> Option<String> {
        let sign = if self.decimal_comma { ',' } else { '.' };
        let (whole, decimals) = match text.split_once(sign) {
            Some((whole, decimals)) => (whole, Some(decimals)),
            None => (text, None),
        };
        let whole = if self.decimal_comma && whole.contains('.') {
            let mut groups = whole.split('.');
            let first = groups.next()?;
            let grouped =
                is_digits(first, 3) && groups.all(|group| group.len() == 3 && is_digits(group, 3));
            grouped.then(|| whole.replace('.', ""))?
        } else {
            whole.to_owned()
        };
        if !is_digits(&whole, usize::MAX) {
            return None;
        }
        match decimals {
            Some(decimals) => {
                is_digits(decimals, usize::MAX).then(|| format!("{whole}.{decimals}"))
            }
            None => Some(whole),
        }
    }
}

/// A truth value as tables write it.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "y" | "1" | "t" => Some(true),
        "false" | "no" | "n" | "0" | "f" => Some(false),
        _ => None,
    }
}

/// Whether the text has the form of an ISO 4217 code: three capital letters.
pub(super) fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// A number of units: a whole number from 1, perhaps with decimals that are all zero.
pub(super) fn units(text: &str) -> Option<u32> {
    let whole = match text.split_once('.') {
        Some((whole, zeros))
            if is_digits(zeros, usize::MAX) && zeros.bytes().all(|digit| digit == b'0') =>
        {
            whole
        }
        _ => text,
    };
    is_digits(whole, 10)
        .then(|| whole.parse().ok())
        .flatten()
        .filter(|units| *units > 0)
}

fn is_digits(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn comma() -> Formats {
        Formats {
            decimal_comma: true,
            ..Formats::default()
        }
    }

    #[rstest]
    #[case("0", Some("0"))]
    #[case("29.33", Some("29.33"))]
    #[case("14.9", Some("14.9"))]
    #[case("", None)]
    #[case(".", None)]
    #[case("5.", None)]
    #[case(".5", None)]
    #[case("-1", None)]
    #[case("1e3", None)]
    #[case("1,50", None)]
    #[case("1,000", None)]
    #[case("1.2.3", None)]
    #[case("1.23456", None)]
    #[case("12 €", None)]
    #[case("١٢", None)]
    #[case("999999999999999", None)]
    fn an_amount_is_a_plain_decimal(#[case] text: &str, #[case] amount: Option<&str>) {
        assert_eq!(Formats::default().amount(text, false).as_deref(), amount);
    }

    #[rstest]
    #[case("12,50", Some("12.50"))]
    #[case("1.234,56", Some("1234.56"))]
    #[case("1.234.567", Some("1234567"))]
    #[case("12.50", None)]
    #[case("1.23,4", None)]
    #[case(".123", None)]
    #[case("1,234,5", None)]
    fn with_decimal_commas_points_group_thousands(
        #[case] text: &str,
        #[case] amount: Option<&str>,
    ) {
        assert_eq!(comma().amount(text, false).as_deref(), amount);
    }

    #[test]
    fn only_what_is_paid_back_may_have_a_minus() {
        assert_eq!(comma().amount("-1,5", true).as_deref(), Some("-1.5"));
        assert_eq!(comma().amount("-1,5", false), None);
    }

    #[rstest]
    #[case("1997-01-01", Some(852_076_800_000))]
    #[case("1997-01-01T12:00:00+01:00", Some(852_116_400_000))]
    #[case("1997-01-01 11:00", Some(852_116_400_000))]
    #[case("1700000000", Some(1_700_000_000_000))]
    #[case("1700000000000", Some(1_700_000_000_000))]
    #[case("1997-02-30", None)]
    #[case("1997-1-1", None)]
    #[case("01/01/1997", None)]
    #[case("19970101", None)]
    #[case("", None)]
    fn a_day_means_its_midnight(#[case] text: &str, #[case] millis: Option<i64>) {
        assert_eq!(Formats::default().instant(text), millis.map(Timestamp));
    }

    #[rstest]
    #[case("%d/%m/%Y", "03/02/1997", "1997-02-02T23:00:00.000Z")]
    #[case("%d/%m/%Y %H:%M", "03/02/1997 10:30", "1997-02-03T09:30:00.000Z")]
    #[case("%d/%m/%Y", "1997-02-03", "1997-02-02T23:00:00.000Z")]
    #[case("%d/%m/%Y", "1997-02-03T00:00:00Z", "1997-02-03T00:00:00.000Z")]
    // The hour that does not exist, and the one that comes twice.
    #[case("%d/%m/%Y %H:%M", "31/03/2024 02:30", "2024-03-31T01:30:00.000Z")]
    #[case("%d/%m/%Y %H:%M", "27/10/2024 02:30", "2024-10-27T00:30:00.000Z")]
    fn a_stated_format_and_zone_hold(#[case] format: &str, #[case] text: &str, #[case] at: &str) {
        let formats = Formats {
            date_format: Some(format.to_owned()),
            time_zone: Tz::Europe__Madrid,
            ..Formats::default()
        };
        assert_eq!(formats.instant(text).unwrap().to_string(), at);
    }

    #[rstest]
    #[case("1985-02-03", Some("1985-02-03"))]
    #[case("1985-02-03 10:00:00", Some("1985-02-03T10:00:00.000Z"))]
    #[case("3.2.1985", None)]
    fn a_day_stays_a_day(#[case] text: &str, #[case] date: Option<&str>) {
        assert_eq!(Formats::default().date(text).as_deref(), date);
    }

    #[rstest]
    #[case("12", Some(serde_json::json!(12)))]
    #[case("-1,5", Some(serde_json::json!(-1.5)))]
    #[case("x", None)]
    #[case("NaN", None)]
    fn a_number_is_a_number(#[case] text: &str, #[case] number: Option<Value>) {
        assert_eq!(comma().number(text).map(Value::Number), number);
    }

    #[rstest]
    #[case("2", Some(2))]
    #[case("2.00", Some(2))]
    #[case("0", None)]
    #[case("2.5", None)]
    #[case("two", None)]
    fn units_are_whole(#[case] text: &str, #[case] number: Option<u32>) {
        assert_eq!(units(text), number);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,30}", format in "[%a-zA-Z/ -]{0,8}") {
            let formats = Formats { decimal_comma: true, date_format: Some(format), time_zone: Tz::Europe__Madrid };
            let _ = (formats.instant(&text), formats.date(&text), formats.number(&text), formats.amount(&text, true));
            let _ = (boolean(&text), units(&text));
        }
    }
}
