//! Tests of touchpoints and of their order.

use async_graphql::{InputObject, SimpleObject};
use lazo_domain::condition as domain;

use super::one_of::one_of;
use super::reading::{Readable, Reading};
use super::{CountComparison, NumberComparison, Span, TimeTest, ValueTest, Window};
use crate::graphql::Channel;

/// A test of a property of a touchpoint.
#[derive(Clone, InputObject, SimpleObject)]
#[graphql(input_name = "PropertyTestInput")]
pub struct PropertyTest {
    /// The name of the property; for a value inside an object the path to it, joined with dots: `place.city`.
    name: String,
    /// What its value must pass.
    test: ValueTest,
}

impl From<&domain::PropertyTest> for PropertyTest {
    fn from(test: &domain::PropertyTest) -> Self {
        Self {
            name: test.name.clone(),
            test: (&test.test).into(),
        }
    }
}

impl Readable for PropertyTest {
    type Value = domain::PropertyTest;

    fn read(self, reading: &mut Reading) -> Option<domain::PropertyTest> {
        Some(domain::PropertyTest {
            test: reading.part("test", self.test)?,
            name: self.name,
        })
    }
}

/// Which touchpoints count: those that pass all that is given.
#[derive(Clone, InputObject, SimpleObject)]
#[graphql(input_name = "TouchpointFilterInput")]
pub struct TouchpointFilter {
    /// One of these names, letter for letter; none of them lets all names pass.
    #[graphql(default)]
    names: Vec<String>,
    /// On this channel. Null lets all pass.
    channel: Option<Channel>,
    /// From the source of this name. Null lets all pass.
    source: Option<String>,
    /// With properties that each pass.
    #[graphql(default)]
    properties: Vec<PropertyTest>,
}

impl From<&domain::Filter> for TouchpointFilter {
    fn from(filter: &domain::Filter) -> Self {
        Self {
            names: filter.names.clone(),
            channel: filter.channel.map(Into::into),
            source: filter.source.clone(),
            properties: filter.properties.iter().map(Into::into).collect(),
        }
    }
}

impl Readable for TouchpointFilter {
    type Value = domain::Filter;

    fn read(self, reading: &mut Reading) -> Option<domain::Filter> {
        Some(domain::Filter {
            properties: reading.part("properties", self.properties)?,
            names: self.names,
            channel: self.channel.map(Into::into),
            source: self.source,
        })
    }
}

/// A property, and what a number made of its values must pass.
#[derive(Clone, InputObject, SimpleObject)]
#[graphql(input_name = "PropertyNumberInput")]
pub struct PropertyNumber {
    /// The name of the property.
    property: String,
    /// What the number must pass.
    is: NumberComparison,
}

/// A property, and how many of its values there must be.
#[derive(Clone, InputObject, SimpleObject)]
#[graphql(input_name = "PropertyCountInput")]
pub struct PropertyCount {
    /// The name of the property.
    property: String,
    /// How many there must be.
    is: CountComparison,
}

impl Readable for PropertyNumber {
    type Value = (String, domain::Comparison<domain::Number>);

    fn read(self, reading: &mut Reading) -> Option<Self::Value> {
        let is = reading.part("is", self.is)?;
        Some((self.property, is))
    }
}

impl Readable for PropertyCount {
    type Value = (String, domain::Comparison<u32>);

    fn read(self, reading: &mut Reading) -> Option<Self::Value> {
        let is = reading.part("is", self.is)?;
        Some((self.property, is))
    }
}

one_of! {
    /// What touchpoints must come to. Exactly one of these. Of none, the count, the distinct values and the sum are 0, and the others
    /// are missing.
    TouchpointMeasure, "TouchpointMeasureInput" {
        /// How many there are.
        count: Count(CountComparison),
        /// The sum of a property's numbers.
        sum: Sum(PropertyNumber),
        /// The smallest of a property's numbers.
        min: Min(PropertyNumber),
        /// The greatest of a property's numbers.
        max: Max(PropertyNumber),
        /// The mean of a property's numbers.
        mean: Mean(PropertyNumber),
        /// How many different values a property has.
        distinct: Distinct(PropertyCount),
        /// When the first of them was.
        first: First(TimeTest),
        /// When the last of them was.
        last: Last(TimeTest),
    }
}

impl From<&domain::Measure> for TouchpointMeasure {
    fn from(measure: &domain::Measure) -> Self {
        let number = |property: &String, is: &domain::Comparison<domain::Number>| PropertyNumber {
            property: property.clone(),
            is: is.into(),
        };
        match measure {
            domain::Measure::Count(count) => Self::Count(count.into()),
            domain::Measure::Sum(property, is) => Self::Sum(number(property, is)),
            domain::Measure::Min(property, is) => Self::Min(number(property, is)),
            domain::Measure::Max(property, is) => Self::Max(number(property, is)),
            domain::Measure::Mean(property, is) => Self::Mean(number(property, is)),
            domain::Measure::Distinct(property, is) => Self::Distinct(PropertyCount {
                property: property.clone(),
                is: is.into(),
            }),
            domain::Measure::First(time) => Self::First((*time).into()),
            domain::Measure::Last(time) => Self::Last((*time).into()),
        }
    }
}

impl Readable for TouchpointMeasure {
    type Value = domain::Measure;

    fn read(self, reading: &mut Reading) -> Option<domain::Measure> {
        use domain::Measure as To;
        let number = |make: fn(String, domain::Comparison<domain::Number>) -> To| {
            move |(property, is)| make(property, is)
        };
        match self {
            Self::Count(count) => reading.part("count", count).map(To::Count),
            Self::Sum(sum) => reading.part("sum", sum).map(number(To::Sum)),
            Self::Min(min) => reading.part("min", min).map(number(To::Min)),
            Self::Max(max) => reading.part("max", max).map(number(To::Max)),
            Self::Mean(mean) => reading.part("mean", mean).map(number(To::Mean)),
            Self::Distinct(distinct) => {
                let (property, is) = reading.part("distinct", distinct)?;
                Some(To::Distinct(property, is))
            }
            Self::First(time) => reading.part("first", time).map(To::First),
            Self::Last(time) => reading.part("last", time).map(To::Last),
        }
    }
}

/// What the touchpoints that pass a filter come to, in a window.
#[derive(Clone, InputObject, SimpleObject)]
#[graphql(input_name = "TouchpointTestInput")]
pub struct TouchpointTest {
    /// Which of them count. Null lets all pass.
    filter: Option<TouchpointFilter>,
    /// When they must have happened to count. Null means whenever.
    window: Option<Window>,
    /// What they must come to.
    measure: TouchpointMeasure,
}

impl From<&domain::TouchpointTest> for TouchpointTest {
    fn from(test: &domain::TouchpointTest) -> Self {
        Self {
            filter: Some((&test.filter).into()),
            window: Window::of(test.window),
            measure: (&test.measure).into(),
        }
    }
}

impl Readable for TouchpointTest {
    type Value = domain::TouchpointTest;

    fn read(self, reading: &mut Reading) -> Option<domain::TouchpointTest> {
        let filter = reading.part_or_default("filter", self.filter);
        let window = reading.part_or_default("window", self.window);
        let measure = reading.part("measure", self.measure);
        Some(domain::TouchpointTest {
            filter: filter?,
            window: window?,
            measure: measure?,
        })
    }
}

/// One touchpoint after another, or not after another.
#[derive(Clone, InputObject, SimpleObject)]
#[graphql(input_name = "SequenceTestInput")]
pub struct SequenceTest {
    /// The touchpoint that comes first.
    first: TouchpointFilter,
    /// The touchpoint that follows it, or does not.
    then: TouchpointFilter,
    /// How soon it must follow.
    within: Span,
    /// Whether it must follow. If not, the condition holds once the time has passed without it.
    #[graphql(default = true)]
    follows: bool,
    /// When the first of the two must have happened. Null means whenever.
    window: Option<Window>,
}

impl From<&domain::SequenceTest> for SequenceTest {
    fn from(test: &domain::SequenceTest) -> Self {
        Self {
            first: (&test.first).into(),
            then: (&test.then).into(),
            within: test.within.into(),
            follows: test.follows,
            window: Window::of(test.window),
        }
    }
}

impl Readable for SequenceTest {
    type Value = domain::SequenceTest;

    fn read(self, reading: &mut Reading) -> Option<domain::SequenceTest> {
        let first = reading.part("first", self.first);
        let then = reading.part("then", self.then);
        let within = reading.part("within", self.within);
        let window = reading.part_or_default("window", self.window);
        Some(domain::SequenceTest {
            first: first?,
            then: then?,
            within: within?,
            follows: self.follows,
            window: window?,
        })
    }
}
