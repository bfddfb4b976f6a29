//! The touchpoints and purchases that decided a test.

use async_graphql::{Context, ID, Object};
use lazo_domain::access::Scope;
use lazo_domain::condition::evaluate::Named;
use lazo_domain::id::{PurchaseId, TouchpointId};

use crate::error::ApiError;
use crate::graphql::{ContextExt, PurchaseById, TouchpointById, allowed};
use crate::purchase::graphql::Purchase;
use crate::touchpoint::graphql::Touchpoint;

/// Touchpoints as the schema shows them.
pub struct TouchpointEvidence<'a>(pub &'a Named<TouchpointId>);

/// The touchpoints that decided a test: the latest 10 of them.
#[Object]
impl TouchpointEvidence<'_> {
    /// The global ids of the touchpoints, the latest last. They are opaque.
    async fn ids(&self) -> Vec<ID> {
        self.0.ids.iter().map(|id| id.to_string().into()).collect()
    }

    /// How many there are, with those that are not named.
    async fn total(&self) -> usize {
        self.0.total
    }

    /// The touchpoints that are named and still there, the latest last. It needs the scope `touchpoints:read`, and is null without it.
    async fn nodes(&self, ctx: &Context<'_>) -> Option<Result<Vec<Touchpoint>, ApiError>> {
        allowed(ctx, Scope::TouchpointsRead, async {
            let keys: Vec<_> = self.0.ids.iter().map(|id| TouchpointById(*id)).collect();
            let mut found = ctx.loaders().load_many(keys.iter().copied()).await?;
            let nodes = keys.iter().filter_map(|key| found.remove(key));
            Ok(Some(nodes.map(Touchpoint).collect()))
        })
        .await
    }
}

/// Purchases as the schema shows them.
pub struct PurchaseEvidence<'a>(pub &'a Named<PurchaseId>);

/// The purchases that decided a test: the latest 10 of them.
#[Object]
impl PurchaseEvidence<'_> {
    /// The global ids of the purchases, the latest last. They are opaque.
    async fn ids(&self) -> Vec<ID> {
        self.0.ids.iter().map(|id| id.to_string().into()).collect()
    }

    /// How many there are, with those that are not named.
    async fn total(&self) -> usize {
        self.0.total
    }

    /// The purchases that are named and still there, the latest last. It needs the scope `profiles:read`, and is null without it.
    async fn nodes(&self, ctx: &Context<'_>) -> Option<Result<Vec<Purchase>, ApiError>> {
        allowed(ctx, Scope::ProfilesRead, async {
            let keys: Vec<_> = self.0.ids.iter().map(|id| PurchaseById(*id)).collect();
            let mut found = ctx.loaders().load_many(keys.iter().copied()).await?;
            let nodes = keys.iter().filter_map(|key| found.remove(key));
            Ok(Some(nodes.map(Purchase).collect()))
        })
        .await
    }
}
