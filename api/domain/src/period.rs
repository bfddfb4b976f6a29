//! Periods of the calendar: months and days, as laws and notices count them.

use std::fmt;
use std::str::FromStr;

use chrono::{Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// The most months of a period: a hundred years.
const MOST_MONTHS: u16 = 1_200;

/// The most days of a period: a hundred years.
const MOST_DAYS: u16 = 36_525;

/// A length of time on the calendar, at least a day and at most a hundred years. Outside it is an ISO 8601 duration such as `P24M`
/// or `P90D`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period(Length);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Length {
    Months(u16),
    Days(u16),
}

/// The text or the number is not that of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a period is 1 to 1200 months or 1 to 36525 days, such as P24M or P90D")]
pub struct PeriodError;

impl Period {
    /// So many months; none is not a period.
    pub const fn months(months: u16) -> Option<Self> {
        if 0 < months && months <= MOST_MONTHS {
            Some(Self(Length::Months(months)))
        } else {
            None
        }
    }

    /// So many days; none is not a period.
    pub const fn days(days: u16) -> Option<Self> {
        if 0 < days && days <= MOST_DAYS {
            Some(Self(Length::Days(days)))
        } else {
            None
        }
    }

    /// The instant a period after another one, at the same time of day in UTC. A day that the month does not have becomes its last.
    pub fn after(self, from: Timestamp) -> Timestamp {
        self.moved(from, true)
    }

    /// The instant a period before another one, as [`after`](Self::after).
    pub fn before(self, to: Timestamp) -> Timestamp {
        self.moved(to, false)
    }

    /// The day a period after another one. A day that the month does not have becomes its last; none beyond the calendar.
    pub fn after_day(self, from: NaiveDate) -> Option<NaiveDate> {
        match self.0 {
            Length::Months(months) => from.checked_add_months(Months::new(months.into())),
            Length::Days(days) => from.checked_add_days(Days::new(days.into())),
        }
    }

    fn moved(self, from: Timestamp, ahead: bool) -> Timestamp {
        let time = from.to_datetime();
        let moved = match self.0 {
            Length::Months(months) => {
                let months = Months::new(months.into());
                if ahead {
                    time.checked_add_months(months)
                } else {
                    time.checked_sub_months(months)
                }
            }
            Length::Days(days) => {
                let days = Days::new(days.into());
                if ahead {
                    time.checked_add_days(days)
                } else {
                    time.checked_sub_days(days)
                }
            }
        };
        let end = if ahead { i64::MAX } else { i64::MIN };
        moved.map_or(Timestamp(end), Timestamp::from)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Length::Months(months) => write!(f, "P{months}M"),
            Length::Days(days) => write!(f, "P{days}D"),
        }
    }
}

impl FromStr for Period {
    type Err = PeriodError;

    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let inner = text.strip_prefix('P').ok_or(PeriodError)?;
        let count = |digits: &str| {
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse().ok().filter(|_| plain)
        };
        let period = match (inner.strip_suffix('M'), inner.strip_suffix('D')) {
            (Some(months), _) => count(months).and_then(Self::months),
            (_, Some(days)) => count(days).and_then(Self::days),
            (None, None) => None,
        };
        period.ok_or(PeriodError)
    }
}

impl TryFrom<String> for Period {
    type Error = PeriodError;

    fn try_from(text: String) -> Result<Self, PeriodError> {
        text.parse()
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::a_common_february("P1M", "2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z")]
    #[case::a_leap_february("P1M", "2028-01-31T10:00:00Z", "2028-02-29T10:00:00Z")]
    #[case::two_years("P24M", "2024-02-29T00:00:00Z", "2026-02-28T00:00:00Z")]
    #[case::days("P90D", "2026-01-01T00:00:00Z", "2026-04-01T00:00:00Z")]
    fn a_period_is_counted_on_the_calendar(
        #[case] period: Period,
        #[case] from: Timestamp,
        #[case] to: Timestamp,
    ) {
        assert_eq!(period.after(from), to);
    }

    #[rstest]
    #[case("P24M")]
    #[case("P1D")]
    #[case("P36525D")]
    fn a_period_reads_back(#[case] text: &str) {
        assert_eq!(text.parse::<Period>().unwrap().to_string(), text);
    }

    #[rstest]
    #[case("P0M")]
    #[case("P1201M")]
    #[case("P1Y")]
    #[case("P+1M")]
    #[case("24M")]
    #[case("P-1D")]
    #[case("PM")]
    #[case("")]
    fn what_is_no_period_is_not_read(#[case] text: &str) {
        assert_eq!(text.parse::<Period>(), Err(PeriodError));
    }

    #[test]
    fn beyond_the_calendar_is_the_end_of_time() {
        let period = Period::months(1_200).unwrap();
        assert_eq!(period.after(Timestamp(i64::MAX)), Timestamp(i64::MAX));
        assert_eq!(period.before(Timestamp(i64::MIN)), Timestamp(i64::MIN));
    }
}
