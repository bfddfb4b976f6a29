//! Similarity to the ideal customer as an input.

use async_graphql::{Enum, InputObject, OneofObject};
use lazo_domain::condition::Number;
use lazo_domain::score as domain;

use crate::condition::graphql::reading::{Readable, Reading};

/// What purchases come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum PurchaseFigure {
    /// How many there are.
    Orders,
    /// What was paid and not refunded, in major units of the deployment's currency.
    Spend,
    /// The mean of what was paid and not refunded; missing without a purchase.
    MeanSpend,
    /// How many whole days ago the last was placed; missing without one.
    DaysSinceLastOrder,
}

/// Where the value of a feature comes from: exactly one of these.
#[derive(Clone, OneofObject)]
pub enum ScoreFeatureValueInput {
    /// The trait of this name, with dots for a value inside an object.
    Trait(String),
    /// What purchases come to.
    Purchases(PurchaseFigure),
}

/// A number: the nearer to the ideal, the more alike. Both are measured where the model names a segment.
#[derive(Clone, InputObject)]
pub struct ScoreNumericInput {
    /// The ideal.
    #[graphql(default)]
    ideal: f64,
    /// How far from it a value has nothing of it any more; of a range of 0 the ideal itself alone is alike.
    #[graphql(default)]
    range: f64,
}

/// How frequent a text is among the ideal's.
#[derive(Clone, InputObject)]
pub struct ScoreFrequencyInput {
    /// The text, without regard to case and accents.
    text: String,
    /// How frequent it is, against the others.
    frequency: f64,
}

/// A text or a truth value: the more frequent among the ideal's, the more alike.
#[derive(Clone, InputObject)]
pub struct ScoreFrequenciesInput {
    /// How frequent each is. It is measured where the model names a segment.
    #[graphql(default)]
    ideal: Vec<ScoreFrequencyInput>,
}

/// A list: the more values both have of those that either has, the more alike.
#[derive(Clone, InputObject)]
pub struct ScoreTextsInput {
    /// The ideal's values, without regard to case and accents. They are measured where the model names a segment.
    #[graphql(default)]
    ideal: Vec<String>,
}

/// How a value is compared with the ideal: exactly one of these.
#[derive(Clone, OneofObject)]
pub enum ScoreFeatureKindInput {
    /// As a number.
    Numeric(ScoreNumericInput),
    /// As one of several texts or truth values.
    Category(ScoreFrequenciesInput),
    /// As a list.
    Set(ScoreTextsInput),
}

/// What is compared with the ideal.
#[derive(Clone, InputObject)]
pub struct ScoreFeatureInput {
    /// Its name for programs, unique in the model: 1 to 64 characters of a to z, 0 to 9, `_` and `-`.
    key: String,
    /// Its name for people.
    title: String,
    /// How much it counts, against the other features: above 0.
    #[graphql(default = 1.0)]
    weight: f64,
    /// Where its value comes from.
    value: ScoreFeatureValueInput,
    /// How its value is compared, and with what.
    kind: ScoreFeatureKindInput,
}

/// How much a person is like the ideal customer, from 0 to 100.
#[derive(Clone, InputObject)]
pub struct ScoreSimilarityInput {
    /// What is compared: 1 to 50 features.
    features: Vec<ScoreFeatureInput>,
    /// The value of a person of whom nothing is known, from 0 to 100.
    prior: f64,
    /// The key of the segment whose members' centre is the ideal, which is measured once a day. Null means that the ideal is the one
    /// described.
    segment: Option<String>,
}

impl From<ScoreFeatureValueInput> for domain::Observed {
    fn from(value: ScoreFeatureValueInput) -> Self {
        match value {
            ScoreFeatureValueInput::Trait(name) => Self::Trait(name),
            ScoreFeatureValueInput::Purchases(figure) => match figure {
                PurchaseFigure::Orders => Self::Orders,
                PurchaseFigure::Spend => Self::Spend,
                PurchaseFigure::MeanSpend => Self::MeanSpend,
                PurchaseFigure::DaysSinceLastOrder => Self::DaysSinceLastOrder,
            },
        }
    }
}

impl Readable for ScoreNumericInput {
    type Value = domain::FeatureKind;

    fn read(self, reading: &mut Reading) -> Option<domain::FeatureKind> {
        let ideal = reading.part("ideal", self.ideal);
        let range = reading.part("range", self.range);
        Some(domain::FeatureKind::Numeric {
            ideal: ideal?,
            range: range?,
        })
    }
}

impl Readable for ScoreFrequencyInput {
    type Value = (domain::Folded, Number);

    fn read(self, reading: &mut Reading) -> Option<Self::Value> {
        let frequency = reading.part("frequency", self.frequency)?;
        Some((self.text.into(), frequency))
    }
}

impl Readable for ScoreFrequenciesInput {
    type Value = domain::FeatureKind;

    fn read(self, reading: &mut Reading) -> Option<domain::FeatureKind> {
        let ideal = reading.part("ideal", self.ideal)?;
        Some(domain::FeatureKind::Category {
            ideal: ideal.into_iter().collect(),
        })
    }
}

impl Readable for ScoreFeatureKindInput {
    type Value = domain::FeatureKind;

    fn read(self, reading: &mut Reading) -> Option<domain::FeatureKind> {
        match self {
            Self::Numeric(numeric) => reading.part("numeric", numeric),
            Self::Category(category) => reading.part("category", category),
            Self::Set(set) => Some(domain::FeatureKind::Set {
                ideal: set.ideal.into_iter().map(Into::into).collect(),
            }),
        }
    }
}

impl Readable for ScoreFeatureInput {
    type Value = domain::Feature;

    fn read(self, reading: &mut Reading) -> Option<domain::Feature> {
        let weight = reading.part("weight", self.weight);
        let kind = reading.part("kind", self.kind);
        Some(domain::Feature {
            key: self.key,
            title: self.title,
            weight: weight?,
            value: self.value.into(),
            kind: kind?,
        })
    }
}

impl Readable for ScoreSimilarityInput {
    type Value = domain::Similarity;

    fn read(self, reading: &mut Reading) -> Option<domain::Similarity> {
        let features = reading.part("features", self.features);
        let prior = reading.part("prior", self.prior);
        Some(domain::Similarity {
            features: features?,
            prior: prior?,
            segment: self.segment,
        })
    }
}

impl From<&domain::Observed> for ScoreFeatureValueInput {
    fn from(value: &domain::Observed) -> Self {
        let figure = match value {
            domain::Observed::Trait(name) => return Self::Trait(name.clone()),
            domain::Observed::Orders => PurchaseFigure::Orders,
            domain::Observed::Spend => PurchaseFigure::Spend,
            domain::Observed::MeanSpend => PurchaseFigure::MeanSpend,
            domain::Observed::DaysSinceLastOrder => PurchaseFigure::DaysSinceLastOrder,
        };
        Self::Purchases(figure)
    }
}

impl From<&domain::FeatureKind> for ScoreFeatureKindInput {
    fn from(kind: &domain::FeatureKind) -> Self {
        match kind {
            domain::FeatureKind::Numeric { ideal, range } => Self::Numeric(ScoreNumericInput {
                ideal: ideal.get(),
                range: range.get(),
            }),
            domain::FeatureKind::Category { ideal } => {
                let ideal = ideal.iter().map(|(text, frequency)| ScoreFrequencyInput {
                    text: text.as_str().to_owned(),
                    frequency: frequency.get(),
                });
                Self::Category(ScoreFrequenciesInput {
                    ideal: ideal.collect(),
                })
            }
            domain::FeatureKind::Set { ideal } => {
                let ideal = ideal.iter().map(|text| text.as_str().to_owned());
                Self::Set(ScoreTextsInput {
                    ideal: ideal.collect(),
                })
            }
        }
    }
}

impl From<&domain::Similarity> for ScoreSimilarityInput {
    fn from(similarity: &domain::Similarity) -> Self {
        let feature = |feature: &domain::Feature| ScoreFeatureInput {
            key: feature.key.clone(),
            title: feature.title.clone(),
            weight: feature.weight.get(),
            value: (&feature.value).into(),
            kind: (&feature.kind).into(),
        };
        Self {
            features: similarity.features.iter().map(feature).collect(),
            prior: similarity.prior.get(),
            segment: similarity.segment.clone(),
        }
    }
}
