//! Why a condition holds or does not hold for a profile.

use std::borrow::Cow;

use async_graphql::{Context, Enum, Object, SimpleObject};
use lazo_domain::access::Scopes;
use lazo_domain::condition::describe::{describe, describe_change};
use lazo_domain::condition::evaluate::{Change, Evidence, Lack, Leaf, Needs, Reason};
use lazo_domain::condition::{Because, Condition as Domain, scopes};

use super::{Condition, Found, Language, PurchaseEvidence, TouchpointEvidence};
use crate::error::ApiError;
use crate::graphql::{ContextExt, DateTime, allowed_all, take};

/// Why a condition holds or does not hold, joined with the condition it is about.
pub struct Explanation<'a> {
    condition: Cow<'a, Domain>,
    because: Cow<'a, Because>,
}

impl Explanation<'static> {
    /// Of a condition, and why it holds or does not.
    pub fn new(condition: Domain, because: Because) -> Self {
        Self {
            condition: Cow::Owned(condition),
            because: Cow::Owned(because),
        }
    }
}

/// The parts of a condition, each with its reason.
fn parts<'a>(condition: &'a Domain, because: &'a Because) -> Vec<(&'a Domain, &'a Because)> {
    match (condition, &because.reason) {
        (Domain::All(conditions), Reason::All(reasons))
        | (Domain::Any(conditions), Reason::Any(reasons)) => {
            conditions.iter().zip(reasons).collect()
        }
        (Domain::Not(condition), Reason::Not(reason)) => vec![(condition, reason)],
        _ => Vec::new(),
    }
}

/// The tests of a condition, each with its reason.
fn leaves<'a>(condition: &'a Domain, because: &'a Because) -> Vec<(&'a Domain, &'a Because)> {
    if matches!(because.reason, Reason::Leaf(_)) {
        return vec![(condition, because)];
    }
    let parts = parts(condition, because).into_iter();
    parts
        .flat_map(|(condition, because)| leaves(condition, because))
        .collect()
}

impl<'a> Explanation<'a> {
    fn borrowed((condition, because): (&'a Domain, &'a Because)) -> Self {
        Self {
            condition: Cow::Borrowed(condition),
            because: Cow::Borrowed(because),
        }
    }

    fn leaf(&self) -> Option<&Leaf> {
        match &self.because.reason {
            Reason::Leaf(leaf) => Some(leaf),
            Reason::All(_) | Reason::Any(_) | Reason::Not(_) => None,
        }
    }

    /// What the caller must be allowed to read to see what was found.
    fn scopes(&self) -> Scopes {
        scopes(&self.condition)
    }
}

/// Why a condition, or a part of one, holds or does not hold for a profile.
#[Object]
impl Explanation<'_> {
    /// Whether it holds.
    async fn holds(&self) -> bool {
        self.because.holds
    }

    /// The first instant at which time alone may change that. Null means that time alone never does.
    async fn until(&self) -> Option<DateTime> {
        self.because.until.map(Into::into)
    }

    /// What is asked.
    async fn condition(&self) -> Condition<'_> {
        self.condition.as_ref().into()
    }

    /// What is asked, as a sentence without its subject.
    fn sentence(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the sentence.",
            default_with = "Language::English"
        )]
        language: Language,
    ) -> Result<String, ApiError> {
        let currency = ctx.app().deployment().currency;
        let sentence = describe(&self.condition, language.into(), currency);
        take(ctx, sentence.len())?;
        Ok(sentence)
    }

    /// The parts of `all`, `any` or `not`, in the order of the condition; empty for a test.
    async fn parts(&self) -> Vec<Explanation<'_>> {
        let parts = parts(&self.condition, &self.because).into_iter();
        parts.map(Explanation::borrowed).collect()
    }

    /// The tests in it, of any depth, in the order of the condition. A test alone has itself.
    async fn leaves(&self) -> Vec<Explanation<'_>> {
        let leaves = leaves(&self.condition, &self.because).into_iter();
        leaves.map(Explanation::borrowed).collect()
    }

    /// The value that was tested. It needs the scope to read what the test is about: `segments:read` of a segment, `scores:read` of a
    /// score, else `profiles:read`. Null where this is no test, or without the scope.
    async fn found(&self, ctx: &Context<'_>) -> Option<Result<Found<'_>, ApiError>> {
        let leaf = self.leaf()?;
        allowed_all(ctx, self.scopes(), async { Ok(Some(Found(&leaf.found))) }).await
    }

    /// The touchpoints that decided it. It needs the scope `profiles:read`. Null where it is no test, or none of touchpoints, or without
    /// the scope.
    async fn touchpoints(
        &self,
        ctx: &Context<'_>,
    ) -> Option<Result<TouchpointEvidence<'_>, ApiError>> {
        let Evidence::Touchpoints(named) = &self.leaf()?.evidence else {
            return None;
        };
        allowed_all(ctx, self.scopes(), async {
            Ok(Some(TouchpointEvidence(named)))
        })
        .await
    }

    /// The purchases that decided it. It needs the scope `profiles:read`. Null where it is no test, or none of purchases, or without the
    /// scope.
    async fn purchases(&self, ctx: &Context<'_>) -> Option<Result<PurchaseEvidence<'_>, ApiError>> {
        let Evidence::Purchases(named) = &self.leaf()?.evidence else {
            return None;
        };
        allowed_all(ctx, self.scopes(), async {
            Ok(Some(PurchaseEvidence(named)))
        })
        .await
    }

    /// What would change it first. It needs the scope to read what the test is about, as `found` does. Null where this is no test, or
    /// nothing changes it that may be added or by time, or without the scope.
    async fn change(&self, ctx: &Context<'_>) -> Option<Result<NearestChange<'_>, ApiError>> {
        let change = self.leaf()?.change;
        if change == Change::default() {
            return None;
        }
        allowed_all(ctx, self.scopes(), async {
            Ok(Some(NearestChange {
                condition: &self.condition,
                holds: self.because.holds,
                change,
            }))
        })
        .await
    }
}

/// What changes a test, as the schema shows it.
pub struct NearestChange<'a> {
    condition: &'a Domain,
    holds: bool,
    change: Change,
}

/// What would change the answer of a test first.
#[Object]
impl NearestChange<'_> {
    /// When time alone may change it. Null means that time alone never does.
    async fn at(&self) -> Option<DateTime> {
        self.change.at.map(Into::into)
    }

    /// What would make an unmet test hold, or keep one that holds from turning false. Null means that nothing that may be added does.
    async fn needs(&self) -> Option<Need> {
        self.change.needs.map(Into::into)
    }

    /// The same for people: `one more order before 3 December 2026`. Instants are in UTC.
    fn sentence(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the sentence.",
            default_with = "Language::English"
        )]
        language: Language,
    ) -> Result<Option<String>, ApiError> {
        let currency = ctx.app().deployment().currency;
        let sentence = describe_change(
            self.condition,
            self.holds,
            &self.change,
            language.into(),
            currency,
        );
        take(ctx, sentence.as_ref().map_or(0, String::len))?;
        Ok(sentence)
    }
}

/// What a test lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum NeedKind {
    /// So many more touchpoints that pass the filter.
    Touchpoints,
    /// So many more purchases that pass.
    Purchases,
    /// So many more values that are not there yet.
    DifferentValues,
    /// Numbers of the property that add up to so much.
    Sum,
    /// So much more spend, in major units of the deployment's currency.
    Spend,
    /// The touchpoint that comes first in a sequence and, where another must follow it, that one too.
    First,
    /// The touchpoint that follows in a sequence.
    Then,
}

/// What would have to happen.
#[derive(Clone, Copy, Debug, PartialEq, SimpleObject)]
pub struct Need {
    /// What is lacking.
    kind: NeedKind,
    /// How much of it. Null for a step of a sequence.
    quantity: Option<f64>,
    /// Until when that is enough; later more may be needed. Null means that it is enough whenever it happens.
    before: Option<DateTime>,
}

impl From<Needs> for Need {
    fn from(needs: Needs) -> Self {
        let (kind, quantity) = match needs.lack {
            Lack::Touchpoints(count) => (NeedKind::Touchpoints, Some(f64::from(count))),
            Lack::Purchases(count) => (NeedKind::Purchases, Some(f64::from(count))),
            Lack::DifferentValues(count) => (NeedKind::DifferentValues, Some(f64::from(count))),
            Lack::Sum(number) => (NeedKind::Sum, Some(number.get())),
            Lack::Spend(amount) => (NeedKind::Spend, Some(amount.get())),
            Lack::First => (NeedKind::First, None),
            Lack::Then => (NeedKind::Then, None),
        };
        Self {
            kind,
            quantity,
            before: needs.before.map(Into::into),
        }
    }
}
