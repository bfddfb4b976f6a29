//! Deciding where a profile stands.

use std::collections::{BTreeMap, BTreeSet};

use super::{Defined, Definitions, ScoreModel, Segment};
use crate::clock::Timestamp;
use crate::computed::{self, Computed};
use crate::condition::evaluate::{Known, ScoreFact, earliest};
use crate::condition::{Because, Decision, Facts, decide, evaluate};
use crate::id::{ComputedTraitId, ScoreModelId, SegmentId};
use crate::lifecycle::{self, Level, LevelCause, Stage, StageCause};
use crate::score::{Scored, score};

/// What people decided of a profile by hand: whether it is a member of a segment, whatever its condition says.
pub type Pins = BTreeMap<SegmentId, bool>;

/// Whether a profile is a member of a segment.
#[derive(Clone, Debug, PartialEq)]
pub struct Membership {
    /// The segment.
    pub segment: SegmentId,
    /// Whether it is a member, and the first instant at which time alone may change that.
    pub decision: Decision,
    /// Whether a person decided it.
    pub pinned: bool,
    /// Why; only where it is another answer than before.
    pub because: Option<Because>,
}

/// Where a profile stands at an instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The lifecycle stage.
    pub stage: lifecycle::Standing<Stage, StageCause>,
    /// The pyramid level.
    pub level: lifecycle::Standing<Level, LevelCause>,
    /// For each segment, in the order in which they were decided.
    pub memberships: Vec<Membership>,
    /// The score by each model.
    pub scores: Vec<(ScoreModelId, Scored)>,
    /// The computed traits.
    pub computed: Vec<(ComputedTraitId, Known<Computed>)>,
    /// The first instant at which time alone may change any of it; none if it never does.
    pub next: Option<Timestamp>,
}

impl Standing {
    /// Decides where a profile stands at `now`. What is decided is added to the facts. `before` are the segments it is a member of:
    /// where the answer is another one, it is explained.
    pub fn decide<'d>(
        definitions: &'d Definitions,
        facts: &mut Facts<'d>,
        pins: &Pins,
        before: &BTreeSet<SegmentId>,
        now: Timestamp,
    ) -> Self {
        // What was decided at another instant is no answer to what one asks for that is decided later.
        facts.segments.clear();
        facts.scores.clear();
        let computed = compute(definitions, facts, now);
        let stage = lifecycle::stage(facts, definitions.lifecycle(), now);
        let level = lifecycle::level(facts, definitions.lifecycle(), now);
        (facts.stage, facts.level) = (Some(stage.known()), Some(level.known()));
        let mut standing = Self {
            next: earliest(stage.until, level.until),
            stage,
            level,
            memberships: Vec::new(),
            scores: Vec::new(),
            computed,
        };
        for (_, known) in &standing.computed {
            standing.next = earliest(standing.next, known.until);
        }
        for defined in definitions.ordered() {
            match defined {
                Defined::Segment(segment) => standing.enter(segment, facts, pins, before, now),
                Defined::Score(model) => standing.count(model, facts, now),
            }
        }
        standing
    }

    fn enter<'d>(
        &mut self,
        segment: &'d Segment,
        facts: &mut Facts<'d>,
        pins: &Pins,
        before: &BTreeSet<SegmentId>,
        now: Timestamp,
    ) {
        let pin = pins.get(&segment.id).copied();
        let always = |holds| Decision { holds, until: None };
        let decision = match (pin, &segment.condition) {
            (Some(holds), _) => always(holds),
            (None, Some(condition)) => decide(condition, facts, now),
            (None, None) => always(false),
        };
        let changed = decision.holds != before.contains(&segment.id);
        let condition = segment.condition.as_ref().filter(|_| changed);
        let because = condition.map(|condition| evaluate(condition, facts, now).because);
        let known = Known {
            value: decision.holds,
            until: decision.until,
        };
        facts.segments.insert(&segment.key, known);
        self.next = earliest(self.next, decision.until);
        self.memberships.push(Membership {
            segment: segment.id,
            decision,
            pinned: pin.is_some(),
            because,
        });
    }

    fn count<'d>(&mut self, model: &'d ScoreModel, facts: &mut Facts<'d>, now: Timestamp) {
        let scored = score(&model.model, facts, now);
        self.next = earliest(self.next, scored.until);
        if let Some(ScoreFact { value, until, .. }) = scored.fact() {
            // What is known outlives what was scored, and so names the grade as the model does.
            let mut grades = model.model.grades.iter().map(|grade| grade.name.as_str());
            let grade = grades.find(|name| scored.grade.as_deref() == Some(*name));
            let fact = ScoreFact {
                value,
                grade,
                until,
            };
            facts.scores.insert(&model.key, fact);
        } else {
            facts.scores.remove(model.key.as_str());
        }
        self.scores.push((model.id, scored));
    }
}

/// Computes the computed traits, and adds them to the traits.
fn compute(
    definitions: &Definitions,
    facts: &mut Facts<'_>,
    now: Timestamp,
) -> Vec<(ComputedTraitId, Known<Computed>)> {
    let mut all = Vec::with_capacity(definitions.computed().len());
    for one in definitions.computed() {
        all.push((one.id, computed::value(&one.definition, facts, now)));
    }
    for (one, (_, known)) in definitions.computed().iter().zip(&all) {
        let name = one.definition.name.as_str();
        facts.traits.set(name, known.value.value.as_ref());
    }
    all
}
