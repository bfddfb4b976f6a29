//! Tests of values, folded once and then asked about many.

use std::borrow::Cow;

use super::Decision;
use super::text::folded;
use crate::clock::Timestamp;
use crate::condition::{Comparison, Number, Scalar, TextTest, TimeTest, ValueTest};
use crate::profile::TypedRow;

/// A [`ValueTest`] with its texts folded.
pub(super) enum PreparedTest<'c> {
    Exists,
    NotExists,
    Among(Vec<PreparedScalar<'c>>),
    NotAmong(Vec<PreparedScalar<'c>>),
    Number(&'c Comparison<Number>),
    Contains(Cow<'c, str>),
    StartsWith(Cow<'c, str>),
    EndsWith(Cow<'c, str>),
    Time(TimeTest),
}

pub(super) enum PreparedScalar<'c> {
    Truth(bool),
    Number(f64),
    Text(Cow<'c, str>),
}

impl<'c> PreparedScalar<'c> {
    fn new(scalar: &'c Scalar) -> Self {
        match scalar {
            Scalar::Truth(truth) => Self::Truth(*truth),
            Scalar::Number(number) => Self::Number(number.get()),
            Scalar::Text(text) => Self::Text(folded(text)),
        }
    }

    #[expect(
        clippy::float_cmp,
        reason = "numbers are equal if they are the same, on both engines and here"
    )]
    fn equals(&self, row: &TypedRow) -> bool {
        match self {
            Self::Truth(truth) => row.truth == Some(*truth),
            Self::Number(number) => row.number.is_some_and(|value| value == *number),
            Self::Text(text) => row.text.as_deref() == Some(text),
        }
    }
}

impl<'c> PreparedTest<'c> {
    pub(super) fn new(test: &'c ValueTest) -> Self {
        let all = |scalars: &'c [Scalar]| scalars.iter().map(PreparedScalar::new).collect();
        match test {
            ValueTest::Exists => Self::Exists,
            ValueTest::NotExists => Self::NotExists,
            ValueTest::Equal(scalar) => Self::Among(vec![PreparedScalar::new(scalar)]),
            ValueTest::NotEqual(scalar) => Self::NotAmong(vec![PreparedScalar::new(scalar)]),
            ValueTest::In(scalars) => Self::Among(all(scalars)),
            ValueTest::NotIn(scalars) => Self::NotAmong(all(scalars)),
            ValueTest::Number(comparison) => Self::Number(comparison),
            ValueTest::Text(TextTest::Contains(text)) => Self::Contains(folded(text)),
            ValueTest::Text(TextTest::StartsWith(text)) => Self::StartsWith(folded(text)),
            ValueTest::Text(TextTest::EndsWith(text)) => Self::EndsWith(folded(text)),
            ValueTest::Time(test) => Self::Time(*test),
        }
    }

    /// Whether the scalars of one name pass; none of them is a missing value.
    pub(super) fn passes(&self, rows: &[TypedRow], now: Timestamp) -> bool {
        let among = |scalars: &[PreparedScalar<'c>]| {
            rows.iter()
                .any(|row| scalars.iter().any(|scalar| scalar.equals(row)))
        };
        let a_text = |test: &dyn Fn(&str) -> bool| {
            rows.iter().any(|row| row.text.as_deref().is_some_and(test))
        };
        match self {
            Self::Exists => !rows.is_empty(),
            Self::NotExists => rows.is_empty(),
            Self::Among(scalars) => among(scalars),
            Self::NotAmong(scalars) => !rows.is_empty() && !among(scalars),
            Self::Number(comparison) => rows
                .iter()
                .filter_map(number)
                .any(|number| comparison.passes(&number)),
            Self::Contains(part) => a_text(&|text| text.contains(part.as_ref())),
            Self::StartsWith(part) => a_text(&|text| text.starts_with(part.as_ref())),
            Self::EndsWith(part) => a_text(&|text| text.ends_with(part.as_ref())),
            Self::Time(test) => times(rows).any(|time| test.passes(time, now)),
        }
    }

    /// Whether time alone may change the answer.
    pub(super) fn moves(&self) -> bool {
        match self {
            Self::Time(TimeTest::Before(_) | TimeTest::From(_)) => false,
            Self::Time(_) => true,
            _ => false,
        }
    }

    /// The first instant after `now` at which one of the scalars starts or stops to pass.
    pub(super) fn changes(&self, rows: &[TypedRow], now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Time(test) => times(rows).filter_map(|time| test.changes(time, now)).min(),
            _ => None,
        }
    }

    /// Whether the scalars pass, and until when.
    pub(super) fn decide(&self, rows: &[TypedRow], now: Timestamp) -> Decision {
        let holds = self.passes(rows, now);
        let mut until = self.changes(rows, now);
        // Of a list, another element may pass from the instant on at which one no longer does.
        while let Some(at) = until
            && self.passes(rows, at) == holds
        {
            until = self.changes(rows, at);
        }
        Decision { holds, until }
    }
}

/// The number of a scalar.
pub(crate) fn number(row: &TypedRow) -> Option<Number> {
    Number::try_from(row.number?).ok()
}

/// The scalar as it is shown; its text is folded.
pub(super) fn scalar(row: &TypedRow) -> Option<Scalar> {
    let truth = row.truth.map(Scalar::Truth);
    truth
        .or_else(|| number(row).map(Scalar::Number))
        .or_else(|| row.text.clone().map(Scalar::Text))
}

fn times(rows: &[TypedRow]) -> impl Iterator<Item = Timestamp> {
    rows.iter().filter_map(|row| row.time)
}
