//! Values of a purchase log: amounts, dates, currencies.

use chrono::{NaiveDate, NaiveTime};
use lazo_domain::clock::Timestamp;

/// Digits before the point that still fit 64-bit minor units with four decimals.
const WHOLE_DIGITS: usize = 14;
/// No currency of ISO 4217 has more decimals.
const DECIMALS: usize = 4;

/// Whether the text is an amount: digits, and perhaps a point and more digits. No sign, exponent or grouping.
pub(super) fn is_amount(text: &str) -> bool {
    let (whole, decimals) = match text.split_once('.') {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (text, None),
    };
    is_digits(whole, WHOLE_DIGITS) && decimals.is_none_or(|decimals| is_digits(decimals, DECIMALS))
}

/// Whether the text has the form of an ISO 4217 code: three capital letters.
pub(super) fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// The instant of a purchase. A log that knows only the day means its midnight in UTC, the earliest instant that bears that date there.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    if text.len() == "YYYY-MM-DD".len() {
        let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        return Some(date.and_time(NaiveTime::MIN).and_utc().into());
    }
    text.parse().ok()
}

fn is_digits(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("0", true)]
    #[case("29.33", true)]
    #[case("14.9", true)]
    #[case("", false)]
    #[case(".", false)]
    #[case("5.", false)]
    #[case(".5", false)]
    #[case("-1", false)]
    #[case("1e3", false)]
    #[case("1,50", false)]
    #[case("1.2.3", false)]
    #[case("١٢", false)]
    #[case("999999999999999", false)]
    fn an_amount_is_a_plain_decimal(#[case] text: &str, #[case] holds: bool) {
        assert_eq!(is_amount(text), holds);
    }

    #[rstest]
    #[case("1997-01-01", Some(852_076_800_000))]
    #[case("1997-01-01T12:00:00+01:00", Some(852_116_400_000))]
    #[case("1997-02-30", None)]
    #[case("1997-1-1", None)]
    #[case("01/01/1997", None)]
    #[case("", None)]
    fn a_day_means_its_midnight_in_utc(#[case] text: &str, #[case] millis: Option<i64>) {
        assert_eq!(instant(text), millis.map(Timestamp));
    }
}
