//! What segments and score models ask of one another, which must not come back to where it began.

use std::collections::BTreeMap;

use lazo_domain::condition::Condition;
use lazo_domain::condition::check::{Reference, ReferenceError, check_references, references};
use lazo_domain::score;
use sea_orm::{ConnectionTrait, DbErr};

/// What all segments and score models that are defined ask for.
pub(crate) struct References(BTreeMap<Reference, Vec<Condition>>);

impl References {
    /// Reads them.
    pub(crate) async fn read(connection: &impl ConnectionTrait) -> Result<Self, DbErr> {
        let mut all = BTreeMap::new();
        for segment in crate::segment::service::decided(connection).await? {
            let conditions = segment.condition.into_iter().collect();
            all.insert(Reference::Segment(segment.key), conditions);
        }
        for model in crate::score::service::decided(connection).await? {
            let conditions = score::conditions(&model.model);
            all.insert(Reference::Score(model.key), conditions);
        }
        Ok(Self(all))
    }

    /// Whether something would not ask for itself, were these its conditions.
    pub(crate) fn check(
        &self,
        own: &Reference,
        conditions: &[Condition],
    ) -> Result<(), ReferenceError> {
        let lookup = |reference: &Reference| self.0.get(reference).into_iter().flatten();
        check_references(own, conditions, lookup)
    }

    /// What has a condition of which this is true, if anything has.
    pub(crate) fn any(&self, asks: impl Fn(&Condition) -> bool) -> Option<&Reference> {
        let mut all = self.0.iter();
        all.find(|(_, conditions)| conditions.iter().any(&asks))
            .map(|(reference, _)| reference)
    }

    /// What asks for this one, if anything does.
    pub(crate) fn asking_for(&self, own: &Reference) -> Option<&Reference> {
        let asks = |conditions: &[Condition]| {
            let mut named = conditions.iter().map(references);
            named.any(|named| named.contains(own))
        };
        let mut all = self.0.iter();
        all.find(|(_, conditions)| asks(conditions))
            .map(|(reference, _)| reference)
    }
}
