//! The leaves of conditions: what each of them asks.

use serde::{Deserialize, Serialize};

use super::{Comparison, Number, Span, TimeTest, ValueTest, Window};
use crate::identity::Namespace;
use crate::lifecycle::{Level, Stage};
use crate::touchpoint::Channel;

/// A test of a trait.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TraitTest {
    /// The name of the trait; for a value inside an object the path to it, joined with dots: `address.city`.
    pub name: String,
    /// What its value must pass.
    pub test: ValueTest,
}

/// A test of a property of a touchpoint, or of a field of a line of an order.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PropertyTest {
    /// The name of the property; for a value inside an object the path to it, joined with dots.
    pub name: String,
    /// What its value must pass.
    pub test: ValueTest,
}

/// Which touchpoints count. What is left out lets all pass.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// One of these names, letter for letter; none of them lets all names pass.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// On this channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// From the source of this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// With properties that each pass.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<PropertyTest>,
}

/// What touchpoints, or lines of orders, come to.
///
/// Of none, the number, the number of distinct values and the sum are 0; the others are missing. Numbers whose millionths are not
/// exact are left out of sums and means.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// How many there are.
    Count(Comparison<u32>),
    /// The sum of a property's numbers.
    Sum(String, Comparison<Number>),
    /// The smallest of a property's numbers.
    Min(String, Comparison<Number>),
    /// The greatest of a property's numbers.
    Max(String, Comparison<Number>),
    /// The mean of a property's numbers.
    Mean(String, Comparison<Number>),
    /// How many different values a property has; texts are folded.
    Distinct(String, Comparison<u32>),
    /// When the first of them was.
    First(TimeTest),
    /// When the last of them was.
    Last(TimeTest),
}

/// A test of touchpoints.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TouchpointTest {
    /// Which of them count.
    #[serde(default)]
    pub filter: Filter,
    /// When they must have happened to count.
    #[serde(default)]
    pub window: Window,
    /// What they must come to.
    pub measure: Measure,
}

/// What purchases come to. Amounts are in the deployment's currency; purchases in another are left out of amounts.
///
/// Of none, the number, the spend and the number of products are 0; the others are missing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PurchaseMeasure {
    /// How many there are.
    Count(Comparison<u32>),
    /// What was paid and not refunded; with a filter on lines, the price times the quantity of the lines that pass.
    Spend(Comparison<Number>),
    /// The mean of what was paid and not refunded.
    MeanSpend(Comparison<Number>),
    /// The most that was paid and not refunded for one.
    MaxSpend(Comparison<Number>),
    /// How many different products there are in them, by the shop's id of the product, else by the stock-keeping unit.
    Products(Comparison<u32>),
    /// When the first of them was placed.
    First(TimeTest),
    /// When the last of them was placed.
    Last(TimeTest),
    /// How long ago the last of them was placed, as a multiple of the mean interval between all purchases of the profile.
    SinceLastInIntervals(Comparison<Number>),
}

/// Which lines of a purchase count: those that pass all that is named. Texts are compared folded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Lines {
    /// One of these product ids or stock-keeping units.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<String>,
    /// One of these categories.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// One of these brands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub brands: Vec<String>,
}

impl Lines {
    /// Whether all lines pass, so that purchases without lines count too.
    pub fn is_all(&self) -> bool {
        self.products.is_empty() && self.categories.is_empty() && self.brands.is_empty()
    }
}

/// A test of purchases: of those that were placed and not cancelled.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PurchaseTest {
    /// Which lines a purchase must have at least one of.
    #[serde(default, skip_serializing_if = "Lines::is_all")]
    pub lines: Lines,
    /// When they must have been placed to count.
    #[serde(default)]
    pub window: Window,
    /// What they must come to.
    pub measure: PurchaseMeasure,
}

/// A test of the order of touchpoints.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SequenceTest {
    /// The touchpoint that comes first.
    pub first: Filter,
    /// The touchpoint that follows it, or does not.
    pub then: Filter,
    /// How soon it must follow: in `(first, first + within]`.
    pub within: Span,
    /// Whether it must follow; if not, the condition holds once the time has passed without it.
    pub follows: bool,
    /// When the first of the two must have happened.
    #[serde(default)]
    pub window: Window,
}

/// Membership of a segment.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SegmentTest {
    /// The key of the segment.
    pub key: String,
}

/// A test of a score.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ScoreTest {
    /// The key of the score model.
    pub key: String,
    /// What its value must pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Comparison<Number>>,
    /// The grades of which it must have one; none of them lets all pass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grades: Vec<String>,
}

/// A test of consent.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ConsentTest {
    /// The key of the purpose.
    pub purpose: String,
    /// The channel, where the purpose is decided by channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// Whether consent is granted; if not, it must not be.
    pub granted: bool,
}

/// A test of the lifecycle stage.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StageTest {
    /// The stages of which the profile must be in one.
    pub stages: Vec<Stage>,
}

/// A test of the pyramid level.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LevelTest {
    /// The levels of which the profile must be on one.
    pub levels: Vec<Level>,
}

/// A test of identifiers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct IdentifierTest {
    /// Where the identifier is from, such as `email`.
    pub namespace: Namespace,
}

/// A test of the day in the year on which something happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AnniversaryTest {
    /// The trait that holds the date, with or without a year: `1990-02-28`, `--02-28`.
    #[serde(rename = "trait")]
    pub name: String,
    /// In how many days it may be at most; 0 is today. Days are those of the profile's time zone.
    pub within_days: u16,
}

/// Whether the first or the last time counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// The first time.
    First,
    /// The last time.
    Last,
}

/// A test of when the person was seen.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SeenTest {
    /// Which time.
    pub which: Seen,
    /// What it must pass.
    pub time: TimeTest,
}
