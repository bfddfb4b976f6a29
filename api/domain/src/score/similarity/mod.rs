//! Similarity: how much a person is like the ideal customer.

mod centre;
mod folded;
mod gower;
mod observe;

pub use folded::Folded;
pub(super) use gower::measure;
pub use observe::FeatureValue;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::condition::Number;

/// The key of the component that stands in for features that are not known.
pub const PRIOR: &str = "prior";

/// How much a person is like the ideal customer, from 0 to 100: the weighted similarity of Gower (1971) over the features that are
/// known, drawn to the prior by the share of the weight of those that are not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Similarity {
    /// What is compared.
    pub features: Vec<Feature>,
    /// The value of a person of whom nothing is known, from 0 to 100.
    pub prior: Number,
    /// The key of the segment whose members' centre is the ideal (see [`Similarity::centred`]); without it the ideal is a described
    /// one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
}

/// What is compared with the ideal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feature {
    /// Its name for programs, unique in the model.
    pub key: String,
    /// Its name for people.
    pub title: String,
    /// How much it counts, against the other features.
    pub weight: Number,
    /// Where its value comes from.
    pub value: Observed,
    /// How its value is compared, and with what.
    pub kind: FeatureKind,
}

/// Where the value of a feature comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Observed {
    /// The trait of this name, with dots for a value inside an object.
    Trait(String),
    /// How many purchases there are.
    Orders,
    /// What was paid and not refunded, in major units of the deployment's currency.
    Spend,
    /// The mean of what was paid and not refunded; missing without a purchase.
    MeanSpend,
    /// How many whole days ago the last purchase was placed; missing without one.
    DaysSinceLastOrder,
}

/// How a value is compared with the ideal. What has no value, and what has no ideal, is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeatureKind {
    /// A number: `1 − min(1, |value − ideal| / range)`; of a range of 0, 1 for the ideal itself.
    Numeric {
        /// The ideal.
        ideal: Number,
        /// How far from it a value has nothing of it any more.
        range: Number,
    },
    /// A text or a truth value: how frequent it is among the ideal's, against the most frequent. Of a list, that of its most frequent.
    Category {
        /// How frequent each is.
        ideal: BTreeMap<Folded, Number>,
    },
    /// A list: how many values both have, of those that either has (Jaccard).
    Set {
        /// The ideal's values.
        ideal: BTreeSet<Folded>,
    },
}
