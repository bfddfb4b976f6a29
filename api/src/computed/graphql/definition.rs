//! What a trait is computed of, as an input, and the same input of what is stored.

use async_graphql::{Enum, InputObject, OneofObject};
use lazo_domain::computed as domain;

use crate::condition::graphql::reading::{Readable, Reading};
use crate::condition::graphql::{PurchaseLines, TouchpointFilter};

/// How many values a list keeps where the caller does not say it.
const CAP: u16 = 50;

/// What touchpoints are brought to. Of none, the count, the sum and the number of different values are 0; the others are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum TouchpointAggregate {
    /// How many there are.
    Count,
    /// The sum of a property's numbers.
    Sum,
    /// The smallest of a property's numbers.
    Min,
    /// The greatest of a property's numbers.
    Max,
    /// The mean of a property's numbers, rounded to millionths.
    Mean,
    /// The value of a property at the first touchpoint that has one.
    First,
    /// The value of a property at the last touchpoint that has one.
    Last,
    /// The value of a property that most touchpoints have; of several the first by name.
    MostFrequent,
    /// How many different values a property has.
    DistinctCount,
    /// The different values of a property, in the order of their names.
    DistinctValues,
    /// When the first of them was.
    FirstAt,
    /// When the last of them was.
    LastAt,
}

/// What touchpoints are brought to, with the property that it is about.
#[derive(Clone, InputObject)]
pub struct TouchpointAggregateInput {
    /// What they are brought to.
    aggregate: TouchpointAggregate,
    /// The name of the property; for a value inside an object the path to it, joined with dots. `COUNT`, `FIRST_AT` and `LAST_AT` have
    /// none.
    property: Option<String>,
    /// How many values `DISTINCT_VALUES` keeps, from 1 to 100. Null means 50.
    cap: Option<i64>,
}

/// A trait that is computed of touchpoints.
#[derive(Clone, InputObject)]
pub struct TouchpointsComputedInput {
    /// Which of them count. Null lets all pass.
    filter: Option<TouchpointFilter>,
    /// What they are brought to.
    measure: TouchpointAggregateInput,
}

/// What purchases are brought to, with amounts in major units of the deployment's currency. Of none, the count, the spend and the number
/// of products are 0; the others are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum PurchaseAggregate {
    /// How many there are.
    Count,
    /// What was paid and not refunded.
    Spend,
    /// The mean of what was paid and not refunded, rounded to millionths.
    MeanSpend,
    /// The least that was paid and not refunded for one.
    MinSpend,
    /// The most that was paid and not refunded for one.
    MaxSpend,
    /// When the first of them was placed.
    FirstAt,
    /// When the last of them was placed.
    LastAt,
    /// How many different products there are in them.
    Products,
    /// The category that is in most of them; of several the first by name.
    MostFrequentCategory,
    /// The brand that is in most of them; of several the first by name.
    MostFrequentBrand,
    /// The product that is in most of them; of several the first by name.
    MostFrequentProduct,
    /// The different categories, in the order of their names.
    Categories,
}

/// What purchases are brought to.
#[derive(Clone, InputObject)]
pub struct PurchaseAggregateInput {
    /// What they are brought to.
    aggregate: PurchaseAggregate,
    /// How many values `CATEGORIES` keeps, from 1 to 100. Null means 50.
    cap: Option<i64>,
}

/// A trait that is computed of purchases that were placed and not cancelled.
#[derive(Clone, InputObject)]
pub struct PurchasesComputedInput {
    /// Which lines a purchase must have at least one of. Null lets all purchases pass.
    lines: Option<PurchaseLines>,
    /// What they are brought to.
    measure: PurchaseAggregateInput,
}

/// What a trait is computed of: exactly one of these.
#[derive(Clone, OneofObject)]
pub enum ComputedOfInput {
    /// Touchpoints.
    Touchpoints(TouchpointsComputedInput),
    /// Purchases.
    Purchases(PurchasesComputedInput),
}

/// How many values a list keeps, as the caller says it.
struct Cap(i64);

impl Readable for Cap {
    type Value = u16;

    fn read(self, reading: &mut Reading) -> Option<u16> {
        let read = u16::try_from(self.0).ok();
        read.or_else(|| reading.refuse("A list keeps 1 to 100 values."))
    }
}

/// The property that an aggregate is about, as the caller names it.
struct Property {
    name: Option<String>,
    /// Whether the aggregate is about one.
    is_due: bool,
}

impl Readable for Property {
    type Value = String;

    fn read(self, reading: &mut Reading) -> Option<String> {
        match (self.name, self.is_due) {
            (Some(name), true) => Some(name),
            (None, false) => Some(String::new()),
            (None, true) => reading.refuse("Name the property that it is about."),
            (Some(_), false) => reading.refuse("It is about no property."),
        }
    }
}

fn cap(reading: &mut Reading, cap: Option<i64>, is_list: bool) -> Option<u16> {
    if is_list {
        let read = reading.part_or_none("cap", cap.map(Cap))?;
        return Some(read.unwrap_or(CAP));
    }
    match cap {
        None => Some(CAP),
        Some(_) => reading.refuse("Only a list of values has a cap."),
    }
}

impl Readable for TouchpointAggregateInput {
    type Value = domain::Aggregate;

    fn read(self, reading: &mut Reading) -> Option<domain::Aggregate> {
        use TouchpointAggregate as Of;
        use domain::Aggregate as To;
        let is_due = !matches!(self.aggregate, Of::Count | Of::FirstAt | Of::LastAt);
        let name = self.property;
        let property = reading.part("property", Property { name, is_due });
        let is_list = self.aggregate == Of::DistinctValues;
        let cap = cap(reading, self.cap, is_list);
        let (property, cap) = (property?, cap?);
        Some(match self.aggregate {
            Of::Count => To::Count,
            Of::Sum => To::Sum(property),
            Of::Min => To::Min(property),
            Of::Max => To::Max(property),
            Of::Mean => To::Mean(property),
            Of::First => To::First(property),
            Of::Last => To::Last(property),
            Of::MostFrequent => To::MostFrequent(property),
            Of::DistinctCount => To::DistinctCount(property),
            Of::DistinctValues => To::DistinctValues { property, cap },
            Of::FirstAt => To::FirstAt,
            Of::LastAt => To::LastAt,
        })
    }
}

impl Readable for PurchaseAggregateInput {
    type Value = domain::PurchaseAggregate;

    fn read(self, reading: &mut Reading) -> Option<domain::PurchaseAggregate> {
        use PurchaseAggregate as Of;
        use domain::{Field, PurchaseAggregate as To};
        let cap = cap(reading, self.cap, self.aggregate == Of::Categories)?;
        Some(match self.aggregate {
            Of::Count => To::Count,
            Of::Spend => To::Spend,
            Of::MeanSpend => To::MeanSpend,
            Of::MinSpend => To::MinSpend,
            Of::MaxSpend => To::MaxSpend,
            Of::FirstAt => To::FirstAt,
            Of::LastAt => To::LastAt,
            Of::Products => To::Products,
            Of::MostFrequentCategory => To::MostFrequent(Field::Category),
            Of::MostFrequentBrand => To::MostFrequent(Field::Brand),
            Of::MostFrequentProduct => To::MostFrequent(Field::Product),
            Of::Categories => To::Categories { cap },
        })
    }
}

impl Readable for TouchpointsComputedInput {
    type Value = domain::Of;

    fn read(self, reading: &mut Reading) -> Option<domain::Of> {
        let filter = reading.part_or_default("filter", self.filter);
        let measure = reading.part("measure", self.measure);
        Some(domain::Of::Touchpoints {
            filter: filter?,
            measure: measure?,
        })
    }
}

impl Readable for PurchasesComputedInput {
    type Value = domain::Of;

    fn read(self, reading: &mut Reading) -> Option<domain::Of> {
        Some(domain::Of::Purchases {
            measure: reading.part("measure", self.measure)?,
            lines: self.lines.map(Into::into).unwrap_or_default(),
        })
    }
}

impl Readable for ComputedOfInput {
    type Value = domain::Of;

    fn read(self, reading: &mut Reading) -> Option<domain::Of> {
        match self {
            Self::Touchpoints(of) => reading.part("touchpoints", of),
            Self::Purchases(of) => reading.part("purchases", of),
        }
    }
}

impl From<&domain::Aggregate> for TouchpointAggregateInput {
    fn from(measure: &domain::Aggregate) -> Self {
        use TouchpointAggregate as To;
        use domain::Aggregate as Of;
        let (aggregate, property, cap) = match measure {
            Of::Count => (To::Count, None, None),
            Of::Sum(property) => (To::Sum, Some(property), None),
            Of::Min(property) => (To::Min, Some(property), None),
            Of::Max(property) => (To::Max, Some(property), None),
            Of::Mean(property) => (To::Mean, Some(property), None),
            Of::First(property) => (To::First, Some(property), None),
            Of::Last(property) => (To::Last, Some(property), None),
            Of::MostFrequent(property) => (To::MostFrequent, Some(property), None),
            Of::DistinctCount(property) => (To::DistinctCount, Some(property), None),
            Of::DistinctValues { property, cap } => (To::DistinctValues, Some(property), Some(cap)),
            Of::FirstAt => (To::FirstAt, None, None),
            Of::LastAt => (To::LastAt, None, None),
        };
        Self {
            aggregate,
            property: property.cloned(),
            cap: cap.copied().map(i64::from),
        }
    }
}

impl From<&domain::PurchaseAggregate> for PurchaseAggregateInput {
    fn from(measure: &domain::PurchaseAggregate) -> Self {
        use PurchaseAggregate as To;
        use domain::{Field, PurchaseAggregate as Of};
        let aggregate = match measure {
            Of::Count => To::Count,
            Of::Spend => To::Spend,
            Of::MeanSpend => To::MeanSpend,
            Of::MinSpend => To::MinSpend,
            Of::MaxSpend => To::MaxSpend,
            Of::FirstAt => To::FirstAt,
            Of::LastAt => To::LastAt,
            Of::Products => To::Products,
            Of::MostFrequent(Field::Category) => To::MostFrequentCategory,
            Of::MostFrequent(Field::Brand) => To::MostFrequentBrand,
            Of::MostFrequent(Field::Product) => To::MostFrequentProduct,
            Of::Categories { .. } => To::Categories,
        };
        let cap = match measure {
            Of::Categories { cap } => Some(i64::from(*cap)),
            _ => None,
        };
        Self { aggregate, cap }
    }
}

impl From<&domain::Of> for ComputedOfInput {
    fn from(of: &domain::Of) -> Self {
        match of {
            domain::Of::Touchpoints { filter, measure } => {
                Self::Touchpoints(TouchpointsComputedInput {
                    filter: Some(filter.into()),
                    measure: measure.into(),
                })
            }
            domain::Of::Purchases { lines, measure } => Self::Purchases(PurchasesComputedInput {
                lines: PurchaseLines::of(lines),
                measure: measure.into(),
            }),
        }
    }
}
