//! The viewer in the storefront's schema.

mod consent;
mod record;
mod types;

use async_graphql::{Context, Object};

pub use self::consent::{ConsentSetInput, ConsentSetPayload, VisitorConsent};
pub use self::record::{
    PageOrigin, ViewerMutation, VisitorTouchpointInput, VisitorTouchpointResult,
    VisitorTouchpointType, VisitorTouchpointsRecordInput, VisitorTouchpointsRecordPayload,
};
pub use self::types::{
    VisitorIdentifier, VisitorPurchase, VisitorScore, VisitorTouchpoint, VisitorTrait,
};
use super::service::{self, View};
use crate::auth::caller::Caller;
use crate::condition::graphql::{LifecycleStage, PyramidLevel};
use crate::error::{ApiError, Error};
use crate::graphql::{AtHand, Connection, ContextExt, Paging, Written, WrittenList, wants_total};
use crate::profile::graphql::Summary;

/// A view as the storefront's schema shows it.
pub struct Viewer(View);

impl AtHand for Viewer {
    fn asks(field: &str) -> bool {
        matches!(field, "touchpoints" | "purchases" | "consents")
    }
}

/// What is known of the visitor: what verified links tie to the visitor token.
#[Object]
impl Viewer {
    /// The visitor's identifiers, the strongest namespace first.
    async fn identifiers(&self) -> WrittenList<VisitorIdentifier<'_>> {
        WrittenList(self.0.identifiers().map(VisitorIdentifier).collect())
    }

    /// The traits that have a value, by name.
    async fn traits(
        &self,
        #[graphql(
            desc = "Only traits of these names, at most 500. Null means all.",
            validator(max_items = 500)
        )]
        names: Option<Vec<String>>,
    ) -> WrittenList<VisitorTrait<'_>> {
        WrittenList(VisitorTrait::all(self.0.projection(), names.as_deref()))
    }

    /// The trait of this name. Null means that it has no value.
    async fn r#trait(
        &self,
        #[graphql(desc = "The name of the trait.")] name: String,
    ) -> Option<VisitorTrait<'_>> {
        VisitorTrait::of(self.0.projection(), &name)
    }

    /// What the touchpoints and purchases add up to.
    async fn summary(&self, ctx: &Context<'_>) -> Result<Written<Summary<'_>>, ApiError> {
        let currency = ctx.app().deployment().currency;
        Ok(Written(Summary {
            projection: self.0.projection(),
            purchases: self.0.summary(ctx.app()).await?,
            currency,
        }))
    }

    /// The lifecycle stage: where the visitor is between the first visit and the last order. Null unless all that is known of the
    /// visitor is shown.
    async fn stage(&self) -> Option<LifecycleStage> {
        self.0.stage().map(Into::into)
    }

    /// The level of the customer pyramid. Null unless all that is known of the visitor is shown.
    async fn level(&self) -> Option<PyramidLevel> {
        self.0.level().map(Into::into)
    }

    /// What the visitor did, the newest first.
    async fn touchpoints(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The most items; at most 250. Null means 20.")] first: Option<i32>,
        #[graphql(desc = "Only items after this cursor. Null means from the start.")] after: Option<
            String,
        >,
    ) -> Result<Connection<VisitorTouchpoint>, ApiError> {
        let paging = Paging::read("viewer.touchpoint", first, after, None, None)?;
        let listed = self
            .0
            .touchpoints(ctx.app(), &paging.page, wants_total(ctx))
            .await?;
        Ok(paging.connection(listed, VisitorTouchpoint))
    }

    /// What the visitor bought, the newest first; what was not placed yet comes last.
    async fn purchases(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The most items; at most 250. Null means 20.")] first: Option<i32>,
        #[graphql(desc = "Only items after this cursor. Null means from the start.")] after: Option<
            String,
        >,
    ) -> Result<Connection<VisitorPurchase>, ApiError> {
        let paging = Paging::read("viewer.purchase", first, after, None, None)?;
        let listed = self.0.purchases(ctx.app(), &paging.page).await?;
        Ok(paging.connection(listed, VisitorPurchase))
    }

    /// Whether this is all that is known of the visitor, or only what was collected under the ids of the visitor token.
    async fn whole(&self) -> bool {
        self.0.whole()
    }

    /// The keys of the segments of which the visitor is a member now, in their order. Empty unless this is all that is known of the
    /// visitor.
    async fn segments(&self, ctx: &Context<'_>) -> Vec<&str> {
        self.0.segments(ctx.app().now()).collect()
    }

    /// What the visitor scores now, by the keys of the models. Empty unless this is all that is known of the visitor.
    async fn scores(&self, ctx: &Context<'_>) -> WrittenList<VisitorScore<'_>> {
        let now = ctx.app().now();
        let scores = self.0.scores(now);
        WrittenList(scores.map(|held| VisitorScore { held, now }).collect())
    }

    /// Where the visitor's consent stands to every purpose that people decide about, by what was decided in what is shown here.
    async fn consents(&self, ctx: &Context<'_>) -> Result<Vec<VisitorConsent>, ApiError> {
        let held = self.0.consents(ctx.app()).await?;
        Ok(held.into_iter().map(VisitorConsent).collect())
    }

    /// Counts the changes of what is known, so that an older answer is told from a newer one.
    async fn version(&self) -> i64 {
        self.0.version()
    }
}

/// The entry to what a visitor may read.
#[derive(Default)]
pub struct ViewerQuery;

/// The entry to what a visitor may read.
#[Object(name = "Query")]
impl ViewerQuery {
    /// The visitor whose token the request carries. Null means that nothing is known of them yet.
    async fn viewer(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "A version that the viewer had, as a read or a write has answered it: what is older is read anew. Null means any."
        )]
        min_version: Option<i64>,
    ) -> Option<Result<Written<Viewer>, ApiError>> {
        let viewer = view(ctx, min_version).await;
        let viewer = viewer.map_err(ApiError::from).transpose()?;
        Some(viewer.map(Written))
    }
}

async fn view(ctx: &Context<'_>, min_version: Option<i64>) -> Result<Option<Viewer>, Error> {
    let (caller, subjects) = visitor(ctx)?;
    Ok(service::view(ctx.app(), caller, subjects, min_version)
        .await?
        .map(Viewer))
}

/// A namespace and a value of it, by which a visitor token knows its visitor.
type Subject = (String, String);

/// The caller, who must be a visitor, and the subjects of the token.
fn visitor<'a>(ctx: &'a Context<'_>) -> Result<(&'a Caller, &'a [Subject]), Error> {
    let caller = ctx.caller().ok_or(Error::Unauthenticated)?;
    let Caller::Visitor { subjects, .. } = caller else {
        return Err(Error::Forbidden {
            needs: "a visitor token".to_owned(),
        });
    };
    Ok((caller, subjects))
}
