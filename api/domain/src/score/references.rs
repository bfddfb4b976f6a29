//! What a score model refers to.

use std::collections::BTreeSet;

use super::{Kind, Model, Observed, When};
use crate::condition::{Condition, Filter, SegmentTest};

/// The conditions of a score model, for the [check of references](crate::condition::check::check_references). A similarity to the members
/// of a segment has the test of that segment.
pub fn conditions(model: &Model) -> Vec<Condition> {
    match &model.kind {
        Kind::Points(points) => {
            let rules = points.rules.iter();
            let condition = rules.filter_map(|rule| match &rule.when {
                When::Holds(condition) => Some(condition.clone()),
                When::Once { .. } | When::Each { .. } => None,
            });
            condition.collect()
        }
        Kind::Similarity(similarity) => {
            let segment = similarity.segment.iter();
            let test = segment.map(|key| Condition::Segment(SegmentTest { key: key.clone() }));
            test.collect()
        }
        Kind::Rfm(_) => Vec::new(),
    }
}

/// The names that a score depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// The names of touchpoints; none of them where `any_event` is set and in a model without touchpoints.
    pub events: BTreeSet<String>,
    /// Whether touchpoints of any name count.
    pub any_event: bool,
    /// The names of traits, with dots for values inside objects.
    pub traits: BTreeSet<String>,
    /// Whether purchases count.
    pub purchases: bool,
}

/// The names that a score model depends on, those of the segments and scores it refers to left out.
pub fn needs(model: &Model) -> Needs {
    let mut needs = Needs::default();
    match &model.kind {
        Kind::Points(points) => {
            for rule in &points.rules {
                match &rule.when {
                    When::Holds(condition) => needs.condition(condition),
                    When::Once { filter, .. } | When::Each { filter, .. } => needs.filter(filter),
                }
            }
        }
        Kind::Similarity(similarity) => {
            for feature in &similarity.features {
                match &feature.value {
                    Observed::Trait(name) => {
                        needs.traits.insert(name.clone());
                    }
                    _ => needs.purchases = true,
                }
            }
        }
        Kind::Rfm(_) => needs.purchases = true,
    }
    if needs.any_event {
        needs.events.clear();
    }
    needs
}

impl Needs {
    fn filter(&mut self, filter: &Filter) {
        self.any_event |= filter.names.is_empty();
        self.events.extend(filter.names.iter().cloned());
    }

    fn condition(&mut self, condition: &Condition) {
        let mut open = vec![condition];
        while let Some(condition) = open.pop() {
            match condition {
                Condition::All(parts) | Condition::Any(parts) => open.extend(parts),
                Condition::Not(part) => open.push(part),
                Condition::Trait(test) => {
                    self.traits.insert(test.name.clone());
                }
                Condition::Anniversary(test) => {
                    self.traits.insert(test.name.clone());
                }
                Condition::Touchpoint(test) => self.filter(&test.filter),
                Condition::Sequence(test) => {
                    self.filter(&test.first);
                    self.filter(&test.then);
                }
                Condition::Purchase(_) => self.purchases = true,
                Condition::Segment(_)
                | Condition::Score(_)
                | Condition::Consent(_)
                | Condition::Stage(_)
                | Condition::Level(_)
                | Condition::Identifier(_)
                | Condition::Seen(_) => {}
            }
        }
    }
}
