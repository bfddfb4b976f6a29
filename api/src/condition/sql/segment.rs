//! Membership of segments: their definitions in the place of their names.

use lazo_domain::condition::check::MAX_REFERENCES;
use lazo_domain::condition::{Condition, SegmentTest};
use lazo_domain::id::ProfileId;

use super::{CompileError, Compiler};
use crate::db::Part;

/// The segments that conditions may name.
pub trait Segments {
    /// The definition of a segment, by its key.
    fn definition(&self, key: &str) -> Option<Definition<'_>>;
}

/// Who is a member of a segment.
#[derive(Clone, Copy, Debug)]
pub struct Definition<'a> {
    /// Those for whom this holds.
    pub condition: &'a Condition,
    /// Those who are members all the same.
    pub added: &'a [ProfileId],
    /// Those who are none, whatever else is said.
    pub removed: &'a [ProfileId],
}

/// There are no segments.
impl Segments for () {
    fn definition(&self, _key: &str) -> Option<Definition<'_>> {
        None
    }
}

impl Compiler<'_> {
    /// Nobody is a member of a segment that is not there.
    pub(super) fn segment(self, test: &SegmentTest) -> Result<Part, CompileError> {
        let Some(definition) = self.scope.segments.definition(&test.key) else {
            return Ok(Part::truth(false));
        };
        if self.references >= MAX_REFERENCES {
            return Err(CompileError::TooDeep);
        }
        let inner = Self {
            references: self.references + 1,
            is_joined: self.is_joined && definition.added.is_empty(),
            ..self
        };
        let holds = inner.condition(definition.condition)?;
        let pinned = |profiles: &[ProfileId]| {
            let ids: Vec<_> = profiles.iter().map(|profile| profile.0).collect();
            self.scope.engine.is_id_of(Part::new("p.id"), &ids)
        };
        let member = if definition.added.is_empty() {
            holds
        } else {
            Part::any([pinned(definition.added), holds])
        };
        Ok(if definition.removed.is_empty() {
            member
        } else {
            Part::all([pinned(definition.removed).negated(), member])
        })
    }
}
