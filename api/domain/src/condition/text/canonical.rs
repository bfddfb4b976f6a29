//! The canonical form: of conditions that are written alike, the one that is read back.

use crate::condition::{
    Comparison, Condition, Filter, PropertyTest, Scalar, SequenceTest, TouchpointTest, TraitTest,
    ValueTest,
};

/// The condition that the printed text of this one is read as. It means the same.
///
/// `AND` inside `AND` and `OR` inside `OR` are one list, a list of one is that one, and a number that compares as equal is a value
/// that is equal. It follows the condition into its depth, so give it conditions that are [checked](crate::condition::check::check).
#[must_use]
pub fn canonical(condition: &Condition) -> Condition {
    match condition {
        Condition::All(all) => self::all(all.iter().map(canonical).collect()),
        Condition::Any(any) => self::any(any.iter().map(canonical).collect()),
        Condition::Not(not) => Condition::Not(Box::new(canonical(not))),
        Condition::Trait(test) => Condition::Trait(TraitTest {
            name: test.name.clone(),
            test: value(&test.test),
        }),
        Condition::Touchpoint(test) => Condition::Touchpoint(TouchpointTest {
            filter: filter(&test.filter),
            window: test.window,
            measure: test.measure.clone(),
        }),
        Condition::Sequence(test) => Condition::Sequence(SequenceTest {
            first: filter(&test.first),
            then: filter(&test.then),
            ..*test
        }),
        leaf => leaf.clone(),
    }
}

/// Conditions that all hold: those that are lists of the same kind are taken into one list, and one alone stays itself.
pub(super) fn all(conditions: Vec<Condition>) -> Condition {
    let flat = conditions
        .into_iter()
        .flat_map(|condition| match condition {
            Condition::All(inside) => inside,
            other => vec![other],
        });
    only(flat.collect()).unwrap_or_else(Condition::All)
}

/// Conditions of which one holds, in the same way.
pub(super) fn any(conditions: Vec<Condition>) -> Condition {
    let flat = conditions
        .into_iter()
        .flat_map(|condition| match condition {
            Condition::Any(inside) => inside,
            other => vec![other],
        });
    only(flat.collect()).unwrap_or_else(Condition::Any)
}

fn only(conditions: Vec<Condition>) -> Result<Condition, Vec<Condition>> {
    <[Condition; 1]>::try_from(conditions).map(|[only]| only)
}

fn filter(filter: &Filter) -> Filter {
    let properties = filter.properties.iter().map(|property| PropertyTest {
        name: property.name.clone(),
        test: value(&property.test),
    });
    Filter {
        properties: properties.collect(),
        ..filter.clone()
    }
}

fn value(test: &ValueTest) -> ValueTest {
    match test {
        ValueTest::Number(Comparison::Equal(number)) => ValueTest::Equal(Scalar::Number(*number)),
        other => other.clone(),
    }
}
