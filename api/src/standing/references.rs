//! What segments and score models ask of one another, which must not come back to where it began.

use std::collections::{BTreeMap, BTreeSet};

use lazo_domain::condition::check::{Reference, ReferenceError, check_references, references};
use lazo_domain::condition::{Condition, ScoreTest};
use lazo_domain::score;
use sea_orm::{ConnectionTrait, DbErr};

/// What all segments and score models that are defined ask for.
pub(crate) struct References {
    conditions: BTreeMap<Reference, Vec<Condition>>,
    /// The grades of each score model.
    grades: BTreeMap<String, BTreeSet<String>>,
}

impl References {
    /// Reads them.
    pub(crate) async fn read(connection: &impl ConnectionTrait) -> Result<Self, DbErr> {
        let (mut all, mut grades) = (BTreeMap::new(), BTreeMap::new());
        for segment in crate::segment::service::decided(connection).await? {
            let conditions = segment.condition.into_iter().collect();
            all.insert(Reference::Segment(segment.key), conditions);
        }
        for model in crate::score::service::decided(connection).await? {
            let conditions = score::conditions(&model.model);
            grades.insert(model.key.clone(), model.model.grade_names());
            all.insert(Reference::Score(model.key), conditions);
        }
        Ok(Self {
            conditions: all,
            grades,
        })
    }

    /// Whether something would not ask for itself, were these its conditions.
    pub(crate) fn check(
        &self,
        own: &Reference,
        conditions: &[Condition],
    ) -> Result<(), ReferenceError> {
        let lookup = |reference: &Reference| self.conditions.get(reference).into_iter().flatten();
        check_references(own, conditions, lookup)
    }

    /// What conditions ask for that is not there, if there is anything: a segment, a score or a grade of one, for people.
    pub(crate) fn missing(&self, conditions: &[Condition]) -> Option<String> {
        let named = conditions.iter().flat_map(references);
        let mut unknown = named.filter(|named| !self.conditions.contains_key(named));
        let unknown = unknown.next().map(|named| named.to_string());
        unknown.or_else(|| {
            let is_there = |test: &ScoreTest, grade: &String| {
                let grades = self.grades.get(&test.key);
                grades.is_some_and(|grades| grades.contains(grade))
            };
            let mut tests = conditions.iter().flat_map(score_tests);
            tests.find_map(|test| {
                let mut grades = test.grades.iter();
                let grade = grades.find(|grade| !is_there(test, grade))?;
                Some(format!("grade “{grade}” of score “{}”", test.key))
            })
        })
    }

    /// Who asks for a grade that a score has now and will not have any more, were these its grades; each with the grade.
    pub(crate) fn asking_for_lost(
        &self,
        score: &str,
        grades: &BTreeSet<String>,
    ) -> Vec<(&Reference, &String)> {
        let present = self.grades.get(score);
        let present = present.into_iter().flatten();
        let lost: BTreeSet<&String> = present.filter(|grade| !grades.contains(*grade)).collect();
        let mut asking = Vec::new();
        for (reference, conditions) in &self.conditions {
            let tests = conditions.iter().flat_map(score_tests);
            let asked = tests.filter(|test| test.key == score);
            let asked: BTreeSet<&String> = asked.flat_map(|test| &test.grades).collect();
            asking.extend(asked.intersection(&lost).map(|grade| (reference, *grade)));
        }
        asking
    }

    /// What has a condition of which this is true, if anything has.
    pub(crate) fn any(&self, asks: impl Fn(&Condition) -> bool) -> Option<&Reference> {
        let mut all = self.conditions.iter();
        all.find(|(_, conditions)| conditions.iter().any(&asks))
            .map(|(reference, _)| reference)
    }

    /// What asks for this one, if anything does.
    pub(crate) fn asking_for(&self, own: &Reference) -> Option<&Reference> {
        let asks = |conditions: &[Condition]| {
            let mut named = conditions.iter().map(references);
            named.any(|named| named.contains(own))
        };
        let mut all = self.conditions.iter();
        all.find(|(_, conditions)| asks(conditions))
            .map(|(reference, _)| reference)
    }
}

/// The tests of scores in a condition.
fn score_tests(condition: &Condition) -> Vec<&ScoreTest> {
    let (mut open, mut found) = (vec![condition], Vec::new());
    while let Some(condition) = open.pop() {
        match condition {
            Condition::All(parts) | Condition::Any(parts) => open.extend(parts),
            Condition::Not(part) => open.push(part),
            Condition::Score(test) => found.push(test),
            _ => {}
        }
    }
    found
}
