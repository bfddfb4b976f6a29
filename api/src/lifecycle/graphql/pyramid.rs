//! How many profiles are in each stage and on each level, and how they move, in the schema.

use async_graphql::{Context, Object, SimpleObject};
use lazo_domain::access::Scope;
use lazo_domain::clock::Timestamp;
use lazo_domain::condition::Number;
use lazo_domain::lifecycle::{Level, Stage};
use lazo_domain::money::{Currency, Money as Amount};

use super::LifecycleRules;
use crate::condition::graphql::{LifecycleStage, PyramidLevel};
use crate::error::ApiError;
use crate::graphql::{ContextExt, DateTime, Money, needs};
use crate::lifecycle::read::{Cell, Placed, Share};
use crate::lifecycle::service;
use crate::segment::graphql::past;

/// Those who are in a lifecycle stage.
#[derive(SimpleObject)]
pub struct LifecycleStageShare {
    /// The stage.
    stage: LifecycleStage,
    /// How many profiles are in it.
    count: u64,
    /// What they spent by now and did not get back.
    revenue: Money,
    /// What part of all profiles they are, from 0 to 1.
    share: f64,
    /// What part of all revenue is theirs, from 0 to 1.
    revenue_share: f64,
}

/// Those who are on a level of the pyramid.
#[derive(SimpleObject)]
pub struct PyramidLevelShare {
    /// The level.
    level: PyramidLevel,
    /// How many profiles are on it.
    count: u64,
    /// What they spent by now and did not get back.
    revenue: Money,
    /// What part of all profiles they are, from 0 to 1.
    share: f64,
    /// What part of all revenue is theirs, from 0 to 1.
    revenue_share: f64,
}

/// Those who went from one lifecycle stage to another, or stayed.
#[derive(SimpleObject)]
pub struct LifecycleMigrationCell {
    /// The stage at the beginning. Null means that they were not there yet.
    from: Option<LifecycleStage>,
    /// The stage at the end.
    to: LifecycleStage,
    /// How many profiles.
    count: u64,
    /// What they spent by now and did not get back.
    revenue: Money,
}

/// Those who went from one level of the pyramid to another, or stayed.
#[derive(SimpleObject)]
pub struct PyramidMigrationCell {
    /// The level at the beginning. Null means that they were not there yet.
    from: Option<PyramidLevel>,
    /// The level at the end.
    to: PyramidLevel,
    /// How many profiles.
    count: u64,
    /// What they spent by now and did not get back.
    revenue: Money,
}

/// What can be read of lifecycle stages and pyramid levels.
#[derive(Default)]
pub struct LifecycleQuery;

#[Object]
impl LifecycleQuery {
    /// How many profiles are in each lifecycle stage.
    #[graphql(guard = "needs(Scope::SegmentsRead)")]
    async fn lifecycle(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An instant of the past. Null means now.")] as_of: Option<DateTime>,
    ) -> Result<Vec<LifecycleStageShare>, ApiError> {
        let part = |part: Part<Stage>| LifecycleStageShare {
            stage: part.place.into(),
            count: part.count,
            revenue: part.revenue,
            share: part.share,
            revenue_share: part.revenue_share,
        };
        let parts = parts(ctx, &Stage::ALL, as_of).await?;
        Ok(parts.into_iter().map(part).collect())
    }

    /// How many profiles are on each level of the customer pyramid.
    #[graphql(guard = "needs(Scope::SegmentsRead)")]
    async fn pyramid(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An instant of the past. Null means now.")] as_of: Option<DateTime>,
    ) -> Result<Vec<PyramidLevelShare>, ApiError> {
        let part = |part: Part<Level>| PyramidLevelShare {
            level: part.place.into(),
            count: part.count,
            revenue: part.revenue,
            share: part.share,
            revenue_share: part.revenue_share,
        };
        let parts = parts(ctx, &Level::ALL, as_of).await?;
        Ok(parts.into_iter().map(part).collect())
    }

    /// Who went from which lifecycle stage to which between two dates, those who stayed included; without the pairs that nobody makes.
    #[graphql(guard = "needs(Scope::SegmentsRead)")]
    async fn lifecycle_migration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The beginning, an instant of the past.")] from: DateTime,
        #[graphql(desc = "The end, an instant of the past that is not before the beginning.")]
        to: DateTime,
    ) -> Result<Vec<LifecycleMigrationCell>, ApiError> {
        let currency = ctx.app().deployment().currency;
        let cell = |cell: Cell<Stage>| LifecycleMigrationCell {
            from: cell.from.map(Into::into),
            to: cell.to.into(),
            count: cell.count,
            revenue: money(cell.revenue, currency),
        };
        let (from, to) = dates(ctx, from, to)?;
        let cells = service::migration(ctx.app(), ctx.caller(), from, to).await?;
        Ok(cells.into_iter().map(cell).collect())
    }

    /// Who went from which level of the pyramid to which between two dates, those who stayed included; without the pairs that nobody
    /// makes.
    #[graphql(guard = "needs(Scope::SegmentsRead)")]
    async fn pyramid_migration(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The beginning, an instant of the past.")] from: DateTime,
        #[graphql(desc = "The end, an instant of the past that is not before the beginning.")]
        to: DateTime,
    ) -> Result<Vec<PyramidMigrationCell>, ApiError> {
        let currency = ctx.app().deployment().currency;
        let cell = |cell: Cell<Level>| PyramidMigrationCell {
            from: cell.from.map(Into::into),
            to: cell.to.into(),
            count: cell.count,
            revenue: money(cell.revenue, currency),
        };
        let (from, to) = dates(ctx, from, to)?;
        let cells = service::migration(ctx.app(), ctx.caller(), from, to).await?;
        Ok(cells.into_iter().map(cell).collect())
    }

    /// The rules by which stages and levels are decided.
    #[graphql(guard = "needs(Scope::SegmentsRead)")]
    async fn lifecycle_rules(&self, ctx: &Context<'_>) -> Result<LifecycleRules, ApiError> {
        let now = service::rules(ctx.app()).await?;
        Ok(LifecycleRules::of(&now, ctx.app().deployment().currency))
    }
}

/// Those who are in one place, as a part of all.
struct Part<T> {
    place: T,
    count: u64,
    revenue: Money,
    share: f64,
    revenue_share: f64,
}

/// All places in their order, also those where nobody is.
async fn parts<T: Placed>(
    ctx: &Context<'_>,
    places: &[T],
    as_of: Option<DateTime>,
) -> Result<Vec<Part<T>>, ApiError> {
    let (app, instant) = (ctx.app(), past(ctx, as_of)?);
    let shares: Vec<Share<T>> = service::shares(app, ctx.caller(), instant).await?;
    let currency = app.deployment().currency;
    let all: u64 = shares.iter().map(|share| share.count).sum();
    let revenue: i128 = shares.iter().map(|share| i128::from(share.revenue)).sum();
    let part = |place: &T| {
        let here = shares.iter().find(|share| share.place == *place);
        let (count, minor) = here.map_or((0, 0), |share| (share.count, share.revenue));
        Part {
            place: *place,
            count,
            revenue: money(minor, currency),
            share: ratio(count.into(), all.into()),
            revenue_share: ratio(minor.into(), revenue),
        }
    };
    Ok(places.iter().map(part).collect())
}

/// Two dates, neither of which may be to come.
fn dates(
    ctx: &Context<'_>,
    from: DateTime,
    to: DateTime,
) -> Result<(Timestamp, Timestamp), ApiError> {
    for date in [from, to] {
        past(ctx, Some(date))?;
    }
    Ok((from.0, to.0))
}

fn money(minor: i64, currency: Currency) -> Money {
    Money(Amount { minor, currency })
}

/// A part of a whole to six digits; 0 of nothing.
fn ratio(part: i128, whole: i128) -> f64 {
    const ONE: i128 = 1_000_000;
    let micros = (part * ONE).checked_div(whole).unwrap_or_default();
    Number::from_micros(i64::try_from(micros).unwrap_or_default()).get()
}
