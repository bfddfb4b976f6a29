//! The whole algebra as an output.

use std::borrow::Cow;

use async_graphql::{Context, InputType, Object, Value};
use lazo_domain::condition::describe::describe;
use lazo_domain::condition::text::print;
use lazo_domain::condition::{self as domain, Condition as Domain};

use super::{
    AnniversaryTest, ConditionInput, ConsentTest, IdentifierTest, Language, LifecycleStage,
    PurchaseTest, PyramidLevel, ScoreTest, SeenTest, SegmentTest, SequenceTest, TouchpointTest,
    TraitTest,
};
use crate::error::ApiError;
use crate::graphql::{ContextExt, Json, take};

/// A condition as the schema shows it. Give it conditions that are checked.
pub struct Condition<'a>(pub Cow<'a, Domain>);

impl From<Domain> for Condition<'_> {
    fn from(condition: Domain) -> Self {
        Self(Cow::Owned(condition))
    }
}

impl<'a> From<&'a Domain> for Condition<'a> {
    fn from(condition: &'a Domain) -> Self {
        Self(Cow::Borrowed(condition))
    }
}

/// The tests of a condition, in its order.
pub(super) fn leaves(condition: &Domain) -> Vec<&Domain> {
    match condition {
        Domain::All(parts) | Domain::Any(parts) => parts.iter().flat_map(leaves).collect(),
        Domain::Not(part) => leaves(part),
        leaf => vec![leaf],
    }
}

/// A value without its members that are null, which say no more than what is missing.
pub(crate) fn tidy(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, member)| *member != Value::Null)
            .map(|(name, member)| (name, tidy(member)))
            .collect::<async_graphql::indexmap::IndexMap<_, _>>()
            .into(),
        Value::List(items) => items.into_iter().map(tidy).collect::<Vec<_>>().into(),
        other => other,
    }
}

/// What is asked about a profile. Besides `text`, `description`, `json` and `leaves`, exactly one field is not null.
#[Object]
impl Condition<'_> {
    /// The condition in the language for people, in its canonical form. It can be sent back as `text`.
    fn text(&self, ctx: &Context<'_>) -> Result<String, ApiError> {
        let text = print(&self.0);
        take(ctx, text.len())?;
        Ok(text)
    }

    /// What it asks, as a sentence without its subject.
    fn description(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the sentence.",
            default_with = "Language::English"
        )]
        language: Language,
    ) -> Result<String, ApiError> {
        let currency = ctx.app().deployment().currency;
        let sentence = describe(&self.0, language.into(), currency);
        take(ctx, sentence.len())?;
        Ok(sentence)
    }

    /// The whole condition, of any depth, as a value of `ConditionInput`. It can be sent back as `condition`.
    fn json(&self, ctx: &Context<'_>) -> Result<Json, ApiError> {
        let value = tidy(ConditionInput::from(self.0.as_ref()).to_value());
        let json = value.into_json().map_err(|_| ApiError::internal())?;
        take(ctx, crate::json::bytes_of(&json))?;
        Ok(Json(json))
    }

    /// The tests in it, in its order. A test alone has itself.
    async fn leaves(&self) -> Vec<Condition<'_>> {
        leaves(&self.0).into_iter().map(Into::into).collect()
    }

    /// Each of them holds.
    async fn all(&self) -> Option<Vec<Condition<'_>>> {
        match self.0.as_ref() {
            Domain::All(parts) => Some(parts.iter().map(Into::into).collect()),
            _ => None,
        }
    }

    /// At least one of them holds.
    async fn any(&self) -> Option<Vec<Condition<'_>>> {
        match self.0.as_ref() {
            Domain::Any(parts) => Some(parts.iter().map(Into::into).collect()),
            _ => None,
        }
    }

    /// It does not hold.
    async fn not(&self) -> Option<Condition<'_>> {
        match self.0.as_ref() {
            Domain::Not(part) => Some(part.as_ref().into()),
            _ => None,
        }
    }

    /// A trait, computed ones included, has a value that passes a test.
    async fn r#trait(&self) -> Option<TraitTest> {
        match self.0.as_ref() {
            Domain::Trait(test) => Some(test.into()),
            _ => None,
        }
    }

    /// What the touchpoints that pass a filter come to, in a window.
    async fn touchpoint(&self) -> Option<TouchpointTest> {
        match self.0.as_ref() {
            Domain::Touchpoint(test) => Some(test.into()),
            _ => None,
        }
    }

    /// What the purchases, or the lines of purchases, that pass come to, in a window.
    async fn purchase(&self) -> Option<PurchaseTest> {
        match self.0.as_ref() {
            Domain::Purchase(test) => Some(test.into()),
            _ => None,
        }
    }

    /// One touchpoint after another, or not after another.
    async fn sequence(&self) -> Option<SequenceTest> {
        match self.0.as_ref() {
            Domain::Sequence(test) => Some(test.into()),
            _ => None,
        }
    }

    /// The profile is a member of a segment.
    async fn segment(&self) -> Option<SegmentTest> {
        match self.0.as_ref() {
            Domain::Segment(test) => Some(test.into()),
            _ => None,
        }
    }

    /// The value or the grade of a score.
    async fn score(&self) -> Option<ScoreTest> {
        match self.0.as_ref() {
            Domain::Score(test) => Some(test.into()),
            _ => None,
        }
    }

    /// The state of consent to a purpose.
    async fn consent(&self) -> Option<ConsentTest> {
        match self.0.as_ref() {
            Domain::Consent(test) => Some(test.into()),
            _ => None,
        }
    }

    /// The lifecycle stage is one of these.
    async fn stage(&self) -> Option<Vec<LifecycleStage>> {
        match self.0.as_ref() {
            Domain::Stage(domain::StageTest { stages }) => {
                Some(stages.iter().map(|one| (*one).into()).collect())
            }
            _ => None,
        }
    }

    /// The pyramid level is one of these.
    async fn level(&self) -> Option<Vec<PyramidLevel>> {
        match self.0.as_ref() {
            Domain::Level(domain::LevelTest { levels }) => {
                Some(levels.iter().map(|one| (*one).into()).collect())
            }
            _ => None,
        }
    }

    /// The profile has an identifier of a namespace.
    async fn identifier(&self) -> Option<IdentifierTest> {
        match self.0.as_ref() {
            Domain::Identifier(test) => Some(test.into()),
            _ => None,
        }
    }

    /// The anniversary of a date is near.
    async fn anniversary(&self) -> Option<AnniversaryTest> {
        match self.0.as_ref() {
            Domain::Anniversary(test) => Some(test.into()),
            _ => None,
        }
    }

    /// When the person was seen first or last.
    async fn seen(&self) -> Option<SeenTest> {
        match self.0.as_ref() {
            Domain::Seen(test) => Some(test.into()),
            _ => None,
        }
    }
}
