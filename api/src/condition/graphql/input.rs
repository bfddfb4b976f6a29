//! The whole algebra as an input.

use async_graphql::OneofObject;
use lazo_domain::condition as domain;

use super::reading::{Readable, Reading};
use super::{
    AnniversaryTest, ConsentTest, IdentifierTest, LifecycleStage, PurchaseTest, PyramidLevel,
    ScoreTest, SeenTest, SegmentTest, SequenceTest, TouchpointTest, TraitTest,
};
use crate::error::Violation;

/// What is asked about a profile: exactly one of these. A missing value makes every test false but `exists: false`, and `not` is plain
/// negation. At most 16 levels deep, with at most 200 tests.
#[derive(Clone, OneofObject)]
pub enum ConditionInput {
    /// Each of them holds.
    All(Vec<ConditionInput>),
    /// At least one of them holds.
    Any(Vec<ConditionInput>),
    /// It does not hold.
    Not(Box<ConditionInput>),
    /// A trait, computed ones included, has a value that passes a test.
    Trait(TraitTest),
    /// What the touchpoints that pass a filter come to, in a window.
    Touchpoint(TouchpointTest),
    /// What the purchases, or the lines of purchases, that pass come to, in a window.
    Purchase(PurchaseTest),
    /// One touchpoint after another, or not after another.
    Sequence(SequenceTest),
    /// The profile is a member of a segment.
    Segment(SegmentTest),
    /// The value or the grade of a score.
    Score(ScoreTest),
    /// The state of consent to a purpose.
    Consent(ConsentTest),
    /// The lifecycle stage is one of these.
    Stage(Vec<LifecycleStage>),
    /// The pyramid level is one of these.
    Level(Vec<PyramidLevel>),
    /// The profile has an identifier of a namespace.
    Identifier(IdentifierTest),
    /// The anniversary of a date is near.
    Anniversary(AnniversaryTest),
    /// When the person was seen first or last.
    Seen(SeenTest),
}

impl ConditionInput {
    /// The condition, well formed and not yet checked.
    ///
    /// # Errors
    ///
    /// What is wrong, each with its path in this input.
    pub fn condition(self) -> Result<domain::Condition, Vec<Violation>> {
        let mut reading = Reading::default();
        let condition = self.read(&mut reading);
        condition.ok_or_else(|| reading.finish())
    }
}

impl Readable for ConditionInput {
    type Value = domain::Condition;

    fn read(self, reading: &mut Reading) -> Option<domain::Condition> {
        use domain::Condition as To;
        match self {
            Self::All(parts) => reading.part("all", parts).map(To::All),
            Self::Any(parts) => reading.part("any", parts).map(To::Any),
            Self::Not(part) => reading.part("not", part).map(To::Not),
            Self::Trait(test) => reading.part("trait", test).map(To::Trait),
            Self::Touchpoint(test) => reading.part("touchpoint", test).map(To::Touchpoint),
            Self::Purchase(test) => reading.part("purchase", test).map(To::Purchase),
            Self::Sequence(test) => reading.part("sequence", test).map(To::Sequence),
            Self::Segment(test) => Some(To::Segment(test.into())),
            Self::Score(test) => reading.part("score", test).map(To::Score),
            Self::Consent(test) => Some(To::Consent(test.into())),
            Self::Stage(stages) => Some(To::Stage(domain::StageTest {
                stages: stages.into_iter().map(Into::into).collect(),
            })),
            Self::Level(levels) => Some(To::Level(domain::LevelTest {
                levels: levels.into_iter().map(Into::into).collect(),
            })),
            Self::Identifier(test) => reading.part("identifier", test).map(To::Identifier),
            Self::Anniversary(test) => reading.part("anniversary", test).map(To::Anniversary),
            Self::Seen(test) => reading.part("seen", test).map(To::Seen),
        }
    }
}

impl From<&domain::Condition> for ConditionInput {
    fn from(condition: &domain::Condition) -> Self {
        use domain::Condition as Of;
        let all = |parts: &[Of]| parts.iter().map(Into::into).collect();
        match condition {
            Of::All(parts) => Self::All(all(parts)),
            Of::Any(parts) => Self::Any(all(parts)),
            Of::Not(part) => Self::Not(Box::new(part.as_ref().into())),
            Of::Trait(test) => Self::Trait(test.into()),
            Of::Touchpoint(test) => Self::Touchpoint(test.into()),
            Of::Purchase(test) => Self::Purchase(test.into()),
            Of::Sequence(test) => Self::Sequence(test.into()),
            Of::Segment(test) => Self::Segment(test.into()),
            Of::Score(test) => Self::Score(test.into()),
            Of::Consent(test) => Self::Consent(test.into()),
            Of::Stage(test) => Self::Stage(test.stages.iter().map(|one| (*one).into()).collect()),
            Of::Level(test) => Self::Level(test.levels.iter().map(|one| (*one).into()).collect()),
            Of::Identifier(test) => Self::Identifier(test.into()),
            Of::Anniversary(test) => Self::Anniversary(test.into()),
            Of::Seen(test) => Self::Seen(test.into()),
        }
    }
}
