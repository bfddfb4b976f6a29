//! Scalars of properties and of lines: what tells one from another, and how each is shown.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::Value;

use super::original::originals;
use crate::condition::Number;
use crate::condition::evaluate::TouchpointFact;
use crate::condition::evaluate::value::number;
use crate::profile::{MAX_TEXT_CHARS, TypedRow};

/// What tells one scalar from another, in the order of names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Key<'v> {
    Truth(bool),
    Number(Number),
    /// The folded text.
    Text(&'v str),
}

impl<'v> Key<'v> {
    fn of(row: &'v TypedRow) -> Option<Self> {
        let text = row.text.as_deref().map(Self::Text);
        text.or_else(|| number(row).map(Self::Number))
            .or_else(|| row.truth.map(Self::Truth))
    }

    fn kind(&self) -> u8 {
        match self {
            Self::Truth(_) => 0,
            Self::Number(_) => 1,
            Self::Text(_) => 2,
        }
    }
}

impl Ord for Key<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Truth(one), Self::Truth(other)) => one.cmp(other),
            // Numbers are finite and zero has no sign, so this is the order of their values.
            (Self::Number(one), Self::Number(other)) => one.get().total_cmp(&other.get()),
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            _ => self.kind().cmp(&other.kind()),
        }
    }
}

impl PartialOrd for Key<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A scalar.
#[derive(Clone, Copy)]
pub(super) struct Scalar<'v> {
    pub(super) key: Key<'v>,
    /// A text as it was written.
    pub(super) written: Option<&'v str>,
}

impl<'v> Scalar<'v> {
    /// A number.
    pub(super) fn of_number(number: Number) -> Self {
        Self {
            key: Key::Number(number),
            written: None,
        }
    }

    /// A text, folded and as it was written.
    pub(super) fn of_text(folded: &'v str, written: Option<&'v str>) -> Self {
        Self {
            key: Key::Text(folded),
            written,
        }
    }

    /// The scalar as the value of a trait.
    pub(super) fn shown(&self) -> Value {
        match self.key {
            Key::Truth(truth) => truth.into(),
            Key::Number(number) => of_number(number),
            Key::Text(folded) => {
                let text = self.written.unwrap_or(folded).chars();
                text.take(MAX_TEXT_CHARS).collect::<String>().into()
            }
        }
    }
}

/// A number as the value of a trait; a whole one without a decimal point.
pub(super) fn of_number(number: Number) -> Value {
    let whole = number.to_string().parse::<i64>();
    whole.map_or_else(|_| number.get().into(), Value::from)
}

/// The scalars of a property, in their order.
pub(super) fn scalars<'t>(touchpoint: &'t TouchpointFact<'_>, name: &str) -> Vec<Scalar<'t>> {
    let rows = touchpoint.values().get(name);
    if rows.is_empty() {
        return Vec::new();
    }
    rows.iter()
        .zip(originals(touchpoint.properties(), name))
        .filter_map(|(row, original)| {
            let key = Key::of(row)?;
            let written = original.as_str();
            Some(Scalar { key, written })
        })
        .collect()
}

/// The numbers of a property, in their order.
pub(super) fn numbers(touchpoint: &TouchpointFact<'_>, name: &str) -> impl Iterator<Item = Number> {
    touchpoint.values().get(name).iter().filter_map(number)
}

/// Each different scalar once, as it was written last.
pub(super) fn different<'v>(scalars: impl IntoIterator<Item = Scalar<'v>>) -> Vec<Scalar<'v>> {
    let scalars = scalars.into_iter();
    let once: BTreeMap<_, _> = scalars.map(|scalar| (scalar.key, scalar)).collect();
    once.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(5.0, "5")]
    #[case(-3.0, "-3")]
    #[case(0.1, "0.1")]
    #[case(9e15, "9000000000000000")]
    #[case(1e300, "1e+300")]
    fn a_whole_number_has_no_decimal_point(#[case] number: f64, #[case] shown: &str) {
        let value = of_number(Number::try_from(number).unwrap());
        assert_eq!(value.to_string(), shown);
        assert_eq!(value.as_f64(), Some(number));
    }
}
