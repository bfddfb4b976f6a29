//! The rules of stages and levels in the schema.

use async_graphql::{Context, InputObject, Object, SimpleObject};
use lazo_domain::access::Scope;
use lazo_domain::condition::{Number, Span as Length};
use lazo_domain::lifecycle::Tiers;
use lazo_domain::money::{Currency, Money as Amount};

use crate::condition::graphql::Span;
use crate::error::{ApiError, Error, Violation};
use crate::graphql::{ContextExt, DateTime, Money, UserError, check, settled};
use crate::lifecycle::Update;
use crate::lifecycle::service::{self, RulesNow};

/// The rules by which lifecycle stages and pyramid levels are decided, and what the population measures.
#[derive(SimpleObject)]
pub struct LifecycleRules {
    /// How long after the first purchase a customer is new.
    new_customer_period: Span,
    /// From how many of their cycles without a purchase on a customer loses interest.
    first_factor: f64,
    /// From how many of their cycles without a purchase on a customer is lost.
    second_factor: f64,
    /// As how many intervals of a customer's own the interval of the population counts in their cycle.
    shrinkage: u32,
    /// How long after a purchase a customer is on one of the upper levels of the pyramid.
    pyramid_period: Span,
    /// How those are split by spend.
    tiers: PyramidTiers,
    /// The median interval between purchases of all customers. Null before it is measured; 60 days stand in for it.
    population_gap: Option<Span>,
    /// Where the upper levels begin. Null before that is measured: until then all who bought within the period are `SMALL`.
    boundaries: Option<PyramidBoundaries>,
    /// As of when the population was measured; once a day it is again. Null if it never was by these rules.
    measured_at: Option<DateTime>,
}

/// How many of those who bought within the period are on each level, in percent; the rest is `SMALL`.
#[derive(Clone, Copy, InputObject, SimpleObject)]
#[graphql(input_name = "PyramidTiersInput")]
pub struct PyramidTiers {
    /// On `TOP`.
    top: f64,
    /// On `LARGE`.
    large: f64,
    /// On `MEDIUM`.
    medium: f64,
}

/// Above which spend within the period each level begins.
#[derive(SimpleObject)]
pub struct PyramidBoundaries {
    /// Of `TOP`. Null means that any spend will do.
    top: Option<Money>,
    /// Of `LARGE`. Null means that any spend will do.
    large: Option<Money>,
    /// Of `MEDIUM`. Null means that any spend will do.
    medium: Option<Money>,
}

/// Changes of the rules; what is left out stays.
#[derive(InputObject)]
pub struct LifecycleRulesUpdateInput {
    /// How long after the first purchase a customer is new.
    new_customer_period: Option<Span>,
    /// From how many of their cycles without a purchase on a customer loses interest: more than 0, and less than the second factor.
    first_factor: Option<f64>,
    /// From how many of their cycles without a purchase on a customer is lost: at most 1,000.
    second_factor: Option<f64>,
    /// As how many intervals of a customer's own the interval of the population counts in their cycle: 0 to 1,000.
    shrinkage: Option<u32>,
    /// How long after a purchase a customer is on one of the upper levels of the pyramid.
    pyramid_period: Option<Span>,
    /// How those are split by spend: each more than 0 percent, all of them at most 100.
    tiers: Option<PyramidTiers>,
}

/// What becomes of the rules.
#[derive(SimpleObject)]
pub struct LifecycleRulesUpdatePayload {
    /// The rules as they are now. All profiles are decided by them in the background. Null means that nothing was changed.
    rules: Option<LifecycleRules>,
    /// What the caller can mend.
    user_errors: Vec<UserError>,
}

/// How to measure the population.
#[derive(InputObject)]
pub struct LifecycleMeasureInput {
    /// Whether only to say what the rules would become, and to keep nothing of it.
    #[graphql(default)]
    dry_run: bool,
}

/// What the population measures.
#[derive(SimpleObject)]
pub struct LifecycleMeasurePayload {
    /// The rules with what was measured. Null means that nothing was.
    rules: Option<LifecycleRules>,
    /// What the caller can mend.
    user_errors: Vec<UserError>,
}

impl LifecycleRules {
    pub(super) fn of(now: &RulesNow, currency: Currency) -> Self {
        let rules = &now.rules;
        let money = |minor: i64| Money(Amount { minor, currency });
        Self {
            new_customer_period: rules.new_customer_period.into(),
            first_factor: rules.first_factor.get(),
            second_factor: rules.second_factor.get(),
            shrinkage: rules.shrinkage,
            pyramid_period: rules.pyramid_period.into(),
            tiers: PyramidTiers {
                top: rules.tiers.top.get(),
                large: rules.tiers.large.get(),
                medium: rules.tiers.medium.get(),
            },
            population_gap: rules.population_gap.map(Into::into),
            boundaries: rules.spend_boundaries.map(|one| PyramidBoundaries {
                top: one.top.map(money),
                large: one.large.map(money),
                medium: one.medium.map(money),
            }),
            measured_at: now.measured_at.map(Into::into),
        }
    }
}

impl LifecycleRulesUpdateInput {
    fn update(&self) -> Result<Update, Error> {
        let mut wrong = Vec::new();
        let mut span = |field: &str, given: Option<&Span>| {
            let read = given.map(Span::span);
            if matches!(read, Some(Err(_))) {
                let message = "A span is a whole number and w, d, h, m (minutes) or s, such as 14d, from 1s to 36525d.";
                wrong.push(Violation::of(field, "INVALID", message));
            }
            read.and_then(Result::ok)
        };
        let new_customer_period: Option<Length> =
            span("newCustomerPeriod", self.new_customer_period.as_ref());
        let pyramid_period = span("pyramidPeriod", self.pyramid_period.as_ref());
        let mut number = |field: &str, given: f64| {
            let read = Number::try_from(given).ok();
            if read.is_none() {
                wrong.push(Violation::of(field, "INVALID", "This is not a number."));
            }
            read
        };
        let first_factor = self.first_factor.and_then(|one| number("firstFactor", one));
        let second_factor = self
            .second_factor
            .and_then(|one| number("secondFactor", one));
        let tiers = self.tiers.and_then(|tiers| {
            Some(Tiers {
                top: number("tiers", tiers.top)?,
                large: number("tiers", tiers.large)?,
                medium: number("tiers", tiers.medium)?,
            })
        });
        if !wrong.is_empty() {
            return Err(Error::Invalid(wrong));
        }
        Ok(Update {
            new_customer_period,
            first_factor,
            second_factor,
            shrinkage: self.shrinkage,
            pyramid_period,
            tiers,
        })
    }
}

/// What can be changed of lifecycle stages and pyramid levels.
#[derive(Default)]
pub struct LifecycleMutation;

#[Object]
impl LifecycleMutation {
    /// Changes the rules by which stages and levels are decided, also those of the past.
    async fn lifecycle_rules_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: LifecycleRulesUpdateInput,
    ) -> Option<Result<LifecycleRulesUpdatePayload, ApiError>> {
        Some(update(ctx, &input).await)
    }

    /// Measures the population now: how long customers usually take from one purchase to the next, and where the levels begin.
    async fn lifecycle_measure(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How to measure.")] input: LifecycleMeasureInput,
    ) -> Option<Result<LifecycleMeasurePayload, ApiError>> {
        Some(measure(ctx, &input).await)
    }
}

async fn update(
    ctx: &Context<'_>,
    input: &LifecycleRulesUpdateInput,
) -> Result<LifecycleRulesUpdatePayload, ApiError> {
    let caller = check(ctx, Scope::SegmentsWrite)?;
    let outcome = match input.update() {
        Ok(update) => service::update(ctx.app(), caller, &update).await,
        Err(error) => Err(error),
    };
    let (now, user_errors) = settled(outcome)?;
    let rules = now.map(|now| LifecycleRules::of(&now, ctx.app().deployment().currency));
    Ok(LifecycleRulesUpdatePayload { rules, user_errors })
}

async fn measure(
    ctx: &Context<'_>,
    input: &LifecycleMeasureInput,
) -> Result<LifecycleMeasurePayload, ApiError> {
    let caller = check(ctx, Scope::SegmentsWrite)?;
    let outcome = service::measure(ctx.app(), caller, input.dry_run).await;
    let (now, user_errors) = settled(outcome)?;
    let rules = now.map(|now| LifecycleRules::of(&now, ctx.app().deployment().currency));
    Ok(LifecycleMeasurePayload { rules, user_errors })
}
