//! Tests of the values of traits and properties.

use lazo_domain::condition as domain;

use super::one_of::one_of;
use super::reading::{Readable, Reading};
use super::{NumberComparison, TimeTest};

one_of! {
    /// A value that another is compared with. Exactly one of these: the text `"5"` is not the number 5.
    ScalarValue, "ScalarValueInput" {
        /// A text. It is compared without regard to case and accents.
        text: Text(String),
        /// A number.
        number: Number(f64),
        /// A truth value.
        truth: Truth(bool),
    }
}

impl From<&domain::Scalar> for ScalarValue {
    fn from(scalar: &domain::Scalar) -> Self {
        match scalar {
            domain::Scalar::Text(text) => Self::Text(text.clone()),
            domain::Scalar::Number(number) => Self::Number(number.get()),
            domain::Scalar::Truth(truth) => Self::Truth(*truth),
        }
    }
}

impl Readable for ScalarValue {
    type Value = domain::Scalar;

    fn read(self, reading: &mut Reading) -> Option<domain::Scalar> {
        Some(match self {
            Self::Text(text) => domain::Scalar::Text(text),
            Self::Number(number) => domain::Scalar::Number(reading.part("number", number)?),
            Self::Truth(truth) => domain::Scalar::Truth(truth),
        })
    }
}

one_of! {
    /// What a text must pass, without regard to case and accents. Exactly one of these. No character stands for another.
    TextTest, "TextTestInput" {
        /// It has this in it.
        contains: Contains(String),
        /// It begins with this.
        starts_with: StartsWith(String),
        /// It ends with this.
        ends_with: EndsWith(String),
    }
}

impl From<&domain::TextTest> for TextTest {
    fn from(test: &domain::TextTest) -> Self {
        match test {
            domain::TextTest::Contains(part) => Self::Contains(part.clone()),
            domain::TextTest::StartsWith(part) => Self::StartsWith(part.clone()),
            domain::TextTest::EndsWith(part) => Self::EndsWith(part.clone()),
        }
    }
}

impl From<TextTest> for domain::TextTest {
    fn from(test: TextTest) -> Self {
        match test {
            TextTest::Contains(part) => Self::Contains(part),
            TextTest::StartsWith(part) => Self::StartsWith(part),
            TextTest::EndsWith(part) => Self::EndsWith(part),
        }
    }
}

one_of! {
    /// What the value of a trait or a property must pass. Exactly one of these. A list passes if one of its elements does. Of a
    /// missing value only `exists: false` holds.
    ValueTest, "ValueTestInput" {
        /// Whether there is a value.
        exists: Exists(bool),
        /// It is this value.
        equal: Equal(ScalarValue),
        /// There is a value, and it is another one.
        not_equal: NotEqual(ScalarValue),
        /// It is one of these values.
        r#in: In(Vec<ScalarValue>),
        /// There is a value, and it is none of these.
        not_in: NotIn(Vec<ScalarValue>),
        /// It is a number that compares so.
        number: Number(NumberComparison),
        /// It is a text that passes this.
        text: Text(TextTest),
        /// It is a text that names an instant that passes this.
        time: Time(TimeTest),
    }
}

impl From<&domain::ValueTest> for ValueTest {
    fn from(test: &domain::ValueTest) -> Self {
        let all = |values: &[domain::Scalar]| values.iter().map(Into::into).collect();
        match test {
            domain::ValueTest::Exists => Self::Exists(true),
            domain::ValueTest::NotExists => Self::Exists(false),
            domain::ValueTest::Equal(value) => Self::Equal(value.into()),
            domain::ValueTest::NotEqual(value) => Self::NotEqual(value.into()),
            domain::ValueTest::In(values) => Self::In(all(values)),
            domain::ValueTest::NotIn(values) => Self::NotIn(all(values)),
            domain::ValueTest::Number(comparison) => Self::Number(comparison.into()),
            domain::ValueTest::Text(text) => Self::Text(text.into()),
            domain::ValueTest::Time(time) => Self::Time((*time).into()),
        }
    }
}

impl Readable for ValueTest {
    type Value = domain::ValueTest;

    fn read(self, reading: &mut Reading) -> Option<domain::ValueTest> {
        use domain::ValueTest as Test;
        Some(match self {
            Self::Exists(true) => Test::Exists,
            Self::Exists(false) => Test::NotExists,
            Self::Equal(value) => Test::Equal(reading.part("equal", value)?),
            Self::NotEqual(value) => Test::NotEqual(reading.part("notEqual", value)?),
            Self::In(values) => Test::In(reading.part("in", values)?),
            Self::NotIn(values) => Test::NotIn(reading.part("notIn", values)?),
            Self::Number(comparison) => Test::Number(reading.part("number", comparison)?),
            Self::Text(text) => Test::Text(text.into()),
            Self::Time(time) => Test::Time(reading.part("time", time)?),
        })
    }
}
