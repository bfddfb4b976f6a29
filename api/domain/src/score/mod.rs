//! Score models: how a number comes to a profile, what grade it is, and what each part of it is for.
//!
//! A model is data, like a condition, and is stored as JSON. [`check()`] says whether it can be used, [`score`] scores one profile at an
//! instant, and says until when the answer can be read off without scoring again.

mod check;
mod grade;
mod points;
mod references;
mod rfm;
mod rounding;
mod scored;
mod similarity;
#[cfg(test)]
mod tests;

pub use check::{
    Checked, MAX_FEATURES, MAX_GRADES, MAX_POINTS, MAX_RULES, Problem, ProblemCode, check,
};
pub use grade::Grade;
pub use points::{Cap, Points, Rule, When};
pub use references::{Needs, conditions, needs};
pub use rfm::{Quintiles, Rfm, RfmBoundaries, RfmMethod, RfmValues};
pub use scored::{Component, Scored, score};
pub use similarity::{Feature, FeatureKind, FeatureValue, Folded, Observed, PRIOR, Similarity};

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::condition::{Comparison, Number};

/// A score model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// How its raw value comes about.
    pub kind: Kind,
    /// Its grades, from the lowest on; none of them grades nothing.
    #[serde(default = "Grade::defaults")]
    pub grades: Vec<Grade>,
    /// What the raw value S is seen through, tau of `100 × (1 − e^(−max(S, 0) / tau))`; without it the value is the raw one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<Number>,
}

/// How a raw value comes about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Points for what a person is and does.
    Points(Points),
    /// How much a person is like the ideal customer.
    Similarity(Similarity),
    /// Recency, frequency and monetary value of purchases, against those of all customers.
    Rfm(Rfm),
}

impl Model {
    /// Whether the value of a score may fade, so that it is another number at each instant.
    pub fn fades(&self) -> bool {
        match &self.kind {
            Kind::Points(points) => points.half_life.is_some(),
            Kind::Similarity(_) | Kind::Rfm(_) => false,
        }
    }

    /// The names of its grades.
    pub fn grade_names(&self) -> BTreeSet<String> {
        let grades = self.grades.iter();
        grades.map(|grade| grade.name.clone()).collect()
    }

    /// The grades that the values which pass a comparison can have. None if such a value may have no grade at all, or if they can have
    /// any: then a grade tells nothing of them.
    pub fn grades_of(&self, test: &Comparison<Number>) -> Option<Vec<String>> {
        grade::of_passing(&self.grades, test)
    }
}
