//! Spans, windows and tests of instants. All bounds move with the instant that is asked about, so that each has a time at which
//! it comes true or stops being true.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;

/// The units of a span, from the longest, with the letter that names each.
const UNITS: [(char, i64); 5] = [
    ('w', WEEK),
    ('d', DAY),
    ('h', HOUR),
    ('m', MINUTE),
    ('s', SECOND),
];

/// A length of time: whole seconds, at least one and at most 36,525 days (a hundred years). A day is 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Span(i64);

/// The length is not that of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a span is at least a second and at most 36525 days, in whole seconds")]
pub struct SpanError;

impl Span {
    /// The shortest span.
    pub const SHORTEST: Self = Self(SECOND);

    /// The longest span.
    pub const LONGEST: Self = Self(36_525 * DAY);

    /// So many days.
    pub fn days(days: u16) -> Result<Self, SpanError> {
        Self::try_from(i64::from(days) * DAY)
    }

    /// The length in milliseconds.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Reads a whole number and a unit, such as `30d`: `w`, `d`, `h`, `m` (minutes) or `s`.
    pub fn parse(text: &str) -> Result<Self, SpanError> {
        let (place, unit) = text.char_indices().last().ok_or(SpanError)?;
        let (_, millis) = UNITS
            .into_iter()
            .find(|(name, _)| *name == unit)
            .ok_or(SpanError)?;
        let digits = text.get(..place).unwrap_or_default();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(SpanError);
        }
        let count: i64 = digits.parse().map_err(|_| SpanError)?;
        Self::try_from(count.checked_mul(millis).ok_or(SpanError)?)
    }

    /// The whole number and the longest unit that give the span exactly.
    pub fn in_units(self) -> (i64, char) {
        let whole = UNITS.into_iter().find(|(_, millis)| self.0 % millis == 0);
        whole.map_or((self.0 / SECOND, 's'), |(unit, millis)| {
            (self.0 / millis, unit)
        })
    }
}

impl TryFrom<i64> for Span {
    type Error = SpanError;

    fn try_from(millis: i64) -> Result<Self, SpanError> {
        let fits = (SECOND..=Self::LONGEST.0).contains(&millis) && millis % SECOND == 0;
        if fits {
            Ok(Self(millis))
        } else {
            Err(SpanError)
        }
    }
}

impl From<Span> for i64 {
    fn from(span: Span) -> Self {
        span.0
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit) = self.in_units();
        write!(f, "{count}{unit}")
    }
}

/// The time in which something counts. Windows are half-open: their beginning is outside, their end inside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// Up to now, whenever.
    #[default]
    Ever,
    /// `(now − span, now]`.
    Last(Span),
    /// Longer ago than a span: `(−∞, now − span]`.
    Before(Span),
    /// `(after, until]`, two instants that do not move. What lies after now does not count yet.
    Between {
        /// The beginning; not inside.
        after: Timestamp,
        /// The end; inside.
        until: Timestamp,
    },
}

impl Window {
    /// Whether an instant is in the window at another one.
    pub fn contains(self, instant: Timestamp, now: Timestamp) -> bool {
        instant <= now
            && match self {
                Self::Ever => true,
                Self::Last(span) => instant > now.plus_millis(-span.millis()),
                Self::Before(span) => instant <= now.plus_millis(-span.millis()),
                Self::Between { after, until } => after < instant && instant <= until,
            }
    }

    /// The first instant after `now` at which it changes whether `instant` is in the window; none if it never does again.
    pub fn changes(self, instant: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let moved = |span: Span| instant.plus_millis(span.millis());
        let begins = match self {
            Self::Ever | Self::Last(_) => Some(instant),
            Self::Before(span) => Some(moved(span)),
            Self::Between { after, until } => {
                (after < instant && instant <= until).then_some(instant)
            }
        };
        let ends = match self {
            Self::Last(span) => Some(moved(span)),
            Self::Ever | Self::Before(_) | Self::Between { .. } => None,
        };
        begins
            .into_iter()
            .chain(ends)
            .filter(|change| *change > now)
            .min()
    }
}

/// A test of an instant that is known, such as that of a trait or of the last touchpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeTest {
    /// Before this instant.
    Before(Timestamp),
    /// At this instant or later.
    From(Timestamp),
    /// In `(now − span, now]`.
    WithinPast(Span),
    /// At `now − span` or earlier.
    LongerAgo(Span),
    /// In `(now, now + span]`.
    WithinNext(Span),
    /// Later than `now + span`.
    FurtherAhead(Span),
    /// Later than `now − span`, however far ahead.
    NotLongerAgo(Span),
    /// At `now + span` or earlier, however long ago.
    NotFurtherAhead(Span),
    /// At `now` or earlier; if not, later.
    Past(bool),
}

impl TimeTest {
    /// Whether an instant passes at another one.
    pub fn passes(self, instant: Timestamp, now: Timestamp) -> bool {
        let past = |span: Span| now.plus_millis(-span.millis());
        let next = |span: Span| now.plus_millis(span.millis());
        match self {
            Self::Before(bound) => instant < bound,
            Self::From(bound) => instant >= bound,
            Self::WithinPast(span) => past(span) < instant && instant <= now,
            Self::LongerAgo(span) => instant <= past(span),
            Self::WithinNext(span) => now < instant && instant <= next(span),
            Self::FurtherAhead(span) => instant > next(span),
            Self::NotLongerAgo(span) => instant > past(span),
            Self::NotFurtherAhead(span) => instant <= next(span),
            Self::Past(past) => (instant <= now) == past,
        }
    }

    /// The first instant after `now` at which it changes whether `instant` passes; none if it never does again.
    pub fn changes(self, instant: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let after = |span: Span| instant.plus_millis(span.millis());
        let before = |span: Span| instant.plus_millis(-span.millis());
        let changes = match self {
            Self::Before(_) | Self::From(_) => [None, None],
            Self::WithinPast(span) => [Some(instant), Some(after(span))],
            Self::LongerAgo(span) | Self::NotLongerAgo(span) => [Some(after(span)), None],
            Self::WithinNext(span) => [Some(before(span)), Some(instant)],
            Self::FurtherAhead(span) | Self::NotFurtherAhead(span) => [Some(before(span)), None],
            Self::Past(_) => [Some(instant), None],
        };
        changes
            .into_iter()
            .flatten()
            .filter(|change| *change > now)
            .min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("30d", Ok(30 * DAY), "30d")]
    #[case("14d", Ok(2 * WEEK), "2w")]
    #[case("90m", Ok(90 * MINUTE), "90m")]
    #[case("0d", Err(SpanError), "")]
    #[case("-3d", Err(SpanError), "")]
    #[case("3650000d", Err(SpanError), "")]
    #[case("99999999999999999999d", Err(SpanError), "")]
    #[case("d", Err(SpanError), "")]
    #[case("", Err(SpanError), "")]
    #[case("3é", Err(SpanError), "")]
    fn a_span_is_a_number_and_a_unit(
        #[case] text: &str,
        #[case] millis: Result<i64, SpanError>,
        #[case] printed: &str,
    ) {
        assert_eq!(Span::parse(text).map(Span::millis), millis);
        if let Ok(span) = Span::parse(text) {
            assert_eq!(span.to_string(), printed);
        }
    }

    #[test]
    fn a_window_is_open_at_its_beginning_and_closed_at_its_end() {
        let (now, day) = (Timestamp(100 * DAY), Span(DAY));
        let last = Window::Last(day);
        assert!(!last.contains(Timestamp(99 * DAY), now));
        assert!(last.contains(Timestamp(99 * DAY + 1), now));
        assert!(last.contains(now, now));
        assert!(!last.contains(Timestamp(100 * DAY + 1), now));
        assert!(Window::Before(day).contains(Timestamp(99 * DAY), now));
    }

    fn span() -> impl Strategy<Value = Span> {
        (1_i64..20).prop_map(|seconds| Span(seconds * SECOND))
    }

    fn window() -> impl Strategy<Value = Window> {
        prop_oneof![
            Just(Window::Ever),
            span().prop_map(Window::Last),
            span().prop_map(Window::Before),
            (0_i64..40_000, 0_i64..40_000).prop_map(|(after, until)| Window::Between {
                after: Timestamp(after),
                until: Timestamp(until),
            }),
        ]
    }

    fn test() -> impl Strategy<Value = TimeTest> {
        prop_oneof![
            (0_i64..40_000).prop_map(|bound| TimeTest::Before(Timestamp(bound))),
            (0_i64..40_000).prop_map(|bound| TimeTest::From(Timestamp(bound))),
            span().prop_map(TimeTest::WithinPast),
            span().prop_map(TimeTest::LongerAgo),
            span().prop_map(TimeTest::WithinNext),
            span().prop_map(TimeTest::FurtherAhead),
            span().prop_map(TimeTest::NotLongerAgo),
            span().prop_map(TimeTest::NotFurtherAhead),
            any::<bool>().prop_map(TimeTest::Past),
        ]
    }

    /// Whether an answer stays the same until the change it names, and is another one there.
    fn keeps_its_word(
        at: impl Fn(Timestamp) -> bool,
        now: Timestamp,
        change: Option<Timestamp>,
    ) -> bool {
        let stays = |until: i64| {
            (now.0..until)
                .step_by(499)
                .chain([until - 1])
                .all(|time| at(Timestamp(time)) == at(now))
        };
        match change {
            Some(change) => change > now && stays(change.0) && at(change) != at(now),
            None => stays(now.0 + 100_000),
        }
    }

    proptest! {
        #[test]
        fn a_window_changes_when_it_says(window in window(), instant in 0_i64..40_000, now in 0_i64..40_000) {
            let (instant, now) = (Timestamp(instant), Timestamp(now));
            let at = |time| window.contains(instant, time);
            prop_assert!(keeps_its_word(at, now, window.changes(instant, now)));
        }

        #[test]
        fn a_test_of_an_instant_changes_when_it_says(test in test(), instant in 0_i64..40_000, now in 0_i64..40_000) {
            let (instant, now) = (Timestamp(instant), Timestamp(now));
            let at = |time| test.passes(instant, time);
            prop_assert!(keeps_its_word(at, now, test.changes(instant, now)));
        }
    }
}
