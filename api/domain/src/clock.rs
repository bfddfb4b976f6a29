//! Instants: UTC with millisecond precision, as stored, compared and shown everywhere.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// An instant in milliseconds since 1970-01-01T00:00:00Z.
///
/// One precision for the process, both engines and every answer, so that a value survives each round trip unchanged.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
#[cfg_attr(feature = "sea-orm", derive(sea_orm::DeriveValueType))]
pub struct Timestamp(pub i64);

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

impl Timestamp {
    /// The beginning of its hour, in UTC.
    #[must_use]
    pub fn hour(self) -> Self {
        Self(self.0.div_euclid(HOUR).saturating_mul(HOUR))
    }

    /// Its day, in UTC: days since 1970.
    pub fn day(self) -> i64 {
        self.0.div_euclid(DAY)
    }

    /// The instant as chrono's type; instants outside chrono's range (years beyond ±262,000) become its nearest end.
    pub fn to_datetime(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or(if self.0 < 0 {
            DateTime::<Utc>::MIN_UTC
        } else {
            DateTime::<Utc>::MAX_UTC
        })
    }

    /// This instant moved by `millis` milliseconds, stopping at the ends of the range.
    #[must_use]
    pub fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(value: DateTime<Utc>) -> Self {
        Self(value.timestamp_millis())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            &self
                .to_datetime()
                .to_rfc3339_opts(SecondsFormat::Millis, true),
        )
    }
}

impl FromStr for Timestamp {
    type Err = chrono::ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(DateTime::parse_from_rfc3339(text)?
            .with_timezone(&Utc)
            .into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("2026-03-01T10:59:59.999Z", "2026-03-01T10:00:00.000Z", 20_513)]
    #[case("2026-03-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z", 20_513)]
    #[case("1970-01-01T00:00:00.000Z", "1970-01-01T00:00:00.000Z", 0)]
    #[case("1969-12-31T23:59:59.999Z", "1969-12-31T23:00:00.000Z", -1)]
    fn an_instant_is_within_its_hour_and_its_day(
        #[case] instant: Timestamp,
        #[case] hour: Timestamp,
        #[case] day: i64,
    ) {
        assert_eq!((instant.hour(), instant.day()), (hour, day));
    }
}
