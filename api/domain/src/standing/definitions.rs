//! What is defined for a deployment, in the order in which it is decided.

use std::collections::{BTreeMap, BTreeSet};

use super::Needs;
use crate::computed;
use crate::condition::Condition;
use crate::condition::check::{Reference, references};
use crate::consent::Purpose;
use crate::id::{ComputedTraitId, ScoreModelId, SegmentId};
use crate::lifecycle::Rules;
use crate::score;

/// A segment, as far as it decides who is a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its id.
    pub id: SegmentId,
    /// The key by which conditions name it.
    pub key: String,
    /// Counts the changes of its definition.
    pub version: i64,
    /// Who is a member; none in a list that people alone put members into.
    pub condition: Option<Condition>,
}

/// A score model.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreModel {
    /// Its id.
    pub id: ScoreModelId,
    /// The key by which conditions name it.
    pub key: String,
    /// Counts the changes of its definition.
    pub version: i64,
    /// What it counts.
    pub model: score::Model,
}

/// A computed trait.
#[derive(Clone, Debug, PartialEq)]
pub struct ComputedTrait {
    /// Its id.
    pub id: ComputedTraitId,
    /// Counts the changes of its definition.
    pub version: i64,
    /// What it is computed from.
    pub definition: computed::Definition,
}

/// What is decided at one place of the order.
#[derive(Clone, Debug, PartialEq)]
pub enum Defined {
    /// A segment.
    Segment(Segment),
    /// A score model.
    Score(ScoreModel),
}

/// Everything that is defined, at one instant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Definitions {
    version: i64,
    computed: Vec<ComputedTrait>,
    lifecycle: Rules,
    ordered: Vec<Defined>,
    needs: Needs,
    purposes: Vec<Purpose>,
}

impl Definitions {
    /// Puts definitions into the order in which they are decided: computed traits, stage and level, and then each segment and score
    /// after those that it asks for. Those of a circle, which no check lets through, come last, and what they ask of one another is
    /// answered "no".
    pub fn new(
        version: i64,
        computed: Vec<ComputedTrait>,
        lifecycle: Rules,
        defined: Vec<Defined>,
    ) -> Self {
        let ordered = in_order(defined);
        let mut needs = Needs::default();
        for one in &ordered {
            match one {
                Defined::Segment(segment) => needs.add(segment.condition.as_ref()),
                Defined::Score(model) => needs.score(&model.model),
            }
        }
        for one in &computed {
            needs.computed(&one.definition);
        }
        Self {
            version,
            computed,
            lifecycle,
            ordered,
            needs,
            purposes: Vec::new(),
        }
    }

    /// The same with the purposes about which people decide.
    #[must_use]
    pub fn with_purposes(mut self, purposes: Vec<Purpose>) -> Self {
        self.purposes = purposes;
        self
    }

    /// The purposes about which people decide.
    pub fn purposes(&self) -> &[Purpose] {
        &self.purposes
    }

    /// Counts the changes of all definitions of the deployment.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// The segments and score models, each after those that it asks for.
    pub fn ordered(&self) -> &[Defined] {
        &self.ordered
    }

    /// The segments, each after those that it asks for.
    pub fn segments(&self) -> impl Iterator<Item = &Segment> {
        self.ordered.iter().filter_map(|one| match one {
            Defined::Segment(segment) => Some(segment),
            Defined::Score(_) => None,
        })
    }

    /// The segment of this id.
    pub fn segment(&self, id: SegmentId) -> Option<&Segment> {
        self.segments().find(|segment| segment.id == id)
    }

    /// The score models, each after those that it asks for.
    pub fn scores(&self) -> impl Iterator<Item = &ScoreModel> {
        self.ordered.iter().filter_map(|one| match one {
            Defined::Segment(_) => None,
            Defined::Score(model) => Some(model),
        })
    }

    /// The computed traits.
    pub fn computed(&self) -> &[ComputedTrait] {
        &self.computed
    }

    /// The rules of stages and levels.
    pub fn lifecycle(&self) -> &Rules {
        &self.lifecycle
    }

    /// What has to be known of a profile.
    pub fn needs(&self) -> &Needs {
        &self.needs
    }
}

impl Defined {
    fn reference(&self) -> Reference {
        match self {
            Self::Segment(segment) => Reference::Segment(segment.key.clone()),
            Self::Score(model) => Reference::Score(model.key.clone()),
        }
    }

    fn asks_for(&self) -> BTreeSet<Reference> {
        match self {
            Self::Segment(segment) => segment.condition.iter().flat_map(references).collect(),
            Self::Score(model) => {
                let conditions = score::conditions(&model.model);
                conditions.iter().flat_map(references).collect()
            }
        }
    }
}

/// Each after those that it asks for (Kahn, Topological sorting of large networks, 1962); of those that could come next, the segment
/// before the score and the one whose key is first.
fn in_order(defined: Vec<Defined>) -> Vec<Defined> {
    let mut open: BTreeMap<Reference, Defined> = defined
        .into_iter()
        .map(|one| (one.reference(), one))
        .collect();
    let mut asked: BTreeMap<Reference, BTreeSet<Reference>> = open
        .iter()
        .map(|(own, one)| {
            let others = one.asks_for().into_iter();
            let others = others.filter(|other| open.contains_key(other));
            (own.clone(), others.collect())
        })
        .collect();
    let mut ordered = Vec::with_capacity(open.len());
    while let Some(next) = asked
        .iter()
        .find(|(_, others)| others.is_empty())
        .map(|(own, _)| own.clone())
    {
        asked.remove(&next);
        for others in asked.values_mut() {
            others.remove(&next);
        }
        ordered.extend(open.remove(&next));
    }
    ordered.extend(open.into_values());
    ordered
}
