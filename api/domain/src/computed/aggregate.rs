//! What touchpoints and purchases are brought to.

use serde::{Deserialize, Serialize};

/// What touchpoints are brought to.
///
/// A property is named as in conditions: for a value inside an object by the path to it, joined with dots; each scalar of a list
/// counts. Texts that are the same once folded (see [`fold_text`](crate::profile::fold_text)) are one value, shown as it was written
/// last and cut to [`MAX_TEXT_CHARS`](crate::profile::MAX_TEXT_CHARS) characters; the number 5 and the text `"5"` are two.
///
/// Of none, the number, the sum and the number of different values are 0; the others are missing. Numbers whose millionths are not
/// exact are left out of sums and means.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// How many there are.
    Count,
    /// The sum of a property's numbers.
    Sum(String),
    /// The smallest of a property's numbers.
    Min(String),
    /// The greatest of a property's numbers.
    Max(String),
    /// The mean of a property's numbers, rounded to millionths, halves away from zero.
    Mean(String),
    /// The value of a property at the first touchpoint that has one; a list if it has several.
    First(String),
    /// The value of a property at the last touchpoint that has one; a list if it has several.
    Last(String),
    /// The value of a property that most touchpoints have; of several the first by name: truth values, then numbers, then texts.
    MostFrequent(String),
    /// How many different values a property has.
    DistinctCount(String),
    /// The different values of a property in the order of their names. Conditions see the first 50 values of a list.
    DistinctValues {
        /// The name of the property.
        property: String,
        /// How many values are kept at most; those that come first.
        cap: u16,
    },
    /// When the first of them was: a text, as in RFC 3339.
    FirstAt,
    /// When the last of them was: a text, as in RFC 3339.
    LastAt,
}

impl Aggregate {
    /// The property that it is about; none of those about touchpoints themselves.
    pub fn property(&self) -> Option<&str> {
        match self {
            Self::Count | Self::FirstAt | Self::LastAt => None,
            Self::Sum(property)
            | Self::Min(property)
            | Self::Max(property)
            | Self::Mean(property)
            | Self::First(property)
            | Self::Last(property)
            | Self::MostFrequent(property)
            | Self::DistinctCount(property)
            | Self::DistinctValues { property, .. } => Some(property),
        }
    }
}

/// What purchases are brought to. Amounts are numbers in major units of the deployment's currency; purchases in another are left out
/// of amounts.
///
/// Of none, the number, the spend and the number of products are 0; the others are missing. Texts are taken together and shown as
/// those of touchpoints are (see [`Aggregate`]).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PurchaseAggregate {
    /// How many there are.
    Count,
    /// What was paid and not refunded; with a filter on lines, the price times the quantity of the lines that pass.
    Spend,
    /// The mean of what was paid and not refunded, rounded to millionths, halves away from zero.
    MeanSpend,
    /// The least that was paid and not refunded for one.
    MinSpend,
    /// The most that was paid and not refunded for one.
    MaxSpend,
    /// When the first of them was placed: a text, as in RFC 3339.
    FirstAt,
    /// When the last of them was placed: a text, as in RFC 3339.
    LastAt,
    /// How many different products are in the lines that pass.
    Products,
    /// What is in the lines that pass of most purchases; of several the first by name.
    MostFrequent(Field),
    /// The different categories of the lines that pass, in the order of their names. Conditions see the first 50 values of a list.
    Categories {
        /// How many categories are kept at most; those that come first.
        cap: u16,
    },
}

/// What a line of a purchase is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The category of the product.
    Category,
    /// The brand of the product.
    Brand,
    /// The product, by the shop's id of it, else by the stock-keeping unit.
    Product,
}
