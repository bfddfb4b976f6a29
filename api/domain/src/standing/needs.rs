//! What has to be known of a profile to decide where it stands.

use super::Looks;
use crate::computed;
use crate::condition::{Condition, Filter, Measure, Window};
use crate::score::{self, Kind, Model, When};

/// What definitions ask for, beyond what every profile has at hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// The touchpoints that are looked at.
    pub touchpoints: Looks,
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
                    needs.filter(&test.filter, test.window, property(&test.measure));
                }
                Condition::Sequence(test) => {
                    needs.filter(&test.first, test.window, None);
                    // What follows comes after what is in the window.
                    needs.filter(&test.then, test.window, None);
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
                When::Once { filter, window } | When::Each { filter, window, .. } => {
                    self.filter(filter, *window, None);
                }
            }
        }
    }

    /// Adds what a computed trait asks for.
    pub fn computed(&mut self, definition: &computed::Definition) {
        match &definition.of {
            computed::Of::Touchpoints { filter, measure } => {
                self.filter(filter, definition.window, measure.property());
            }
            computed::Of::Purchases { .. } => self.purchases = true,
        }
    }

    /// Adds the touchpoints of a window that pass a filter, with the property of them that is measured.
    fn filter(&mut self, filter: &Filter, window: Window, measured: Option<&str>) {
        let tested = filter.properties.iter();
        let tested = tested.map(|property| property.name.as_str());
        let properties: Vec<&str> = tested.chain(measured).collect();
        self.touchpoints.add(&filter.names, window, &properties);
    }
}

fn property(measure: &Measure) -> Option<&str> {
    match measure {
        Measure::Count(_) | Measure::First(_) | Measure::Last(_) => None,
        Measure::Sum(name, _)
        | Measure::Min(name, _)
        | Measure::Max(name, _)
        | Measure::Mean(name, _)
        | Measure::Distinct(name, _) => Some(name),
    }
}
