//! Why a profile is a member of a segment, or is none.

use std::sync::Arc;

use async_graphql::Object;
use lazo_entity::segment::Model;
use lazo_entity::segment_transition;

use super::{Segment, SegmentTransition};
use crate::condition::graphql::Explanation;
use crate::graphql::DateTime;
use crate::standing::Explained;

/// An explanation as the schema shows it.
pub struct SegmentExplanation {
    /// The segment.
    pub(super) segment: Arc<Model>,
    /// What was decided now.
    pub(super) explained: Explained,
    /// The last transition of the profile in this segment.
    pub(super) last: Option<segment_transition::Model>,
}

/// Why a profile is a member of a segment, or is none.
#[Object]
impl SegmentExplanation {
    /// The segment.
    async fn segment(&self) -> Segment {
        Segment(Arc::clone(&self.segment))
    }

    /// Whether the profile is a member.
    async fn member(&self) -> bool {
        self.explained.decision.holds
    }

    /// The first instant at which time alone may change that. Null means that time alone never does.
    async fn until(&self) -> Option<DateTime> {
        self.explained.decision.until.map(Into::into)
    }

    /// Whether a person decided it, whatever the condition says.
    async fn decided_by_person(&self) -> bool {
        self.explained.pinned
    }

    /// Since when it is a member. Null if it is none, and for the moment in which it becomes one.
    async fn since(&self) -> Option<DateTime> {
        self.explained.since.map(Into::into)
    }

    /// What each part of the condition finds. Null in a list that people alone put members into.
    async fn explanation(&self) -> Option<Explanation<'static>> {
        let (condition, because) = self.explained.because.clone()?;
        Some(Explanation::new(condition, because))
    }

    /// From when on touchpoints are considered. Null means that all are: only of a profile with more than 10,000 touchpoints those
    /// before this instant, of which there are 7,500 later ones, are left out of all conditions, scores and computed traits.
    async fn considered_from(&self) -> Option<DateTime> {
        self.explained.considered_from.map(Into::into)
    }

    /// The last time that the profile became a member or ceased to be one. Null means that it never was one.
    async fn last_transition(&self) -> Option<SegmentTransition> {
        let last = self.last.clone()?;
        Some(SegmentTransition::of(last, Arc::clone(&self.segment)))
    }

    /// The instant of which all this is.
    async fn as_of(&self) -> DateTime {
        self.explained.at.into()
    }
}
