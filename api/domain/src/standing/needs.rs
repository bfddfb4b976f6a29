//! What has to be known of a profile to decide where it stands.

use std::collections::BTreeSet;

use crate::computed;
use crate::condition::{Condition, Filter, Measure};
use crate::score::{self, Kind, Model, When};

/// Names of touchpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Names {
    /// All names there are.
    All,
    /// These alone.
    These(BTreeSet<String>),
}

impl Default for Names {
    fn default() -> Self {
        Self::These(BTreeSet::new())
    }
}

impl Names {
    /// Whether a touchpoint of this name is among them.
    pub fn contains(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(names) => names.contains(name),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::These(names) if names.is_empty())
    }

    fn add(&mut self, names: &[String]) {
        match self {
            Self::All => {}
            Self::These(_) if names.is_empty() => *self = Self::All,
            Self::These(these) => these.extend(names.iter().cloned()),
        }
    }
}

/// What definitions ask for, beyond what every profile has at hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// The names of the touchpoints that are looked at.
    pub touchpoints: Names,
    /// Whether properties of touchpoints are looked at.
    pub properties: bool,
    /// Whether purchases are looked at.
    pub purchases: bool,
}

impl Needs {
    /// Adds what these conditions ask for.
    pub fn add<'c>(&mut self, conditions: impl IntoIterator<Item = &'c Condition>) {
        let needs = self;
        let mut open: Vec<&Condition> = conditions.into_iter().collect();
        while let Some(condition) = open.pop() {
            match condition {
                Condition::All(parts) | Condition::Any(parts) => open.extend(parts),
                Condition::Not(part) => open.push(part),
                Condition::Touchpoint(test) => {
                    needs.filter(&test.filter);
                    needs.properties |= reads_property(&test.measure);
                }
                Condition::Sequence(test) => {
                    needs.filter(&test.first);
                    needs.filter(&test.then);
                }
                Condition::Purchase(_) => needs.purchases = true,
                _ => {}
            }
        }
    }

    /// Adds what a score model asks for.
    pub fn score(&mut self, model: &Model) {
        self.purchases |= score::needs(model).purchases;
        self.add(&score::conditions(model));
        let Kind::Points(points) = &model.kind else {
            return;
        };
        for rule in &points.rules {
            match &rule.when {
                When::Holds(_) => {}
                When::Once { filter, .. } | When::Each { filter, .. } => self.filter(filter),
            }
        }
    }

    /// Adds what a computed trait asks for.
    pub fn computed(&mut self, definition: &computed::Definition) {
        match &definition.of {
            computed::Of::Touchpoints { filter, .. } => {
                self.filter(filter);
                self.properties = true;
            }
            computed::Of::Purchases { .. } => self.purchases = true,
        }
    }

    /// Adds the touchpoints that pass a filter.
    fn filter(&mut self, filter: &Filter) {
        self.touchpoints.add(&filter.names);
        self.properties |= !filter.properties.is_empty();
    }
}

fn reads_property(measure: &Measure) -> bool {
    match measure {
        Measure::Count(_) | Measure::First(_) | Measure::Last(_) => false,
        Measure::Sum(..)
        | Measure::Min(..)
        | Measure::Max(..)
        | Measure::Mean(..)
        | Measure::Distinct(..) => true,
    }
}
