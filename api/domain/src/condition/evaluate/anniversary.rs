//! Tests of the day in the year on which something happened.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::because::Found;
use super::{Decision, Facts};
use crate::clock::Timestamp;
use crate::condition::AnniversaryTest;
use crate::profile::TypedRow;

/// The most years from one 29 February to the next: 2096 to 2104.
const LEAP_GAP: i32 = 8;

/// Further from midnight UTC than midnight in any zone, and than the clock is ever set.
const ANY_OFFSET_HOURS: i64 = 50;

/// A day in the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct YearDay {
    month: u32,
    day: u32,
}

impl YearDay {
    fn new(month: u32, day: u32) -> Option<Self> {
        const A_LEAP_YEAR: i32 = 2000;
        NaiveDate::from_ymd_opt(A_LEAP_YEAR, month, day)?;
        Some(Self { month, day })
    }

    /// Reads `YYYY-MM-DD`, with no digit left out, alone or with a time after it, or `--MM-DD` or `--MMDD` (RFC 6350, section 4.3.1).
    fn of(row: &TypedRow) -> Option<Self> {
        let text = row.text.as_deref()?.trim();
        if let Some(day) = text.strip_prefix("--") {
            let (month, day) = match day.as_bytes() {
                [_, _, b'-', _, _] => (day.get(..2)?, day.get(3..)?),
                [_, _, _, _] => (day.get(..2)?, day.get(2..)?),
                _ => return None,
            };
            return Self::new(number(month)?, number(day)?);
        }
        // A date with a time after it is one that is an instant; the day is the one that is written, in whatever zone.
        row.time?;
        match text.as_bytes().get(4..10)? {
            [b'-', _, _, b'-', _, _] => {
                Self::new(number(text.get(5..7)?)?, number(text.get(8..10)?)?)
            }
            _ => None,
        }
    }

    /// The day in a year: 29 February is 1 March in common years.
    fn in_year(self, year: i32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(year, self.month, self.day)
            .or_else(|| NaiveDate::from_ymd_opt(year, 3, 1))
    }

    /// The first such day from a day on.
    fn next(self, from: NaiveDate) -> Option<NaiveDate> {
        self.in_year(from.year())
            .filter(|day| *day >= from)
            .or_else(|| self.in_year(from.year().checked_add(1)?))
    }

    /// Whether it is near on a day.
    fn is_near(self, within: i64, today: NaiveDate) -> bool {
        self.next(today)
            .is_some_and(|next| next.signed_duration_since(today).num_days() <= within)
    }

    /// The first later day on which it is near and was not, or is not and was.
    fn changes(self, within: i64, today: NaiveDate) -> Option<NaiveDate> {
        let next = self.next(today)?;
        if !self.is_near(within, today) {
            return next.checked_sub_days(Days::new(u64::try_from(within).ok()?));
        }
        (next.year()..=next.year().saturating_add(LEAP_GAP))
            .filter_map(|year| self.in_year(year)?.succ_opt())
            .find(|day_after| !self.is_near(within, *day_after))
    }
}

fn number(digits: &str) -> Option<u32> {
    let all = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| all)
}

/// The day of an instant in a zone; `None` beyond the years that calendars have.
pub fn local_day(now: Timestamp, zone: Tz) -> Option<NaiveDate> {
    let now: DateTime<Utc> = DateTime::from_timestamp_millis(now.0)?;
    (0..=9_999)
        .contains(&now.year())
        .then(|| now.with_timezone(&zone).date_naive())
}

/// The days in the year that are near on a day, as `MM-DD`.
pub fn near_days(within_days: u16, today: NaiveDate) -> Vec<String> {
    let days = (1..=12).flat_map(|month| (1..=31).filter_map(move |day| YearDay::new(month, day)));
    days.filter(|day| day.is_near(i64::from(within_days), today))
        .map(|day| format!("{:02}-{:02}", day.month, day.day))
        .collect()
}

/// The first instant after `now`, which is before that day, at which it is a day in a zone, whether or not it has a midnight.
fn begins(day: NaiveDate, zone: Tz, now: Timestamp) -> Option<Timestamp> {
    let midnight = day.and_time(NaiveTime::MIN);
    if let Some(only) = zone.from_local_datetime(&midnight).single() {
        return Some(only.with_timezone(&Utc).into());
    }
    // The clock is set at midnight, so that it strikes it twice or not at all.
    let after = midnight.checked_add_signed(TimeDelta::hours(ANY_OFFSET_HOURS))?;
    let (mut before, mut begun) = (now.0, after.and_utc().timestamp_millis());
    while begun - before > 1 {
        let middle = before + (begun - before) / 2;
        if local_day(Timestamp(middle), zone)? >= day {
            begun = middle;
        } else {
            before = middle;
        }
    }
    Some(Timestamp(begun))
}

/// The days in the year that the trait names.
fn days<'f>(test: &AnniversaryTest, facts: &'f Facts<'_>) -> impl Iterator<Item = YearDay> + 'f {
    facts.traits.get(&test.name).iter().filter_map(YearDay::of)
}

pub(super) fn decide(test: &AnniversaryTest, facts: &Facts<'_>, now: Timestamp) -> Decision {
    let within = i64::from(test.within_days);
    let Some(today) = local_day(now, facts.time_zone) else {
        return Decision::always(false);
    };
    let is_near = |today| days(test, facts).any(|day| day.is_near(within, today));
    let changes = |today| {
        days(test, facts)
            .filter_map(|day| day.changes(within, today))
            .min()
    };
    let holds = is_near(today);
    let mut until = changes(today);
    // Of several dates, another may be near from the day on on which one no longer is. What repeats for years never changes.
    let years = today.year().saturating_add(LEAP_GAP);
    while let Some(day) = until
        && is_near(day) == holds
    {
        until = changes(day).filter(|day| day.year() <= years);
    }
    Decision {
        holds,
        until: until.and_then(|day| begins(day, facts.time_zone, now)),
    }
}

pub(super) fn found(test: &AnniversaryTest, facts: &Facts<'_>, now: Timestamp) -> Found {
    local_day(now, facts.time_zone)
        .and_then(|today| {
            days(test, facts)
                .filter_map(|day| Some(day.next(today)?.signed_duration_since(today).num_days()))
                .min()
        })
        .and_then(|days| u32::try_from(days).ok())
        .map_or(Found::Missing, Found::Days)
}
