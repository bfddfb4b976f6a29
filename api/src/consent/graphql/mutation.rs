//! Writing decisions down.

use async_graphql::{Context, Object, SimpleObject};
use lazo_domain::access::Scope;

use super::{ConsentRecord, ConsentRecordInput};
use crate::consent::service;
use crate::error::ApiError;
use crate::graphql::{ContextExt, UserError, allowed, check, settled};
use crate::profile::graphql::{Profile, readable};

/// A decision that was written down.
#[derive(SimpleObject)]
pub struct ConsentRecordPayload {
    /// The record. Null means that nothing was written down.
    record: Option<ConsentRecord>,
    /// The profile as it is then. Null means that nothing was written down, or that the caller lacks the scope `profiles:read`.
    profile: Option<Profile>,
    /// What the caller can mend; empty if the decision was written down.
    user_errors: Vec<UserError>,
}

/// Writing decisions down.
#[derive(Default)]
pub struct ConsentMutation;

#[Object]
impl ConsentMutation {
    /// Writes down what a person decided about a purpose. Segments and scores that ask for it have changed when the answer comes. It
    /// needs the scope `consent:write`. Null means that the caller lacks it, or that an error was met.
    async fn consent_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The decision, and what shows it.")] input: ConsentRecordInput,
    ) -> Option<Result<ConsentRecordPayload, ApiError>> {
        allowed(ctx, Scope::ConsentWrite, async {
            let (app, caller) = (ctx.app(), check(ctx, Scope::ConsentWrite)?);
            let outcome = async {
                let record = input.read(app, caller)?;
                service::record(app, caller, record).await
            };
            let (done, user_errors) = settled(outcome.await)?;
            let (profile, record) = done.unzip();
            Ok(Some(ConsentRecordPayload {
                record: record.map(ConsentRecord::from),
                profile: readable(ctx, profile),
                user_errors,
            }))
        })
        .await
    }
}
