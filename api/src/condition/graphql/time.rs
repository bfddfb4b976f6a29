//! Spans, windows and tests of instants.

use async_graphql::{
    InputObject, InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Value,
};
use lazo_domain::clock::Timestamp;
use lazo_domain::condition as domain;

use super::one_of::one_of;
use super::reading::{Readable, Reading};
use crate::graphql::DateTime;

/// A length of time: a whole number and a unit, such as `14d`: `w`, `d`, `h`, `m` (minutes) or `s`. At least a second and at most
/// 36,525 days.
///
/// It is kept as it was written and read by [`Span::span`], so that a wrong one is an error with its path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span(String);

impl Span {
    /// The length.
    ///
    /// # Errors
    ///
    /// Where the text names none.
    pub fn span(&self) -> Result<domain::Span, domain::SpanError> {
        domain::Span::parse(&self.0)
    }
}

/// A length of time: a whole number and a unit, such as `14d`: `w`, `d`, `h`, `m` (minutes) or `s`. At least a second and at most
/// 36,525 days.
#[Scalar]
impl ScalarType for Span {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text)),
            _ => Err(InputValueError::custom("A span is a text such as `14d`.")),
        }
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::String(_))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

impl From<domain::Span> for Span {
    fn from(span: domain::Span) -> Self {
        Self(span.to_string())
    }
}

impl Readable for Span {
    type Value = domain::Span;

    fn read(self, reading: &mut Reading) -> Option<domain::Span> {
        let read = self.span().ok();
        read.or_else(|| {
            reading.refuse(
                "A span is a whole number and w, d, h, m (minutes) or s, such as 14d, from 1s to 36525d.",
            )
        })
    }
}

impl Readable for DateTime {
    type Value = Timestamp;

    fn read(self, _: &mut Reading) -> Option<Timestamp> {
        Some(self.0)
    }
}

one_of! {
    /// What an instant must pass. Exactly one of these.
    TimeTest, "TimeTestInput" {
        /// It is before this instant.
        before: Before(DateTime),
        /// It is this instant or later.
        from: From(DateTime),
        /// It is past, and not as long ago as this.
        within_past: WithinPast(Span),
        /// It is as long ago as this, or longer.
        longer_ago: LongerAgo(Span),
        /// It is ahead, and not further ahead than this.
        within_next: WithinNext(Span),
        /// It is further ahead than this.
        further_ahead: FurtherAhead(Span),
        /// It is not as long ago as this, or ahead, however far.
        not_longer_ago: NotLongerAgo(Span),
        /// It is not further ahead than this, or past, however long ago.
        not_further_ahead: NotFurtherAhead(Span),
        /// Whether it is past, or this very instant; if not, it is ahead.
        past: Past(bool),
    }
}

impl From<domain::TimeTest> for TimeTest {
    fn from(test: domain::TimeTest) -> Self {
        match test {
            domain::TimeTest::Before(bound) => Self::Before(bound.into()),
            domain::TimeTest::From(bound) => Self::From(bound.into()),
            domain::TimeTest::WithinPast(span) => Self::WithinPast(span.into()),
            domain::TimeTest::LongerAgo(span) => Self::LongerAgo(span.into()),
            domain::TimeTest::WithinNext(span) => Self::WithinNext(span.into()),
            domain::TimeTest::FurtherAhead(span) => Self::FurtherAhead(span.into()),
            domain::TimeTest::NotLongerAgo(span) => Self::NotLongerAgo(span.into()),
            domain::TimeTest::NotFurtherAhead(span) => Self::NotFurtherAhead(span.into()),
            domain::TimeTest::Past(past) => Self::Past(past),
        }
    }
}

impl Readable for TimeTest {
    type Value = domain::TimeTest;

    fn read(self, reading: &mut Reading) -> Option<domain::TimeTest> {
        use domain::TimeTest as Test;
        Some(match self {
            Self::Before(bound) => Test::Before(reading.part("before", bound)?),
            Self::From(bound) => Test::From(reading.part("from", bound)?),
            Self::WithinPast(span) => Test::WithinPast(reading.part("withinPast", span)?),
            Self::LongerAgo(span) => Test::LongerAgo(reading.part("longerAgo", span)?),
            Self::WithinNext(span) => Test::WithinNext(reading.part("withinNext", span)?),
            Self::FurtherAhead(span) => Test::FurtherAhead(reading.part("furtherAhead", span)?),
            Self::NotLongerAgo(span) => Test::NotLongerAgo(reading.part("notLongerAgo", span)?),
            Self::NotFurtherAhead(span) => {
                Test::NotFurtherAhead(reading.part("notFurtherAhead", span)?)
            }
            Self::Past(past) => Test::Past(past),
        })
    }
}

/// The time between two instants that do not move.
#[derive(Clone, Copy, InputObject, SimpleObject)]
#[graphql(input_name = "IntervalInput")]
pub struct Interval {
    /// The beginning; not inside.
    after: DateTime,
    /// The end; inside.
    until: DateTime,
}

one_of! {
    /// The time in which something counts. Exactly one of these; where there is no window, it always counts.
    Window, "WindowInput" {
        /// Not as long ago as this.
        last: Last(Span),
        /// As long ago as this, or longer.
        before: Before(Span),
        /// Between two instants.
        between: Between(Interval),
    }
}

impl Window {
    /// The window; none where something always counts.
    pub(crate) fn of(window: domain::Window) -> Option<Self> {
        match window {
            domain::Window::Ever => None,
            domain::Window::Last(span) => Some(Self::Last(span.into())),
            domain::Window::Before(span) => Some(Self::Before(span.into())),
            domain::Window::Between { after, until } => Some(Self::Between(Interval {
                after: after.into(),
                until: until.into(),
            })),
        }
    }
}

impl Readable for Window {
    type Value = domain::Window;

    fn read(self, reading: &mut Reading) -> Option<domain::Window> {
        Some(match self {
            Self::Last(span) => domain::Window::Last(reading.part("last", span)?),
            Self::Before(span) => domain::Window::Before(reading.part("before", span)?),
            Self::Between(Interval { after, until }) => domain::Window::Between {
                after: after.0,
                until: until.0,
            },
        })
    }
}
