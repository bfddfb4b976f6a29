//! The viewer in the storefront's schema.

mod types;

use async_graphql::{Context, Object};

pub use self::types::{VisitorIdentifier, VisitorPurchase, VisitorTouchpoint, VisitorTrait};
use super::service::{self, View};
use crate::auth::caller::Caller;
use crate::error::{ApiError, Error};
use crate::graphql::{Connection, ContextExt, Paging, wants_total};
use crate::profile::graphql::Summary;

/// A view as the storefront's schema shows it.
pub struct Viewer(View);

/// What is known of the visitor: what verified links tie to the visitor token.
#[Object]
impl Viewer {
    /// The visitor's identifiers, the strongest namespace first.
    async fn identifiers(&self, ctx: &Context<'_>) -> Result<Vec<VisitorIdentifier>, ApiError> {
        let found = self.0.identifiers(ctx.app()).await?;
        Ok(found.into_iter().map(VisitorIdentifier).collect())
    }

    /// The traits that have a value, by name.
    async fn traits(
        &self,
        #[graphql(
            desc = "Only traits of these names, at most 500. Null means all.",
            validator(max_items = 500)
        )]
        names: Option<Vec<String>>,
    ) -> Vec<VisitorTrait<'_>> {
        VisitorTrait::all(&self.0.projection, names.as_deref())
    }

    /// The trait of this name. Null means that it has no value.
    async fn r#trait(
        &self,
        #[graphql(desc = "The name of the trait.")] name: String,
    ) -> Option<VisitorTrait<'_>> {
        VisitorTrait::all(&self.0.projection, Some(&[name])).pop()
    }

    /// What the touchpoints and purchases add up to.
    async fn summary(&self, ctx: &Context<'_>) -> Summary<'_> {
        let currency = ctx.app().deployment().currency;
        Summary {
            projection: &self.0.projection,
            purchases: self.0.summary,
            currency,
        }
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
    fn purchases(
        &self,
        #[graphql(desc = "The most items; at most 250. Null means 20.")] first: Option<i32>,
        #[graphql(desc = "Only items after this cursor. Null means from the start.")] after: Option<
            String,
        >,
    ) -> Result<Connection<VisitorPurchase>, ApiError> {
        let paging = Paging::read("viewer.purchase", first, after, None, None)?;
        Ok(paging.connection(self.0.purchases(&paging.page), VisitorPurchase))
    }

    /// Whether this is all that is known of the visitor, or only what was collected under the ids of the visitor token.
    async fn whole(&self) -> bool {
        self.0.whole
    }

    /// Counts the changes of what is known, so that an older answer is told from a newer one.
    async fn version(&self) -> i64 {
        self.0.version
    }
}

/// The entry to what a visitor may read.
#[derive(Default)]
pub struct ViewerQuery;

/// The entry to what a visitor may read.
#[Object(name = "Query")]
impl ViewerQuery {
    /// The visitor whose token the request carries. Null means that nothing is known of them yet.
    async fn viewer(&self, ctx: &Context<'_>) -> Option<Result<Viewer, ApiError>> {
        view(ctx).await.map_err(ApiError::from).transpose()
    }
}

async fn view(ctx: &Context<'_>) -> Result<Option<Viewer>, Error> {
    let caller = ctx.caller().ok_or(Error::Unauthenticated)?;
    let Caller::Visitor { subjects, .. } = caller else {
        return Err(Error::Forbidden {
            needs: "a visitor token".to_owned(),
        });
    };
    Ok(service::view(ctx.app(), caller, subjects)
        .await?
        .map(Viewer))
}
